package embedded

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/rest"
)

// NodeSeat is what a node agent is given by the control plane.
type NodeSeat struct {
	Client *rest.Config
	// Dir is the private directory of the run; what the agent keeps in a directory below it goes when the run ends.
	Dir     string
	Serving keyPair
	CA      []byte
}

// NodeAgent is a node agent that runs.
type NodeAgent interface {
	Ready() <-chan struct{}
	Close() error
}

// NodeStarter starts a node agent.
type NodeStarter func(ctx context.Context, seat NodeSeat) (NodeAgent, error)

// startNode returns when the node is Ready.
func startNode(ctx context.Context, start NodeStarter, seat NodeSeat) (running, error) {
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
		return part, errors.Join(errors.New("the node did not become Ready"), ctx.Err())
	}
}
