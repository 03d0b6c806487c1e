package probes

import (
	"context"
	"net"
	"time"
)

// dialFunc connects to address (host:port) as net.Dialer.DialContext does.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// DefaultUserAgent is the kubelet's own.
const DefaultUserAgent = "kube-probe/1.37"

// Target is how one container is reached. The node agent dials directly; the observer goes through the API server.
type Target struct {
	// Host is the pod's IP, used where a spec names none.
	Host string
	// Ports maps the container's port names to numbers.
	Ports map[string]int
	// Dial connects to address (host:port) as net.Dialer.DialContext does. Nil dials directly, as the kubelet does.
	Dial dialFunc
	// Exec runs command in the container until it ends or ctx does, and returns at most limit bytes of its output, both
	// streams in the order written, and its exit code. An error means that the command could not be run, and makes the
	// outcome Unknown; the end of ctx is reported as ctx's error. Exec must return soon after ctx has ended, also when
	// a child of the command is left behind with the output still open: the engine waits for it. Nil: no exec probes.
	Exec func(ctx context.Context, command []string, limit int) (output []byte, exitCode int, err error)
	// Remote reaches the container from afar, in place of Dial and Exec. Nil: it is near.
	Remote Remote
	// UserAgent of HTTP requests and gRPC calls; empty for DefaultUserAgent.
	UserAgent string
}

// State is what the engine needs to know of a container at a tick.
type State struct {
	// ID is the running or last container's ID; empty while there is none yet. A new ID ends a hold.
	ID        string
	Running   bool
	StartedAt time.Time
	// Started is false until the startup probe, if there is one, has succeeded.
	Started bool
	// Terminal says that the container has ended for good and will not be restarted: the worker ends.
	Terminal bool
	// Deleting says that the pod is being deleted: liveness and startup workers then stop quietly, readiness goes on.
	Deleting bool
}

// Config is what an Engine is made from.
type Config struct {
	// Report is called for every attempt, from the goroutine that made it, in order for each Key. It must not block.
	Report func(Attempt)
}
