package shim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"

	"healthlab/lab/node/machine"
	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

// Config is what a Runtime is made from.
type Config struct {
	// Dir is a private directory for root directories. It is made if absent and removed by Close.
	Dir string
	// Network is the pod network of the node.
	Network *network.Switch
	// Program is started for each container, with Argument first; it must call Serve. Empty: this program itself.
	Program string
	// MemoryBytes bounds what all containers hold together; zero: a third of the machine's memory, at most 2 GiB.
	MemoryBytes int64
	// DefaultBytes bounds a container that has no limit of its own; zero: 256 MiB.
	DefaultBytes int64
	// MaxProcesses is how many processes there are before containers share them; zero: 128.
	MaxProcesses int
	// OutOfMemory, if not nil, is told when a container was ended because all of them together held too much. It must
	// not block.
	OutOfMemory func(victim string)
	Log         *slog.Logger
}

func (c *Config) setDefaults() error {
	if c.Dir == "" || c.Network == nil {
		return errors.New("shim: a directory and a network are needed")
	}
	if c.Program == "" {
		own, err := os.Executable()
		if err != nil {
			return fmt.Errorf("shim: find this program: %w", err)
		}
		c.Program = own
	}
	if c.MemoryBytes <= 0 {
		c.MemoryBytes = 2 << 30
		if all := machine.Memory(); all > 0 {
			c.MemoryBytes = min(c.MemoryBytes, all/3)
		}
	}
	if c.DefaultBytes <= 0 {
		c.DefaultBytes = 256 << 20
	}
	if c.MaxProcesses <= 0 {
		c.MaxProcesses = 128
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Runtime runs containers in processes of their own. Its methods may be called by many goroutines.
type Runtime struct {
	cfg Config
	net *network.Switch

	starting chan startRequest
	throttle *throttle
	loops    sync.WaitGroup
	stop     context.CancelFunc
	remotes  atomic.Uint64 // numbers streams

	mu        sync.Mutex
	processes map[*process]struct{}
	pods      map[*Pod]struct{}
	closed    bool
}

type startRequest struct {
	cmd *exec.Cmd
	err chan<- error
}

// New makes the runtime's directory.
func New(cfg Config) (*Runtime, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("shim: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Runtime{
		cfg: cfg, net: cfg.Network, stop: stop,
		starting: make(chan startRequest), throttle: newThrottle(),
		processes: map[*process]struct{}{}, pods: map[*Pod]struct{}{},
	}
	r.loops.Go(func() { r.startProcesses(ctx) })
	return r, nil
}

// startProcesses starts all processes from one thread. On Linux they end with the thread that has started them
// (PR_SET_PDEATHSIG), which therefore has to be one that lives as long as healthlab.
func (r *Runtime) startProcesses(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for {
		select {
		case request := <-r.starting:
			request.err <- request.cmd.Start()
		case <-ctx.Done():
			return
		}
	}
}

// Close kills every container, waits for them, and removes the runtime's directory. No pod can be run afterwards.
func (r *Runtime) Close() error {
	r.mu.Lock()
	r.closed = true
	processes := make([]*process, 0, len(r.processes))
	for p := range r.processes {
		processes = append(processes, p)
	}
	r.mu.Unlock()
	for _, p := range processes {
		p.kill()
	}
	for _, p := range processes {
		<-p.gone
	}
	r.throttle.close()
	r.stop()
	r.loops.Wait()
	return sandbox.RemoveAll(r.cfg.Dir)
}

// Dial connects from the node to a TCP port of a pod. network is tcp, tcp4 or tcp6, the address an IP literal and a
// port. Errors and the connection's addresses are those of the pod network: *net.OpError around ECONNREFUSED where
// nothing listens and around EHOSTUNREACH where there is no pod; 127.0.0.1 is the node itself.
func (r *Runtime) Dial(ctx context.Context, netName, address string) (net.Conn, error) {
	return dial(ctx, r.net, network.From{Addr: r.net.Host()}, netName, address)
}

// dial keeps a nil connection nil as an interface.
func dial(ctx context.Context, s *network.Switch, from network.From, netName, address string) (net.Conn, error) {
	c, err := network.Dial(ctx, s, from, netName, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Listeners returns who listens in containers, and on what real address of this machine.
func (r *Runtime) Listeners() []network.Server { return r.net.Servers() }

// RunPod makes a pod without containers.
func (r *Runtime) RunPod(cfg sandbox.PodConfig) (*Pod, error) {
	addr, err := netip.ParseAddr(cfg.IP)
	if err != nil {
		return nil, fmt.Errorf("shim: pod %s/%s: %q is not an IP address", cfg.Namespace, cfg.Name, cfg.IP)
	}
	p := &Pod{runtime: r, cfg: cfg, addr: addr.Unmap(), containers: map[string]*Container{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fmt.Errorf("shim: pod %s/%s: the runtime is closed", cfg.Namespace, cfg.Name)
	}
	r.pods[p] = struct{}{}
	r.net.AddPod(p.addr)
	return p, nil
}

// place returns the process for a new container that needs no particular one. The container counts there from now on.
func (r *Runtime) place(ctx context.Context, title string, limit int64) (*process, error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, errors.New("shim: the runtime is closed")
	}
	if len(r.processes) < r.cfg.MaxProcesses {
		r.mu.Unlock()
		return r.begin(ctx, title, limit)
	}
	var least *process
	for p := range r.processes {
		if !p.ofPod && (least == nil || p.count() < least.count()) {
			least = p
		}
	}
	r.mu.Unlock()
	if least == nil || !least.join(limit) {
		return r.begin(ctx, title, limit)
	}
	return least, nil
}

// account is called when a process tells what it holds. When all hold too much together, the largest ends.
//
// A process reports what it found in use at its last garbage collection; until the next one it may take as much again. So
// when that could be too much, what the system has given to each counts.
func (r *Runtime) account() {
	r.mu.Lock()
	var reported int64
	for p := range r.processes {
		reported += p.held.Load()
	}
	if reported <= r.cfg.MemoryBytes/4 {
		r.mu.Unlock()
		return
	}
	var total, most int64
	var largest *process
	for p := range r.processes {
		if end(p.reason.Load()) != ownEnd { // it goes now, and counts no more
			continue
		}
		takes := max(p.held.Load(), residentBytes(p.cmd.Process.Pid)-p.base.Load())
		total += takes
		if largest == nil || takes > most {
			largest, most = p, takes
		}
	}
	if total <= r.cfg.MemoryBytes || largest == nil {
		r.mu.Unlock()
		return
	}
	largest.endFor(memoryEnd)
	r.mu.Unlock()
	r.cfg.Log.Warn("all containers together hold too much memory", "bytes", total, "most", r.cfg.MemoryBytes,
		"ended", largest.title)
	if r.cfg.OutOfMemory != nil {
		r.cfg.OutOfMemory(largest.title)
	}
}
