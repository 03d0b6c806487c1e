package main

import (
	"flag"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"
	"k8s.io/kubernetes/test/e2e/framework"
	"k8s.io/kubernetes/test/e2e/framework/config"

	// The specs: importing them registers them with Ginkgo.
	_ "k8s.io/kubernetes/test/e2e/apps"
	_ "k8s.io/kubernetes/test/e2e/common/node"
	_ "k8s.io/kubernetes/test/e2e/network"
)

// specCommand makes this program run one spec. Ginkgo's and Kubernetes' flags follow.
const specCommand = "spec"

// spec is one of Kubernetes' specs.
type spec struct {
	name   string // without labels that are labels only
	labels []string
}

// serial specs want the cluster for themselves.
func (s spec) serial() bool { return slices.Contains(s.labels, "Serial") }

// patient is 1 for a spec that takes minutes, else 0.
func (s spec) patient() int {
	if slices.Contains(s.labels, "Slow") {
		return 1
	}
	return 0
}

// allSpecs lists what is registered, without running anything.
func allSpecs() []spec {
	var specs []spec
	for _, report := range ginkgo.PreviewSpecs("e2e").SpecReports {
		if report.LeafNodeType == types.NodeTypeIt {
			specs = append(specs, spec{name: report.FullText(), labels: report.Labels()})
		}
	}
	return specs
}

// verdict takes what Ginkgo thinks, since there is no testing.T here.
type verdict struct{ failed bool }

// Fail implements ginkgo.GinkgoTestingT.
func (v *verdict) Fail() { v.failed = true }

// runFocused runs what args choose, flags as Kubernetes' own e2e.test has them, and returns the exit code.
func runFocused(args []string) int {
	config.CopyFlags(config.Flags, flag.CommandLine)
	framework.RegisterCommonFlags(flag.CommandLine)
	framework.RegisterClusterFlags(flag.CommandLine)
	if err := flag.CommandLine.Parse(args); err != nil {
		return 2
	}
	framework.AfterReadingAllFlags(&framework.TestContext)
	gomega.RegisterFailHandler(framework.Fail)
	suite, reporter := framework.CreateGinkgoConfig()
	v := &verdict{}
	if !ginkgo.RunSpecs(v, "e2e", suite, reporter) || v.failed {
		return 1
	}
	return 0
}
