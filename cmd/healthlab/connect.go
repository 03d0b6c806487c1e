package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"

	"healthlab/assets/container"
	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/embedded"
	"healthlab/lab/session"
)

// embeddedName is how the console calls the cluster inside the process.
const embeddedName = embedded.ContextName

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

// connectEmbedded starts the embedded cluster and opens it by its kubeconfig, like any other.
func (o *options) connectEmbedded(
	components io.Writer, log *slog.Logger,
) func(context.Context, func(lab.Component)) (session.Cluster, error) {
	return func(ctx context.Context, progress func(lab.Component)) (session.Cluster, error) {
		running, err := o.startEmbedded(ctx, progress, components, log)
		if err != nil {
			return nil, &lab.Error{Msg: lab.Text{
				Ko: "내장 클러스터를 시작하지 못했습니다", En: "the embedded cluster did not start",
			}, Cause: err}
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
	running *embedded.Cluster
	log     *slog.Logger
}

// Info adds where kubectl finds this cluster: a second healthlab on the machine has a kubeconfig of its own.
func (c *ownCluster) Info() lab.Cluster {
	info := c.Client.Info()
	info.Kubeconfig = c.running.Kubeconfig()
	return info
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
	ctx context.Context, progress func(lab.Component), components io.Writer, log *slog.Logger,
) (*embedded.Cluster, error) {
	running, err := embedded.Start(ctx, embedded.Options{
		StateDir: o.state, Progress: progress, Log: components, ContainerProgram: container.Program(),
	})
	if err == nil {
		settle()
	}
	return running, err
}

// stopping is what is said while the embedded cluster ends.
func stopping(lang lab.Lang) string {
	return lang.Pick("클러스터를 정리하는 중 …", "stopping the cluster …")
}

// settle trades some of the collector's time for memory once the start, which needs the opposite, is over: the machine of
// a student has other things to hold. A GOGC of the user's own stands.
func settle() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	debug.FreeOSMemory()
}
