package shim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"healthlab/lab/node/sandbox"
)

// killTime is how long a container's process may take to end a container that was sent SIGKILL. It gives programs two
// seconds; one that cannot even answer is ended by the kernel.
const killTime = 3 * time.Second

// Container is one container, which runs in a process of its own.
type Container struct {
	id      string
	cfg     sandbox.ContainerConfig
	pod     *Pod
	process *process
	limit   int64 // bytes of memory
	done    chan struct{}

	mu      sync.Mutex
	started bool
	removed bool
	over    bool
	exit    sandbox.Exit
}

// ID returns 64 hex digits.
func (c *Container) ID() string { return c.id }

// Done is closed when the container has ended: all its processes are gone and its log is complete.
func (c *Container) Done() <-chan struct{} { return c.done }

// Exit is how the container ended. It is valid after Done.
func (c *Container) Exit() sandbox.Exit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.exit
}

// Start runs the main program. It returns a *sandbox.StartError when the command cannot be started; the container has
// then ended with reason StartError.
func (c *Container) Start(ctx context.Context) error {
	c.mu.Lock()
	if c.started {
		c.mu.Unlock()
		return fmt.Errorf("container %s was started before", c.cfg.Name)
	}
	c.started = true
	c.exit.StartedAt = time.Now()
	c.mu.Unlock()
	p := c.process
	p.mu.Lock()
	p.containers[c.id] = c
	p.mu.Unlock()
	err := call(ctx, p.session, callStart, c.id, nil)
	if errors.Is(err, errLost) { // it was started, and has already taken its process with it
		<-c.done
		return nil
	}
	if err != nil {
		p.mu.Lock()
		delete(p.containers, c.id)
		p.mu.Unlock()
		c.ended(sandbox.Exit{
			Code: 128, Reason: sandbox.ReasonStartError, Message: err.Error(), FinishedAt: time.Now(),
		})
		return err
	}
	if c.cfg.CPUMillis > 0 {
		p.runtime.throttle.add(p, c.cfg.CPUMillis)
	}
	return nil
}

// ended records how the container ended, once.
func (c *Container) ended(x sandbox.Exit) {
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over = true
	if x.StartedAt.IsZero() {
		x.StartedAt = c.exit.StartedAt
	}
	c.exit = x
	c.mu.Unlock()
	close(c.done)
	c.process.leave(c.limit)
}

// isOver reports whether the container has ended.
func (c *Container) isOver() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// Signal sends a signal to the main program, as a container runtime does from outside: SIGKILL always ends the
// container. The error is for a container that does not run.
func (c *Container) Signal(sig sandbox.Signal) error {
	c.mu.Lock()
	running := c.started && !c.over
	c.mu.Unlock()
	if !running {
		return fmt.Errorf("container %s is not running", c.cfg.Name)
	}
	if sig == sandbox.SIGKILL {
		go c.killLate()
	}
	err := call(context.Background(), c.process.session, callSignal, signal{c.id, sig}, nil)
	if errors.Is(err, errLost) { // nothing is left that could be signalled
		return nil
	}
	return err
}

// killLate ends the process of a container that does not end by SIGKILL in time.
func (c *Container) killLate() {
	timer := time.NewTimer(killTime)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
		c.process.kill()
	}
}

// Remove kills the container if it runs, waits, and removes its root directory. The log stays.
func (c *Container) Remove() error {
	c.mu.Lock()
	if c.removed {
		c.mu.Unlock()
		return nil
	}
	c.removed = true
	started, over := c.started, c.over
	c.mu.Unlock()
	p := c.process
	switch {
	case !started:
		c.ended(sandbox.Exit{})
	case !over:
		if err := c.Signal(sandbox.SIGKILL); err != nil && !c.isOver() {
			p.kill()
		}
		<-c.done
	}
	c.pod.mu.Lock()
	delete(c.pod.containers, c.id)
	c.pod.mu.Unlock()
	return c.discard()
}

// discard removes the root directory: through the process while it serves other containers, else with the process, which
// removes all that was written in it.
func (c *Container) discard() error {
	p := c.process
	p.mu.Lock()
	goes := p.closing
	p.mu.Unlock()
	if !goes {
		if err := call(context.Background(), p.session, callRemove, c.id, nil); !errors.Is(err, errLost) {
			return err
		}
	}
	p.kill()
	<-p.gone
	return nil
}
