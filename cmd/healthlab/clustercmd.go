package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"healthlab/lab"
)

// newCluster runs only the embedded cluster, in the foreground.
func newCluster(o *options, s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "cluster",
		Short: "Run only the embedded cluster, in the foreground",
		Long: `Starts the Kubernetes inside the process, prints the line that makes kubectl use it, and
runs until Ctrl-C. What the cluster kept is gone afterwards.`,
		Example: `  healthlab cluster
  # in a second terminal:
  export KUBECONFIG=~/.local/state/healthlab/kubeconfig
  kubectl get nodes`,
		RunE: func(c *cobra.Command, _ []string) error {
			log, err := o.openLog()
			if err != nil {
				return err
			}
			defer log.Close()
			started := time.Now()
			running, err := o.startEmbedded(c.Context(), func(p lab.Component) {
				switch p.State {
				case lab.ComponentReady:
					fmt.Fprintf(s.err, "%-16s ready after %s\n", p.Name, p.Took.Round(time.Millisecond))
				case lab.ComponentFailed:
					fmt.Fprintf(s.err, "%-16s failed: %s\n", p.Name, p.Err)
				case lab.ComponentWaiting, lab.ComponentStarting:
				}
			}, log, slog.New(slog.NewTextHandler(log, nil)))
			if err != nil {
				return fmt.Errorf("start the embedded cluster: %w (log: %s)", err, log.Name())
			}
			fmt.Fprintf(s.err, "the cluster is up after %s; Ctrl-C ends it\n", time.Since(started).Round(time.Millisecond))
			fmt.Fprintf(s.out, "export KUBECONFIG=%s\n", running.Kubeconfig())
			select {
			case <-c.Context().Done():
				fmt.Fprintln(s.err, "stopping the cluster …")
			case <-running.Done():
				err = fmt.Errorf("the cluster has stopped by itself: %w (log: %s)", running.Err(), log.Name())
			}
			if closeErr := running.Close(); closeErr != nil && err == nil {
				err = fmt.Errorf("stop the embedded cluster: %w", closeErr)
			}
			return err
		},
	}
}
