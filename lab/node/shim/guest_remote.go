package shim

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/yamux"

	"healthlab/lab/node/sandbox"
)

// guestRemote is an exec or attach under way.
type guestRemote struct {
	cancel context.CancelFunc
	sizes  chan sandbox.Size
}

// lastWords is how long the result of a remote command may take to be taken by a client that reads slowly.
const lastWords = 10 * time.Second

// remote carries out an exec or attach over its stream.
func (g *guest) remote(stream *yamux.Stream, k kind, payload []byte) {
	var r remote
	if err := json.Unmarshal(payload, &r); err != nil {
		_ = writeAnswer(stream, nil, err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	own := &guestRemote{cancel: cancel}
	out := &frames{to: stream}
	cfg := sandbox.ExecConfig{Command: r.Command, Env: r.Env, TTY: r.TTY}
	if r.Stdout {
		cfg.Stdout = frameWriter{out, frameStdout}
	}
	if r.Stderr {
		cfg.Stderr = frameWriter{out, frameStderr}
	}
	if r.Resize {
		own.sizes = make(chan sandbox.Size, 1)
		cfg.Resize = own.sizes
	}
	if r.Stdin {
		cfg.Stdin = &frameReader{from: stream}
	}
	g.mu.Lock()
	g.remotes[r.Stream] = own
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.remotes, r.Stream)
	}()
	var code int
	err := g.with(r.ID, func(c *sandbox.Container) (err error) {
		if k == callAttach {
			return c.Attach(ctx, cfg)
		}
		code, err = c.Exec(ctx, cfg)
		return err
	})
	_ = stream.SetWriteDeadline(time.Now().Add(lastWords))
	out.mu.Lock()
	defer out.mu.Unlock()
	_ = writeAnswer(stream, code, err)
}

func (g *guest) cancelRemote(stream uint64) error {
	g.mu.Lock()
	r := g.remotes[stream]
	g.mu.Unlock()
	if r != nil {
		r.cancel()
	}
	return nil
}

// resizeRemote hands a terminal its newest size; one that was not taken yet is of no use any more.
func (g *guest) resizeRemote(s resize) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.remotes[s.Stream]
	if r == nil || r.sizes == nil {
		return nil
	}
	select {
	case <-r.sizes:
	default:
	}
	r.sizes <- s.Size
	return nil
}

// frames lets several writers share a stream.
type frames struct {
	mu sync.Mutex
	to io.Writer
}

type frameWriter struct {
	frames *frames
	kind   kind
}

func (w frameWriter) Write(b []byte) (int, error) {
	w.frames.mu.Lock()
	defer w.frames.mu.Unlock()
	for n := 0; n < len(b); {
		part := b[n:min(n+(32<<10), len(b))]
		if err := writeFrame(w.frames.to, w.kind, part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return len(b), nil
}

// frameReader is the client's input.
type frameReader struct {
	from io.Reader
	rest []byte
	end  bool
}

func (r *frameReader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.end {
			return 0, io.EOF
		}
		k, payload, err := readFrame(r.from)
		switch {
		case err != nil:
			return 0, err
		case k == frameStdinEnd:
			r.end = true
		case k == frameStdin:
			r.rest = payload
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
