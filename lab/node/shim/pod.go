package shim

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

// Pod is the network, the hostname and the containers of one pod.
type Pod struct {
	runtime *Runtime
	cfg     sandbox.PodConfig
	addr    netip.Addr

	mu         sync.Mutex
	containers map[string]*Container
	shared     *process // of all containers, with ShareProcessNamespace
	removed    bool
}

// Dial connects from inside the pod to one of its TCP ports, as a port-forward does: localhost is the pod itself, and a
// program that listens on it only is reached too.
func (p *Pod) Dial(ctx context.Context, netName, address string) (net.Conn, error) {
	return dial(ctx, p.runtime.net, network.From{Addr: p.addr, Inside: true}, netName, address)
}

// Create makes a container with its root directory, not yet running. ctx ends the wait for its process.
func (p *Pod) Create(ctx context.Context, cfg sandbox.ContainerConfig) (*Container, error) {
	if cfg.Image == nil {
		return nil, fmt.Errorf("container %s has no image", cfg.Name)
	}
	if cfg.ID == "" {
		var id [32]byte
		_, _ = rand.Read(id[:]) // never fails
		cfg.ID = hex.EncodeToString(id[:])
	}
	c := &Container{id: cfg.ID, cfg: cfg, pod: p, done: make(chan struct{}), limit: cfg.MemoryBytes}
	if c.limit <= 0 {
		c.limit = p.runtime.cfg.DefaultBytes
	}
	var err error
	if c.process, err = p.processFor(ctx, c); err != nil {
		return nil, err
	}
	request := create{Pod: p.cfg, Config: cfg, Image: cfg.Image.ID()}
	request.Config.Image = nil
	// The tag, which the container's process does not know, has its part in the image's environment.
	request.Config.Env = append(slices.Clone(cfg.Image.Env), cfg.Env...)
	if err := call(ctx, c.process.session, callCreate, request, nil); err != nil {
		c.process.leave(c.limit)
		return nil, err
	}
	p.mu.Lock()
	removed := p.removed
	if !removed {
		p.containers[c.id] = c
	}
	p.mu.Unlock()
	if removed {
		return nil, errors.Join(fmt.Errorf("container %s: the pod is removed", cfg.Name), c.Remove())
	}
	return c, nil
}

// processFor returns the process in which a container has to be.
func (p *Pod) processFor(ctx context.Context, c *Container) (*process, error) {
	title := p.cfg.Namespace + "/" + p.cfg.Name + "/" + c.cfg.Name
	if of := c.cfg.ProcessesOf; of != "" {
		p.mu.Lock()
		target := p.containers[of]
		p.mu.Unlock()
		if target == nil || !target.process.join(c.limit) {
			return nil, fmt.Errorf("container %s: its target container is not running", c.cfg.Name)
		}
		return target.process, nil
	}
	if !p.cfg.ShareProcessNamespace {
		return p.runtime.place(ctx, title, c.limit)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shared != nil && p.shared.join(c.limit) {
		return p.shared, nil
	}
	shared, err := p.runtime.begin(ctx, p.cfg.Namespace+"/"+p.cfg.Name, c.limit)
	if err != nil {
		return nil, err
	}
	shared.mu.Lock()
	shared.ofPod = true
	shared.mu.Unlock()
	p.shared = shared
	return shared, nil
}

// Remove kills what runs, waits, and removes the root directories. A second call does nothing.
func (p *Pod) Remove() error {
	p.mu.Lock()
	already := p.removed
	p.removed = true
	containers := make([]*Container, 0, len(p.containers))
	for _, c := range p.containers {
		containers = append(containers, c)
	}
	shared := p.shared
	p.mu.Unlock()
	errs := make([]error, len(containers))
	var wait sync.WaitGroup
	for i, c := range containers {
		wait.Go(func() { errs[i] = c.Remove() })
	}
	wait.Wait()
	if already {
		return errors.Join(errs...)
	}
	if shared != nil {
		shared.kill()
		<-shared.gone
	}
	r := p.runtime
	r.net.RemovePod(p.addr)
	r.mu.Lock()
	delete(r.pods, p)
	r.mu.Unlock()
	return errors.Join(errs...)
}
