package shim

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/yamux"

	"healthlab/lab/node/sandbox"
)

// cancelTime is how long a remote command whose context has ended may take to say so.
const cancelTime = 3 * time.Second

// Exec runs a command in the container and returns its exit code, 128+n after signal n. It waits as a container
// runtime does until the command has ended and nobody holds its output any more. The error is a *sandbox.StartError
// when the command cannot be started, or ctx's error; the command is then killed, its children are not.
func (c *Container) Exec(ctx context.Context, cfg sandbox.ExecConfig) (int, error) {
	if len(cfg.Command) == 0 {
		return 0, fmt.Errorf("exec in container %s: no command is given", c.cfg.Name)
	}
	return c.remote(ctx, callExec, cfg)
}

// Attach connects to the main program's streams until the container has ended, which is no error, or ctx has. Stdin
// needs ContainerConfig.Stdin; TTY is as the container has it.
func (c *Container) Attach(ctx context.Context, cfg sandbox.ExecConfig) error {
	_, err := c.remote(ctx, callAttach, cfg)
	return err
}

// remote carries out an exec or attach.
func (c *Container) remote(ctx context.Context, k kind, cfg sandbox.ExecConfig) (int, error) {
	c.mu.Lock()
	running := c.started && !c.over
	c.mu.Unlock()
	what := map[kind]string{callExec: "exec in", callAttach: "attach to"}[k]
	p := c.process
	if !running || !p.hold() {
		return 0, fmt.Errorf("%s container %s: container not running", what, c.cfg.Name)
	}
	defer p.streams.Done()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	number := p.runtime.remotes.Add(1)
	stream, err := open(p.session, k, remote{
		ID: c.id, Stream: number, Command: cfg.Command, Env: cfg.Env, TTY: cfg.TTY, Stdin: cfg.Stdin != nil,
		Stdout: cfg.Stdout != nil, Stderr: cfg.Stderr != nil, Resize: cfg.Resize != nil,
	})
	if err != nil {
		return 0, fmt.Errorf("%s container %s: container not running", what, c.cfg.Name)
	}
	over := make(chan struct{})
	defer close(over)
	if cfg.Stdin != nil {
		go sendInput(stream, cfg.Stdin, over)
	}
	if cfg.Resize != nil {
		go c.sendSizes(number, cfg.Resize, over)
	}
	cancel := sync.OnceFunc(func() {
		go func() { _ = call(context.Background(), p.session, callCancel, number, nil) }()
	})
	result := make(chan outcome, 1)
	go func() { result <- receive(stream, cfg, cancel) }()
	defer stream.Close()
	select {
	case got := <-result:
		return c.remoteResult(ctx, got)
	case <-ctx.Done():
	}
	cancel()
	timer := time.NewTimer(cancelTime)
	defer timer.Stop()
	select {
	case <-result:
	case <-timer.C:
	}
	return 0, ctx.Err()
}

// outcome is what a remote command came to.
type outcome struct {
	code int
	err  error
	lost bool // the process has ended before it could say
}

func (c *Container) remoteResult(ctx context.Context, got outcome) (int, error) {
	switch {
	case got.lost && ctx.Err() != nil:
		return 0, ctx.Err()
	case got.lost: // killed with its container
		return 137, nil
	}
	return got.code, got.err
}

// receive copies output to the client until the result comes. A client that takes no more is gone: a command is then killed
// as by SIGPIPE, an attach ends, and what still comes is dropped.
func receive(stream *yamux.Stream, cfg sandbox.ExecConfig, gone func()) outcome {
	to := map[kind]io.Writer{frameStdout: cfg.Stdout, frameStderr: cfg.Stderr}
	for {
		k, payload, err := readFrame(stream)
		switch {
		case err != nil:
			return outcome{lost: true}
		case k == frameDone:
			var o outcome
			o.err = readAnswer(payload, &o.code)
			return o
		case to[k] != nil:
			if _, err := to[k].Write(payload); err != nil {
				to[k] = nil
				gone()
			}
		}
	}
}

// sendInput copies the client's input. It ends at the first Read that returns after the command has ended: no reader can
// be made to return sooner.
func sendInput(stream *yamux.Stream, from io.Reader, over <-chan struct{}) {
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		select {
		case <-over:
			return
		default:
		}
		if n > 0 && writeFrame(stream, frameStdin, buf[:n]) != nil {
			return
		}
		if err != nil {
			_ = writeFrame(stream, frameStdinEnd, nil)
			return
		}
	}
}

func (c *Container) sendSizes(number uint64, sizes <-chan sandbox.Size, over <-chan struct{}) {
	for {
		select {
		case size, ok := <-sizes:
			if !ok {
				return
			}
			if call(context.Background(), c.process.session, callResize, resize{number, size}, nil) != nil {
				return
			}
		case <-over:
			return
		}
	}
}
