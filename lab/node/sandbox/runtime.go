package sandbox

import (
	"context"
	"net"
)

// Runtime runs pods inside the process.
type Runtime struct{}

// New makes the runtime's directory.
func New(cfg Config) (*Runtime, error) { panic("being written") }

// Close kills every container, waits for them, and removes the runtime's directory.
func (r *Runtime) Close() error { panic("being written") }

// Dial connects from the node to a port of a pod.
func (r *Runtime) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	panic("being written")
}

// RunPod makes a pod without containers.
func (r *Runtime) RunPod(cfg PodConfig) (*Pod, error) { panic("being written") }

// Pod is the network, the hostname and the containers of one pod.
type Pod struct{}

// IP returns the pod's address.
func (p *Pod) IP() string { panic("being written") }

// Create makes a container with its root directory, not yet running.
func (p *Pod) Create(cfg ContainerConfig) (*Container, error) { panic("being written") }

// Container returns the pod's container with that ID, or nil.
func (p *Pod) Container(id string) *Container { panic("being written") }

// Remove kills what runs, waits, and removes the root directories.
func (p *Pod) Remove() error { panic("being written") }

// Container is one container.
type Container struct{}

// ID returns 64 hex digits.
func (c *Container) ID() string { panic("being written") }

// Start runs the main program.
func (c *Container) Start(ctx context.Context) error { panic("being written") }

// Signal sends a signal to the main program.
func (c *Container) Signal(sig Signal) error { panic("being written") }

// Done is closed when the container has ended.
func (c *Container) Done() <-chan struct{} { panic("being written") }

// Exit is valid after Done.
func (c *Container) Exit() Exit { panic("being written") }

// Exec runs a command in the container.
func (c *Container) Exec(ctx context.Context, cfg ExecConfig) (int, error) { panic("being written") }

// Attach connects to the main program's streams.
func (c *Container) Attach(ctx context.Context, cfg ExecConfig) error { panic("being written") }

// ReadFile reads at most max bytes from the end of a file.
func (c *Container) ReadFile(path string, max int64) ([]byte, error) { panic("being written") }

// Remove kills the container if it runs and removes its root directory.
func (c *Container) Remove() error { panic("being written") }

// Process is a running program.
type Process struct{}
