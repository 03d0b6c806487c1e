package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	componentcli "k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/plugin"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"healthlab/assets/container"
	"healthlab/cmd/internal/cli"
	"healthlab/lab/embedded"
)

// parts are what of Kubernetes itself the command line needs.
func parts() cli.Parts {
	return cli.Parts{Start: startEmbedded, ContextName: embedded.ContextName, Kubectl: runKubectl}
}

// startEmbedded starts the control plane and the node agent; see cli.Starter.
func startEmbedded(ctx context.Context, o cli.StartOptions) (cli.Embedded, error) {
	running, err := embedded.Start(ctx, embedded.Options{
		StateDir: o.State, Progress: o.Progress, Log: o.Log, FeatureGates: o.FeatureGates, StandIns: o.StandIns,
		ContainerProgram: container.Program(),
	})
	if err != nil {
		return nil, err // of the interface's type, which a nil *embedded.Cluster would not be
	}
	return running, nil
}

// runKubectl exits the process when kubectl fails, as kubectl does.
func runKubectl(s cli.Streams, args []string) {
	standardSignals()
	streams := genericiooptions.IOStreams{In: s.In, Out: s.Out, ErrOut: s.Err}
	flags := genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().
		WithDiscoveryBurst(300).WithDiscoveryQPS(50).WithWarningPrinter(streams)
	command := cmd.NewDefaultKubectlCommandWithArgs(cmd.KubectlOptions{
		PluginHandler: cmd.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
		Arguments:     append([]string{"kubectl"}, args...),
		ConfigFlags:   flags,
		IOStreams:     streams,
	})
	command.SetArgs(args)
	if err := componentcli.RunNoErrOutput(command); err != nil {
		cmdutil.CheckErr(err)
	}
}

// standardSignals gives signals the meaning back that they have for kubectl, which healthlab has taken from them: to end the
// process at once, as does a closed stdout.
func standardSignals() {
	taken := []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE}
	// That a signal is ignored is undone only by asking for it first.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signal.Reset(taken...)
}
