package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/pprof"
	"strconv"
	"sync"

	"k8s.io/client-go/rest"

	"healthlab/lab"
	"healthlab/lab/witness"
)

const (
	// Version is the Kubernetes version that runs in the process.
	Version = "v1.37.2"
	// ContextName is the name of the only context in a run's kubeconfig.
	ContextName = "healthlab"
	// NodeName is the name of the only node.
	NodeName = witness.NodeName
)

// Options say how a cluster is started.
type Options struct {
	// StateDir is the user's state directory. It is made, with mode 0700, if it does not exist. The kubeconfig is written
	// there, and the run keeps its files in a directory of its own below it.
	StateDir string
	// Port is the API server's port on 127.0.0.1; 0 chooses a free one.
	Port int
	// Progress is told how far each component is, from one goroutine at a time: first each in the order in which they
	// come up, waiting; then every change. It must not block. It may be nil.
	Progress func(lab.Component)
	// ContainerProgram is the executable of cmd/container. Nil: containers are run by this program itself, whose main must
	// then begin with shim.Called.
	ContainerProgram []byte
	// FeatureGates are Kubernetes' features that are to be on or off, as in "H2CContainerProbe=true,Other=false". They hold for the
	// whole process as long as the cluster lives, so only one cluster at a time can have some. Names that Kubernetes does not know
	// are an error.
	FeatureGates string
	// StandIns has a stand-in run in place of each image that is not built in, unless its pod or namespace says otherwise.
	StandIns bool
	// Log is where the components log to, whole lines in a call. Kubernetes has one log for a process: with several
	// clusters in one, that of the last to start gets it. Nil discards the logs.
	Log io.Writer
}

// Cluster is a running Kubernetes. Its methods may be called from any goroutine.
type Cluster struct {
	stateDir   string
	components []component
	parts      []running
	run        *runDir
	listener   net.Listener
	log        *logSink
	config     *rest.Config
	resetGates func()

	watching sync.WaitGroup
	closing  chan struct{}
	close    func() error // once

	done chan struct{}
	once sync.Once
	err  error // written before done is closed
}

// Start brings a cluster up and returns when its API answers requests, its controllers and scheduler work, and its node
// is Ready. Where the system permits the process too little, or the state directory has no room, it says so before. When a component fails or ctx ends, what was started is stopped, what was written is removed, and the error
// names the component. Once Start has returned, ctx has no more to do with the cluster.
func Start(ctx context.Context, o Options) (*Cluster, error) { return start(ctx, o, newNodeAgent) }

func start(ctx context.Context, o Options, startNode nodeStarter) (_ *Cluster, err error) {
	c := &Cluster{
		stateDir: o.StateDir,
		log:      &logSink{w: o.Log},
		closing:  make(chan struct{}),
		done:     make(chan struct{}),

		resetGates: func() {},
	}
	c.close = sync.OnceValue(c.shutDown)
	if o.Log == nil {
		c.log.w = io.Discard
	}
	if o.Progress == nil {
		o.Progress = func(lab.Component) {}
	}
	theProcess().add(c)
	defer func() {
		if err != nil {
			err = unusable(o.StateDir, errors.Join(err, c.close()))
		}
	}()

	if err := checkLimits(); err != nil {
		return nil, err
	}
	if o.FeatureGates != "" {
		if c.resetGates, err = setFeatureGates(o.FeatureGates); err != nil {
			return nil, err
		}
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port))
	if c.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", address); err != nil {
		return nil, fmt.Errorf("listen for the API server: %w", err)
	}
	port := c.listener.Addr().(*net.TCPAddr).Port
	if c.run, err = claim(o.StateDir, port); err != nil {
		return nil, err
	}
	b := &build{cluster: c, startNode: startNode, program: o.ContainerProgram, standIns: o.StandIns}
	c.components = b.components()
	if c.parts, err = bringUp(ctx, c.components, o.Progress); err != nil {
		return nil, err
	}
	for i, part := range c.parts {
		if part.died != nil {
			c.watching.Go(func() { c.watch(c.components[i].name, part.died) })
		}
	}
	return c, nil
}

// build is what the components of a cluster hand to each other while it comes up. Each field is written by one component
// and read by those that come after it.
type build struct {
	cluster   *Cluster
	startNode nodeStarter
	program   []byte
	standIns  bool

	pki  *pki
	etcd etcdEndpoint
	pods podNetwork
}

// components are listed in the order in which they are shown, and stopped in the opposite one.
func (b *build) components() []component {
	c := b.cluster
	return []component{
		{name: "pki", start: func(context.Context) (_ running, err error) {
			b.pki, err = newPKI(c.run.dir)
			return running{}, err
		}},
		{name: "etcd", after: []string{"pki"}, start: func(ctx context.Context) (part running, err error) {
			b.etcd, part, err = startEtcd(ctx, c.run.dir, b.pki, c.log)
			return part, err
		}},
		{name: "kube-apiserver", after: []string{"etcd"}, start: func(ctx context.Context) (running, error) {
			c.config = b.pki.clientConfig(b.server(), b.pki.admin)
			part, err := startAPIServer(ctx, c.listener, b.pki, b.etcd, &b.pods, c.log.httpErrorLog())
			if err != nil {
				return part, err
			}
			if err := waitForNamespaces(ctx, c.config); err != nil {
				return part, err
			}
			return part, b.publish()
		}},
		{name: "controllers", after: []string{"kube-apiserver"}, start: func(ctx context.Context) (running, error) {
			return startControllers(ctx, c.config, b.pki)
		}},
		{name: "scheduler", after: []string{"kube-apiserver"}, start: func(ctx context.Context) (running, error) {
			return startScheduler(ctx, c.config)
		}},
		b.nodeComponent(),
	}
}

func (b *build) server() string { return "https://" + b.cluster.listener.Addr().String() }

// publish writes the administrator's kubeconfig.
func (b *build) publish() error {
	content, err := b.pki.kubeconfig(b.server())
	if err != nil {
		return err
	}
	return b.cluster.run.publish(content)
}

// watch waits for a component to end by itself.
func (c *Cluster) watch(name string, died <-chan error) {
	select {
	case err, ok := <-died:
		if !ok {
			return
		}
		c.fail(unusable(c.stateDir, fmt.Errorf("%s: %w", name, err)))
	case <-c.closing:
	}
}

// fail makes err the reason why the cluster is done, unless there is one already or it is being closed.
func (c *Cluster) fail(err error) {
	select {
	case <-c.closing:
		return
	default:
	}
	c.once.Do(func() {
		c.err = err
		close(c.done)
	})
}

// Kubeconfig is the path of the kubeconfig file: StateDir/kubeconfig, or StateDir/kubeconfig-PORT if another healthlab
// that is alive has that name. It has mode 0600 and is removed by Close.
func (c *Cluster) Kubeconfig() string { return c.run.kubeconfig }

// RESTConfig is how client-go reaches the cluster as its administrator. The caller may change what it is given.
func (c *Cluster) RESTConfig() *rest.Config { return rest.CopyConfig(c.config) }

// Done is closed when a component has ended by itself. The cluster is then of no more use, but still has to be closed.
func (c *Cluster) Done() <-chan struct{} { return c.done }

// Err says which component has ended by itself, and why, in both languages where the user can do something about it. It is nil as long as Done is not closed.
func (c *Cluster) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Close stops the components in the opposite order of their start, each within 15 seconds, and removes all files of the
// run. It returns when that is done; calling it again returns the same result.
func (c *Cluster) Close() error { return c.close() }

func (c *Cluster) shutDown() error {
	close(c.closing)
	c.watching.Wait()
	err := tearDown(c.components, c.parts)
	if err != nil { // the log then tells what is being waited for
		_ = pprof.Lookup("goroutine").WriteTo(c.log, 1)
	}
	if c.listener != nil {
		c.listener.Close() // after a bring-up that did not get as far as the API server
	}
	if c.run != nil {
		err = errors.Join(err, c.run.remove())
	}
	c.resetGates()
	theProcess().remove(c)
	c.log.close()
	return err
}
