package sandbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"

	"healthlab/lab/node/network"
)

// Pod is the network, the hostname and the containers of one pod.
type Pod struct {
	runtime *Runtime
	cfg     PodConfig
	addr    netip.Addr
	table   *table     // shared by all containers; nil: each has its own
	pause   *Container // PID 1 of a shared table

	mu         sync.Mutex
	containers map[string]*Container
	removed    bool
}

// IP returns the pod's address, as it was configured.
func (p *Pod) IP() string { return p.cfg.IP }

// Container returns the pod's container with that ID, or nil.
func (p *Pod) Container(id string) *Container {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.containers[id]
}

// Dial connects from inside the pod to one of its TCP ports, as a port-forward does: localhost is the pod itself, and a
// program that listens on it only is reached too.
func (p *Pod) Dial(ctx context.Context, netName, address string) (net.Conn, error) {
	c, err := network.Dial(ctx, p.runtime.net, network.From{Addr: p.addr, Inside: true}, netName, address)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Create makes a container with its root directory, not yet running.
func (p *Pod) Create(cfg ContainerConfig) (*Container, error) {
	c, err := p.newContainer(cfg)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.removed {
		return nil, errors.Join(errors.New("sandbox: container "+cfg.Name+": the pod is removed"), c.discard())
	}
	p.containers[c.id] = c
	return c, nil
}

// Remove kills what runs, waits, and removes the root directories. A second call does nothing.
func (p *Pod) Remove() error {
	p.mu.Lock()
	already := p.removed
	p.removed = true
	containers := make([]*Container, 0, len(p.containers)+1)
	for _, c := range p.containers {
		containers = append(containers, c)
	}
	if p.pause != nil {
		containers = append(containers, p.pause)
	}
	p.mu.Unlock()
	errs := make([]error, len(containers))
	var wait sync.WaitGroup
	for i, c := range containers {
		wait.Go(func() { errs[i] = c.Remove() })
	}
	wait.Wait()
	if !already {
		r := p.runtime
		if r.own != nil {
			r.own.RemovePod(p.addr)
		}
		r.mu.Lock()
		delete(r.pods, p)
		r.mu.Unlock()
	}
	return errors.Join(errs...)
}

// startPause runs PID 1 of a shared table: what real pods have the pause image for.
func (p *Pod) startPause() error {
	image := &Image{
		Name:       "registry.k8s.io/pause",
		Entrypoint: []string{"/pause"},
		Programs:   map[string]Program{"/pause": Pause},
	}
	c, err := p.newContainer(ContainerConfig{Name: "POD", Image: image})
	if err != nil {
		return err
	}
	p.pause = c
	return c.Start(context.Background())
}

// Pause is the program of the pause image: it waits for SIGTERM or SIGINT.
func Pause(ctx context.Context, p *Process) int {
	select {
	case <-p.Notify(SIGTERM, SIGINT):
	case <-ctx.Done():
	}
	return 0
}

// newID returns 64 random hex digits.
func newID() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// makeWritable gives the owner all permissions of the directories in a tree.
func makeWritable(dir string) {
	_ = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, _ error) error {
		if entry != nil && entry.IsDir() {
			_ = os.Chmod(name, 0o700)
		}
		return nil
	})
}
