package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/plugin"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// newKubectl is kubectl itself. It works on the running embedded cluster unless a flag or KUBECONFIG names another.
// The console starts it as a process of its own, since kubectl exits on errors.
func newKubectl(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "kubectl …",
		Short: "kubectl, wired to the running embedded cluster",
		Long: `kubectl inside the binary, for people who have none.

Without --kubeconfig and without KUBECONFIG it talks to the embedded cluster that
another healthlab (the console or 'healthlab cluster') is running.`,
		Example: `  healthlab kubectl -n healthchecks get pods -w
  healthlab kubectl -n healthchecks exec -it liveness-app -- sh`,
		DisableFlagParsing: true, // kubectl parses its own
		SilenceUsage:       true,
		RunE: func(_ *cobra.Command, args []string) error {
			if wantsEmbedded(args) {
				path := embeddedKubeconfig()
				if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
					return errors.New("no embedded cluster is running: start `healthlab` or `healthlab cluster` in another " +
						"terminal, or name a cluster with --kubeconfig or KUBECONFIG")
				}
				if err := os.Setenv("KUBECONFIG", path); err != nil {
					return fmt.Errorf("set KUBECONFIG: %w", err)
				}
			}
			runKubectl(s, args)
			return nil
		},
	}
}

// wantsEmbedded reports whether neither flags nor the environment name a cluster.
func wantsEmbedded(args []string) bool {
	if os.Getenv("KUBECONFIG") != "" {
		return false
	}
	return !slices.ContainsFunc(args, func(a string) bool {
		return a == "--kubeconfig" || strings.HasPrefix(a, "--kubeconfig=")
	})
}

// runKubectl exits the process when kubectl fails, as kubectl does.
func runKubectl(s streams, args []string) {
	streams := genericiooptions.IOStreams{In: s.in, Out: s.out, ErrOut: s.err}
	flags := genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().
		WithDiscoveryBurst(300).WithDiscoveryQPS(50).WithWarningPrinter(streams)
	command := cmd.NewDefaultKubectlCommandWithArgs(cmd.KubectlOptions{
		PluginHandler: cmd.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
		Arguments:     append([]string{"kubectl"}, args...),
		ConfigFlags:   flags,
		IOStreams:     streams,
	})
	command.SetArgs(args)
	if err := cli.RunNoErrOutput(command); err != nil {
		cmdutil.CheckErr(err)
	}
}
