package node

import (
	"context"
	"net"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

// RuntimeConfig is what a Runtime is made from.
type RuntimeConfig struct {
	Dir     string // private to it
	Network *network.Switch
	// OutOfMemory is to be called when a container was ended because all of them together held too much. It does not
	// block.
	OutOfMemory func(victim string)
}

// Runtime runs pods and containers: what a container runtime is to a kubelet. shim.Runtime does it in processes of their
// own. Its methods, and those of what it returns, may be called by many goroutines.
type Runtime interface {
	// RunPod makes a pod without containers.
	RunPod(sandbox.PodConfig) (PodSandbox, error)
	// Dial connects from the node to a TCP port of a pod, as a probe does.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
	// Close kills every container and waits for them.
	Close() error
}

// PodSandbox is the network and the containers of one pod.
type PodSandbox interface {
	// Dial connects from inside the pod to one of its TCP ports.
	Dial(ctx context.Context, network, address string) (net.Conn, error)
	// Create makes a container, not yet running.
	Create(context.Context, sandbox.ContainerConfig) (Container, error)
	// Remove kills what runs, waits, and removes what the containers have written.
	Remove() error
}

// Container is one container, as sandbox.Container documents it.
type Container interface {
	ID() string
	Start(context.Context) error
	Signal(sandbox.Signal) error
	Exec(context.Context, sandbox.ExecConfig) (int, error)
	Attach(context.Context, sandbox.ExecConfig) error
	Done() <-chan struct{}
	Exit() sandbox.Exit
	Remove() error
}
