package embedded

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"sync/atomic"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"healthlab/lab/node"
	"healthlab/lab/node/images"
	"healthlab/lab/node/sandbox"
	"healthlab/lab/node/shim"
)

// nodeSeat is what the control plane gives a node agent.
type nodeSeat struct {
	client *rest.Config
	// dir is for the agent alone. It goes when the run ends.
	dir string
	pki *pki
	log *slog.Logger
	// apiServer is where pods find the API server. The zero value: nowhere.
	apiServer netip.AddrPort
	// program runs containers (shim.Config).
	program  string
	standIns bool
}

// nodeAgent is a node agent that runs.
type nodeAgent interface {
	Ready() <-chan struct{}
	// Dial connects to a port of a pod.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
	Close() error
}

// podRange is where pods have their addresses. The network outside of this process has none of them.
const podRange = "10.244.0.0/16"

// nodeAddress is the node's own address on the pod network, where the node agent serves DNS, and leads to the API server.
func nodeAddress() netip.Addr { return netip.MustParsePrefix(podRange).Addr().Next() }

// podNetwork is the way to the pods for those who come up before the node does. The zero value has no node yet.
type podNetwork struct{ node atomic.Pointer[nodeAgent] }

// dial connects to a pod through the node agent, and to all other addresses as any program does.
func (n *podNetwork) dial(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !netip.MustParsePrefix(podRange).Contains(to.Addr().Unmap()) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	agent := n.node.Load()
	if agent == nil {
		return nil, fmt.Errorf("dial %s: the node is not up yet", address)
	}
	return (*agent).Dial(ctx, network, address)
}

// containers makes what runs containers in processes of their own.
func (s nodeSeat) containers(cfg node.RuntimeConfig) (node.Runtime, error) {
	r, err := shim.New(shim.Config{
		Dir: cfg.Dir, Network: cfg.Network, Program: s.program, OutOfMemory: cfg.OutOfMemory, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	return processes{r}, nil
}

// processes and podProcesses are the runtime in the node agent's words.
type (
	processes    struct{ *shim.Runtime }
	podProcesses struct{ *shim.Pod }
)

func (p processes) RunPod(cfg sandbox.PodConfig) (node.PodSandbox, error) {
	pod, err := p.Runtime.RunPod(cfg)
	if err != nil {
		return nil, err
	}
	return podProcesses{pod}, nil
}

func (p podProcesses) Create(ctx context.Context, cfg sandbox.ContainerConfig) (node.Container, error) {
	c, err := p.Pod.Create(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// nodeStarter starts a node agent, which ends when it is closed. Only tests have another one than newNodeAgent.
type nodeStarter func(ctx context.Context, seat nodeSeat) (nodeAgent, error)

func newNodeAgent(ctx context.Context, seat nodeSeat) (nodeAgent, error) {
	client, err := kubernetes.NewForConfig(protobuf(seat.client))
	if err != nil {
		return nil, err
	}
	certificate, err := tls.X509KeyPair(seat.pki.nodeServing.cert, seat.pki.nodeServing.key)
	if err != nil {
		return nil, err
	}
	authority := x509.NewCertPool()
	authority.AppendCertsFromPEM(seat.pki.ca)
	agent, err := node.Start(context.WithoutCancel(ctx), node.Config{
		Client:   client,
		Name:     NodeName,
		Cert:     certificate,
		ClientCA: authority,
		Dir:      seat.dir,
		Images:   images.Find,
		StandIn:  images.StandIn(),
		StandIns: seat.standIns,
		Runtime:  seat.containers,
		Log:      seat.log,
		PodCIDR:  podRange,
		Version:  Version,

		ClusterDNS: dnsIP,
		APIServer:  seat.apiServer,
	})
	if err != nil {
		return nil, err
	}
	return agent, nil
}

// startNode returns when the node is Ready, and makes pods its way to the node's pods.
func startNode(ctx context.Context, start nodeStarter, seat nodeSeat, pods *podNetwork) (running, error) {
	agent, err := start(ctx, seat)
	if err != nil {
		return running{}, err
	}
	pods.node.Store(&agent)
	part := running{stop: func(ctx context.Context) error {
		closed := make(chan error, 1)
		go func() { closed <- agent.Close() }()
		select {
		case err := <-closed:
			return err
		case <-ctx.Done():
			return fmt.Errorf("not stopped in time: %w", ctx.Err())
		}
	}}
	select {
	case <-agent.Ready():
		return part, nil
	case <-ctx.Done():
		return part, fmt.Errorf("the node did not become Ready: %w", ctx.Err())
	}
}

// nodeComponent is the component that runs the node agent.
func (b *build) nodeComponent() component {
	return component{name: "node", after: []string{"kube-apiserver"}, start: func(ctx context.Context) (running, error) {
		c := b.cluster
		program, err := c.run.containerProgram(b.program)
		if err != nil {
			return running{}, err
		}
		api := c.listener.Addr().(*net.TCPAddr).AddrPort()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		made := make(chan error, 1)
		go func() { made <- ensureServices(ctx, c.config, api.Port()) }()
		part, err := startNode(ctx, b.startNode, nodeSeat{
			client:  b.pki.clientConfig(b.server(), b.pki.nodeClient),
			dir:     filepath.Join(c.run.dir, "node"),
			pki:     b.pki,
			log:     slog.New(slog.NewTextHandler(c.log, nil)).With("component", "node"),
			program: program, standIns: b.standIns,

			apiServer: api,
		}, &b.pods)
		if err != nil {
			cancel()
			_ = <-made // given up
			return part, err
		}
		if err := ensureStorageClass(ctx, c.config); err != nil {
			cancel()
			_ = <-made // given up
			return part, err
		}
		return part, <-made
	}}
}
