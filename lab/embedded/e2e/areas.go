package main

import (
	"regexp"
	"slices"
	"strings"
)

// areas are the specs that are asked for, by the beginning of their name.
var areas = regexp.MustCompile(`^\[sig-(` + strings.Join([]string{
	// The node agent.
	`node\] Probing container`,
	`node\] .*[Ss]idecar`,
	`node\] Container Lifecycle Hook`,
	`node\] InitContainer`,
	`node\] Container Runtime`,
	`node\] Container Restart`,
	`node\] Restart`,
	`node\] Containers`,
	`node\] Kubelet`,
	`node\] KubeletManagedEtcHosts`,
	`node\] Pods`,
	`node\] Ephemeral Containers`,
	`node\] Variable Expansion`,
	`node\] Downward API`,
	`node\] (ConfigMap|Secrets)`,
	`node\] Lease`, `node\] NodeLease`,
	`node\] PodTemplates`,
	`node\] PodOSRejection`,
	`node\] .*RestartAllContainers`,
	// Controllers.
	`apps\]`,
	`network\] EndpointSlice`,
}, "|") + ")")

// notAsked are labels of specs that take the cluster apart, or need a feature that is off in a new cluster.
var notAsked = []string{"Alpha", "Disruptive", "Feature:OffByDefault", "Flaky"}

func (s spec) asked() bool {
	return areas.MatchString(s.name) &&
		!slices.ContainsFunc(notAsked, func(label string) bool { return slices.Contains(s.labels, label) })
}
