package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"

	"healthlab/lab/node/network"
)

// Runtime runs pods inside the process. Its methods may be called by many goroutines.
type Runtime struct {
	dir    string
	own    *network.Switch // nil: the network is in another process, which knows its pods
	net    network.Fabric
	claims network.Claims
	host   netip.Addr

	mu     sync.Mutex
	pods   map[*Pod]struct{}
	closed bool
}

// New makes the runtime's directory.
func New(cfg Config) (*Runtime, error) {
	host, err := netip.ParseAddr(cfg.HostIP)
	if err != nil {
		return nil, fmt.Errorf("sandbox: host ip %q is not an IP address", cfg.HostIP)
	}
	if cfg.Dir == "" {
		return nil, errors.New("sandbox: a directory is needed")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	r := &Runtime{dir: cfg.Dir, net: cfg.Network, pods: map[*Pod]struct{}{}}
	switch given := cfg.Network.(type) {
	case nil:
		r.own = network.NewSwitch(host, nil)
		r.net = r.own
	case *network.Switch:
		r.own = given
	}
	r.host = host.Unmap()
	return r, nil
}

// Close kills every container, waits for them, and removes the runtime's directory. No pod can be run afterwards.
func (r *Runtime) Close() error {
	r.mu.Lock()
	r.closed = true
	pods := make([]*Pod, 0, len(r.pods))
	for p := range r.pods {
		pods = append(pods, p)
	}
	r.mu.Unlock()
	errs := make([]error, len(pods))
	var wait sync.WaitGroup
	for i, p := range pods {
		wait.Go(func() { errs[i] = p.Remove() })
	}
	wait.Wait()
	return errors.Join(errors.Join(errs...), RemoveAll(r.dir))
}

// Dial connects from the node to a TCP port of a pod. network is tcp, tcp4 or tcp6, the address an IP literal and a
// port. Errors and the connection's addresses are those of the pod network: *net.OpError around ECONNREFUSED where
// nothing listens and around EHOSTUNREACH where there is no pod; 127.0.0.1 is the node itself.
func (r *Runtime) Dial(ctx context.Context, netName, address string) (net.Conn, error) {
	c, err := network.Dial(ctx, r.net, network.From{Addr: r.host}, netName, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// RunPod makes a pod without containers.
func (r *Runtime) RunPod(cfg PodConfig) (*Pod, error) {
	addr, err := netip.ParseAddr(cfg.IP)
	if err != nil {
		return nil, fmt.Errorf("sandbox: pod %s/%s: %q is not an IP address", cfg.Namespace, cfg.Name, cfg.IP)
	}
	if cfg.Hostname == "" {
		cfg.Hostname = cfg.Name
	}
	p := &Pod{runtime: r, cfg: cfg, addr: addr.Unmap(), containers: map[string]*Container{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, fmt.Errorf("sandbox: pod %s/%s: the runtime is closed", cfg.Namespace, cfg.Name)
	}
	if cfg.ShareProcessNamespace {
		p.table = newTable()
		if err := p.startPause(); err != nil {
			return nil, fmt.Errorf("sandbox: pod %s/%s: %w", cfg.Namespace, cfg.Name, err)
		}
	}
	r.pods[p] = struct{}{}
	if r.own != nil {
		r.own.AddPod(p.addr)
	}
	return p, nil
}

// RemoveAll removes a tree even where a container took permissions away from its directories.
func RemoveAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	makeWritable(dir)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}
