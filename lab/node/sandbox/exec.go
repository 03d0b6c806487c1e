package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// copyGrace is how long Exec and Attach wait, once their context has ended, for a writer of the caller's that blocks.
const copyGrace = time.Second

// errNotRunning is returned by what needs a running container.
var errNotRunning = errors.New("container not running")

// Exec runs a command in the container and returns its exit code, 128+n after signal n. It waits as a container
// runtime does until the command has ended and nobody holds its output any more: a child that it left behind keeps
// Exec waiting. The error is a *StartError when the command cannot be started, or ctx's error; the command is then
// killed, its children are not.
func (c *Container) Exec(ctx context.Context, cfg ExecConfig) (int, error) {
	if err := c.live(); err != nil {
		return 0, fmt.Errorf("exec in container %s: %w", c.cfg.Name, err)
	}
	if len(cfg.Command) == 0 {
		return 0, fmt.Errorf("exec in container %s: no command is given", c.cfg.Name)
	}
	cmd := Command{
		Path: cfg.Command[0], Args: cfg.Command, Env: c.env(cfg.Env), Dir: c.dirOf(), Stdin: empty{},
	}
	var copies copier
	var term *Terminal
	out, outW := newPipe()
	errs, errsW := newPipe()
	in, inW := newPipe()
	if cfg.TTY {
		term = newTerminal(outW)
		defer term.close()
		cmd.Env = append(cmd.Env, "TERM=xterm")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = term, term, term
	} else {
		cmd.Stdout, cmd.Stderr = outW, errsW
		if cfg.Stdin != nil {
			cmd.Stdin = in
		}
	}
	p, err := c.start(cmd, nil, term)
	in.release()
	errsW.release()
	if !cfg.TTY {
		outW.release()
	}
	if err != nil {
		inW.release()
		return 0, c.execError(err)
	}
	copies.output(out, cfg.Stdout)
	copies.output(errs, cfg.Stderr)
	stop := c.input(ctx, cfg, p.ctx, inW, term, true)
	defer stop()
	select {
	case <-p.done:
	case <-ctx.Done():
		p.deliver(SIGKILL, nil)
		<-p.done
	}
	if cfg.TTY {
		outW.release()
	}
	if err := copies.wait(ctx, out, errs); err != nil {
		return 0, err
	}
	return p.ExitCode(), nil
}

// input feeds a process from cfg.Stdin, and its terminal from cfg.Resize; hangup ends the terminal's input with it. The goroutine that reads cfg.Stdin ends at
// the first Read that returns after the process has ended: no reader can be made to return sooner.
func (c *Container) input(ctx context.Context, cfg ExecConfig, life context.Context, in *pipeWriter,
	term *Terminal, hangup bool,
) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	detach := context.AfterFunc(life, cancel)
	var resizing sync.WaitGroup
	if term != nil && cfg.Resize != nil {
		resizing.Go(func() {
			for {
				select {
				case size, ok := <-cfg.Resize:
					if !ok {
						return
					}
					term.resize(size)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	if cfg.Stdin == nil {
		in.release()
	} else {
		go func() {
			defer in.release()
			buf := make([]byte, 16<<10)
			for ctx.Err() == nil {
				n, err := cfg.Stdin.Read(buf)
				if term != nil {
					term.feed(c.table, buf[:n])
				} else if _, werr := in.writeContext(ctx, buf[:n]); werr != nil {
					return
				}
				if err != nil {
					if term != nil && hangup {
						term.hangup()
					}
					return
				}
			}
		}()
	}
	return func() {
		detach()
		cancel()
		resizing.Wait()
	}
}

// live reports why nothing can be run in the container.
func (c *Container) live() error {
	c.table.mu.Lock()
	defer c.table.mu.Unlock()
	if c.main == nil || c.closing {
		return errNotRunning
	}
	select {
	case <-c.main.done:
		return errNotRunning
	default:
		return nil
	}
}

// execError is what a container runtime reports when a command cannot be started.
func (c *Container) execError(err error) error {
	var start *StartError
	switch {
	case errors.As(err, &start):
		return &StartError{Path: start.Path, Code: start.Code, Cause: start.Cause, Text: fmt.Sprintf(
			"failed to exec in container: failed to start exec %q: OCI runtime exec failed: exec failed: "+
				"unable to start container process: %s: unknown", newID(), start.Cause)}
	case c.live() != nil:
		return fmt.Errorf("exec in container %s: %w", c.cfg.Name, errNotRunning)
	}
	return &StartError{Code: 128, Cause: err.Error(), Text: fmt.Sprintf(
		"failed to exec in container: failed to start exec %q: OCI runtime exec failed: exec failed: "+
			"unable to start container process: fork/exec: %s: unknown", newID(), errnoOf(err))}
}

// copier moves output to the caller's writers.
type copier struct {
	running sync.WaitGroup
	guard   []*guardedWriter
}

func (c *copier) output(from *pipeReader, to io.Writer) {
	if to == nil {
		to = io.Discard
	}
	g := &guardedWriter{to: to}
	c.guard = append(c.guard, g)
	c.running.Go(func() {
		defer from.release()
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				g.write(buf[:n])
			}
			if err != nil {
				return
			}
		}
	})
}

// wait waits for the end of all output. When ctx ends first, output is cut off and ctx's error returned.
func (c *copier) wait(ctx context.Context, from ...*pipeReader) error {
	copied := make(chan struct{})
	go func() {
		c.running.Wait()
		close(copied)
	}()
	select {
	case <-copied:
		return ctx.Err()
	case <-ctx.Done():
	}
	for _, r := range from {
		r.cut()
	}
	timer := time.NewTimer(copyGrace)
	defer timer.Stop()
	select {
	case <-copied:
	case <-timer.C:
	}
	return ctx.Err()
}

// cut makes the reading end see the end of file although writers exist, who get EPIPE from then on.
func (r *pipeReader) cut() {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	r.p.writers = -1 << 30
	r.p.readers = -1 << 30
	r.p.data = nil
	r.p.notify()
}

// guardedWriter drops output after the first error, so that a client that is gone does not block a program.
type guardedWriter struct {
	to     io.Writer
	failed bool
}

func (g *guardedWriter) write(b []byte) {
	if g.failed {
		return
	}
	if _, err := g.to.Write(b); err != nil {
		g.failed = true
	}
}

// Attach connects to the main program's streams until the container has ended, which is no error, or ctx has. Stdin
// needs ContainerConfig.Stdin; TTY is as the container has it.
func (c *Container) Attach(ctx context.Context, cfg ExecConfig) error {
	if err := c.live(); err != nil {
		return fmt.Errorf("attach to container %s: %w", c.cfg.Name, err)
	}
	var copies copier
	var readers []*pipeReader
	var detach []func()
	defer func() {
		for _, f := range detach {
			f()
		}
	}()
	follow := func(f *fanout, to io.Writer) {
		if to == nil {
			return
		}
		r, w := newPipe()
		detach = append(detach, f.attach(w))
		unhook := context.AfterFunc(c.ctx, w.release)
		detach = append(detach, func() { unhook() })
		readers = append(readers, r)
		copies.output(r, to)
	}
	follow(c.out, cfg.Stdout)
	if !c.cfg.TTY {
		follow(c.errs, cfg.Stderr)
	}
	in := c.attachedInput(&cfg)
	stop := c.input(ctx, cfg, c.ctx, in, c.term, c.cfg.StdinOnce)
	defer stop()
	select {
	case <-c.done:
	case <-ctx.Done():
	}
	return copies.wait(ctx, readers...)
}

// attachedInput returns where a client's input goes, and drops the input if the container takes none.
func (c *Container) attachedInput(cfg *ExecConfig) *pipeWriter {
	c.mu.Lock()
	defer c.mu.Unlock()
	in := c.stdin
	switch {
	case in == nil:
		_, in = newPipe()
		if c.term == nil || !c.cfg.Stdin {
			cfg.Stdin = nil
		}
	case cfg.Stdin != nil && c.cfg.StdinOnce:
		c.stdin = nil // the container's own hold goes to this client
	default:
		in.retain()
	}
	return in
}
