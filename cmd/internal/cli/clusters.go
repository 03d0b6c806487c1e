package cli

import (
	"context"
	"errors"
	"time"

	"healthlab/cmd/internal/terminal"
	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/tui"
)

// clusters is what a console can do about clusters; see tui.Clusters.
type clusters struct {
	kubeconfig string
	client     *cluster.Client // the session's; nil on the embedded cluster
	stderr     *redirectedStderr
	interrupts *terminal.Interrupts
	asking     chan struct{} // holds one for each server that is being asked
}

var _ tui.Clusters = (*clusters)(nil)

// newClusters is for a console on st's cluster, whose standard error is redirected.
func (o *options) newClusters(st *byHand, stderr *redirectedStderr, s Streams) *clusters {
	const atOnce = 8
	return &clusters{
		kubeconfig: o.kubeconfig, client: st.client, stderr: stderr, interrupts: s.Interrupts,
		asking: make(chan struct{}, atOnce),
	}
}

// Contexts lists what the kubeconfig offers.
func (c *clusters) Contexts() ([]lab.Context, error) { return cluster.Contexts(c.kubeconfig) }

// Ask asks a context's server for its version.
func (c *clusters) Ask(ctx context.Context, name string) (string, error) {
	select {
	case c.asking <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-c.asking }()
	return ask(ctx, c.kubeconfig, name)
}

// ask asks a context's server for its version, and waits a few seconds: a credential plug-in that hangs takes no notice of
// any context.
func ask(ctx context.Context, kubeconfig, name string) (string, error) {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		version string
		err     error
	}
	done := make(chan answer, 1)
	go func() {
		client, err := cluster.Open(cluster.Config{Kubeconfig: kubeconfig, Context: name, NoPrompt: true})
		if err != nil {
			done <- answer{err: err}
			return
		}
		defer client.Close()
		version, err := client.Version(ctx)
		done <- answer{version, err}
	}()
	select {
	case a := <-done:
		return a.version, a.err
	case <-ctx.Done():
		return "", lab.Errorf(ctx.Err(), "제때 답하지 않습니다", "no answer in time")
	}
}

// Login tries the credentials for a context. The terminal and Ctrl-C are the credential plug-in's meanwhile.
func (c *clusters) Login(ctx context.Context, name string) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.interrupts.Give(cancel)()
	c.stderr.undo()
	defer func() { err = errors.Join(err, c.stderr.redirect()) }()
	return cluster.Login(ctx, cluster.Config{Kubeconfig: c.kubeconfig, Context: name, Real: true})
}

// Remains tells what the labs have left on the session's cluster.
func (c *clusters) Remains(ctx context.Context) ([]lab.Remnant, error) {
	if c.client == nil {
		return nil, nil
	}
	return c.client.Remains(ctx)
}

// Delete deletes some of that.
func (c *clusters) Delete(ctx context.Context, remains []lab.Remnant, deleted func(lab.Remnant)) error {
	return c.client.Delete(ctx, remains, deleted)
}

// redirectedStderr is standard error while a console draws; see terminal.RedirectStderr.
type redirectedStderr struct {
	*running
	restore func()
}

func (d *redirectedStderr) redirect() (err error) {
	d.restore, err = terminal.RedirectStderr(d.logFile)
	return err
}

func (d *redirectedStderr) undo() {
	if d.restore != nil {
		d.restore()
		d.restore = nil
	}
}
