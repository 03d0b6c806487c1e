package embedded

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"path/filepath"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"healthlab/lab/node"
	"healthlab/lab/node/images"
)

// nodeSeat is what the control plane gives a node agent.
type nodeSeat struct {
	client *rest.Config
	// dir is for the agent alone. It goes when the run ends.
	dir string
	pki *pki
	log *slog.Logger
}

// nodeAgent is a node agent that runs.
type nodeAgent interface {
	Ready() <-chan struct{}
	Close() error
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
		Log:      seat.log,
		Version:  Version,
	})
	if err != nil {
		return nil, err
	}
	return agent, nil
}

// startNode returns when the node is Ready.
func startNode(ctx context.Context, start nodeStarter, seat nodeSeat) (running, error) {
	agent, err := start(ctx, seat)
	if err != nil {
		return running{}, err
	}
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
		return startNode(ctx, b.startNode, nodeSeat{
			client: b.clientConfig(b.pki.nodeClient),
			dir:    filepath.Join(c.place.dir, "node"),
			pki:    b.pki,
			log:    slog.New(slog.NewTextHandler(c.log, nil)).With("component", "node"),
		})
	}}
}
