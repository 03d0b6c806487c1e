package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
)

// options are the runner's own flags.
type options struct {
	healthlab  string // starts a cluster of this program
	kubeconfig string // or this cluster is there already
	focus      string
	all        bool
	parallel   int
	out        string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == specCommand {
		os.Exit(runFocused(os.Args[2:]))
	}
	var o options
	flags := flag.NewFlagSet("e2e", flag.ExitOnError)
	flags.StringVar(&o.healthlab, "healthlab", "", "start the embedded cluster of this `program` and run against it")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "run against the cluster of this `file`")
	flags.StringVar(&o.focus, "focus", "", "only specs whose name matches this `expression`")
	flags.BoolVar(&o.all, "all", false, "run the exceptions too, and tell which of them pass")
	flags.IntVar(&o.parallel, "parallel", 8, "how many specs run at a time")
	flags.StringVar(&o.out, "out", filepath.Join(os.TempDir(), "healthlab-e2e"), "`directory` for the specs' outputs")
	_ = flags.Parse(os.Args[1:]) // it exits on errors
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	focus, err := regexp.Compile(o.focus)
	if err != nil {
		return fmt.Errorf("-focus: %w", err)
	}
	left, err := exceptions()
	if err != nil {
		return err
	}
	registered := allSpecs()
	if err := left.known(registered); err != nil {
		return err
	}
	var chosen []spec
	for _, s := range registered {
		if s.asked() && focus.MatchString(s.name) && (o.all || left[s.name] == "") {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no spec matches %q", o.focus)
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	if o.healthlab != "" {
		stop, err := o.startCluster(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	if o.kubeconfig == "" {
		return fmt.Errorf("say which cluster: -healthlab PROGRAM or -kubeconfig FILE")
	}
	return report(o, left, runAll(ctx, o, chosen))
}
