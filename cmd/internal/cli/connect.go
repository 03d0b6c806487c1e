package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"

	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/session"
)

// open makes a client for a cluster of a kubeconfig.
func (o *options) open(kubeconfig string, log *slog.Logger) (*cluster.Client, error) {
	config, err := o.config(kubeconfig, log)
	if err != nil {
		return nil, err
	}
	return cluster.Open(config)
}

// config says which cluster to open and how, after the flags.
func (o *options) config(kubeconfig string, log *slog.Logger) (cluster.Config, error) {
	self, err := os.Executable()
	if err != nil {
		return cluster.Config{}, fmt.Errorf("find healthlab's own binary: %w", err)
	}
	config := cluster.Config{
		Kubeconfig: kubeconfig, Namespace: o.namespace, Real: o.real(),
		KubectlCommand: []string{self, "kubectl"}, Log: log,
		Owner: owner(), Image: o.sample(),
	}
	if o.real() {
		config.Context, config.ReadOnly, config.DryRun = o.context, o.readOnly, o.dryRun
	}
	return config, nil
}

var _ session.Cluster = (*cluster.Client)(nil)

// openReal makes a client for the cluster that the flags choose, and asks for its version while the terminal is still free:
// a credential plug-in that wants to prompt can do so.
func (o *options) openReal(ctx context.Context, log *slog.Logger) (*cluster.Client, error) {
	client, err := o.open(o.kubeconfig, log)
	if err != nil {
		return nil, err
	}
	if _, err := client.Version(ctx); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// connectEmbedded starts the embedded cluster and opens it by its kubeconfig, like any other.
func (o *options) connectEmbedded(
	components io.Writer, log *slog.Logger,
) func(context.Context, func(lab.Component)) (session.Cluster, error) {
	return func(ctx context.Context, progress func(lab.Component)) (session.Cluster, error) {
		running, err := o.startEmbedded(ctx, progress, components)
		if err != nil {
			return nil, lab.Errorf(err, "내장 클러스터를 시작하지 못했습니다", "the embedded cluster did not start")
		}
		client, err := o.open(running.Kubeconfig(), log)
		if err != nil {
			if closeErr := running.Close(); closeErr != nil {
				log.Error("close the embedded cluster", "err", closeErr)
			}
			return nil, err
		}
		return &ownCluster{Client: client, running: running, log: log}, nil
	}
}

// ownCluster is a client that takes its cluster down with it.
type ownCluster struct {
	*cluster.Client
	running Embedded
	log     *slog.Logger
}

// Info adds where kubectl finds this cluster: a second healthlab on the machine has a kubeconfig of its own.
func (c *ownCluster) Info() lab.Cluster {
	info := c.Client.Info()
	info.Kubeconfig = c.running.Kubeconfig()
	return info
}

// Watch follows the cluster. When a part of it has ended by itself, it says which and why: what still answers is of no use.
func (c *ownCluster) Watch(ctx context.Context, emit func(lab.Change)) {
	alive, cancel := context.WithCancel(ctx)
	defer cancel()
	var watching sync.WaitGroup
	watching.Go(func() { c.Client.Watch(alive, emit) })
	select {
	case <-c.running.Done():
		cancel()
		watching.Wait()
		c.log.Error("the embedded cluster has stopped by itself", "err", c.running.Err())
		emit(lab.LinkChanged{Ended: true, Problem: lab.InFull(c.running.Err())})
	case <-ctx.Done():
		watching.Wait()
	}
}

// Close ends the connection, then the cluster.
func (c *ownCluster) Close() {
	c.Client.Close()
	if err := c.running.Close(); err != nil {
		c.log.Error("close the embedded cluster", "err", err)
	}
}

// startEmbedded starts the control plane and the node agent.
func (o *options) startEmbedded(
	ctx context.Context, progress func(lab.Component), components io.Writer,
) (Embedded, error) {
	running, err := o.parts.Start(ctx, StartOptions{
		State: o.state, Log: components, Progress: progress, FeatureGates: o.featureGates, StandIns: o.standIns,
	})
	if err == nil {
		settle()
	}
	return running, err
}

// stopping is what is said while the embedded cluster ends.
func stopping(lang lab.Lang) string {
	return lab.T("클러스터를 정리하는 중 …", "stopping the cluster …").In(lang)
}

// settle trades some of the collector's time for memory once the start, which needs the opposite, is over: the machine of
// a student has other things to hold. A GOGC of the user's own stands.
func settle() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	debug.FreeOSMemory()
}
