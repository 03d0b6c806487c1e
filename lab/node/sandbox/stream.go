package sandbox

import (
	"context"
	"errors"
	"io"
	"sync"
)

// pipeBytes is how much a pipe holds before writers wait, as in Linux.
const pipeBytes = 64 << 10

// pipe is what the kernel's pipe is to processes: bounded, with an end of file once the last writer is gone and EPIPE
// once the last reader is. Both ends count their holders, so a child that was left behind keeps its parent's output
// open. It takes no file descriptor of the host, so no script can use those up.
type pipe struct {
	mu      sync.Mutex
	data    []byte
	readers int
	writers int
	changed chan struct{} // closed and replaced at each change
}

// newPipe returns both ends, each held once by the caller.
func newPipe() (*pipeReader, *pipeWriter) {
	p := &pipe{readers: 1, writers: 1, changed: make(chan struct{})}
	return &pipeReader{p}, &pipeWriter{p}
}

// notify wakes who waits; p.mu is held.
func (p *pipe) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

type (
	pipeReader struct{ p *pipe }
	pipeWriter struct{ p *pipe }
)

// holder is a stream that is closed when its last holder releases it.
type holder interface {
	retain()
	release()
}

func (r *pipeReader) retain()  { r.p.hold(&r.p.readers, 1) }
func (r *pipeReader) release() { r.p.hold(&r.p.readers, -1) }
func (w *pipeWriter) retain()  { w.p.hold(&w.p.writers, 1) }
func (w *pipeWriter) release() { w.p.hold(&w.p.writers, -1) }

func (p *pipe) hold(count *int, delta int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*count += delta
	p.notify()
}

func (r *pipeReader) Read(b []byte) (int, error) { return r.readContext(context.Background(), b) }

func (r *pipeReader) readContext(ctx context.Context, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		r.p.mu.Lock()
		if n := copy(b, r.p.data); n > 0 {
			if r.p.data = r.p.data[n:]; len(r.p.data) == 0 {
				r.p.data = nil
			}
			r.p.notify()
			r.p.mu.Unlock()
			return n, nil
		}
		ended, changed := r.p.writers <= 0, r.p.changed
		r.p.mu.Unlock()
		if ended {
			return 0, io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func (w *pipeWriter) Write(b []byte) (int, error) { return w.writeContext(context.Background(), b) }

func (w *pipeWriter) writeContext(ctx context.Context, b []byte) (int, error) {
	total := 0
	for {
		w.p.mu.Lock()
		if w.p.readers <= 0 {
			w.p.mu.Unlock()
			return total, EPIPE
		}
		if n := min(len(b), pipeBytes-len(w.p.data)); n > 0 {
			w.p.data = append(w.p.data, b[:n]...)
			b, total = b[n:], total+n
			w.p.notify()
		}
		changed := w.p.changed
		w.p.mu.Unlock()
		if len(b) == 0 {
			return total, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return total, ctx.Err()
		}
	}
}

// contextReader and contextWriter are streams whose waiting a killed process can leave.
type (
	contextReader interface {
		readContext(ctx context.Context, b []byte) (int, error)
	}
	contextWriter interface {
		writeContext(ctx context.Context, b []byte) (int, error)
	}
)

// stdin is a process's standard input: reading ends with the process, and waits while it is stopped.
type stdin struct {
	p    *Process
	from io.Reader
}

func (s *stdin) Read(b []byte) (int, error) {
	if err := s.p.gate(); err != nil {
		return 0, err
	}
	if r, ok := s.from.(contextReader); ok {
		return r.readContext(s.p.ctx, b)
	}
	return s.from.Read(b)
}

// stdout is a process's standard output or error. Writing to a pipe that nobody reads raises SIGPIPE.
type stdout struct {
	p  *Process
	to io.Writer
}

func (s *stdout) Write(b []byte) (int, error) {
	if err := s.p.gate(); err != nil {
		return 0, err
	}
	var n int
	var err error
	if w, ok := s.to.(contextWriter); ok {
		n, err = w.writeContext(s.p.ctx, b)
	} else {
		n, err = s.to.Write(b)
	}
	if errors.Is(err, EPIPE) {
		s.p.deliver(SIGPIPE, nil)
	}
	return n, err
}

// unwrapReader and unwrapWriter return the stream below a process's own, for its children.
func unwrapReader(r io.Reader) io.Reader {
	switch s := r.(type) {
	case *stdin:
		return s.from
	case *readEnd:
		return s.from
	}
	return r
}

func unwrapWriter(w io.Writer) io.Writer {
	switch s := w.(type) {
	case *stdout:
		return s.to
	case *writeEnd:
		return s.to
	}
	return w
}

// ReadContext reads from a stream of this process until ctx ends, where the stream can wait: pipes and terminals.
func (p *Process) ReadContext(ctx context.Context, from io.Reader, b []byte) (int, error) {
	if err := p.gate(); err != nil {
		return 0, err
	}
	if r, ok := unwrapReader(from).(contextReader); ok {
		return r.readContext(ctx, b)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return from.Read(b)
}

// empty is /dev/null as an input.
type empty struct{}

func (empty) Read([]byte) (int, error) { return 0, io.EOF }

// Pipe connects two processes. The caller holds both ends until it calls release, which it does once it has started
// the processes that use them.
func (p *Process) Pipe() (r io.Reader, w io.Writer, release func()) {
	pr, pw := newPipe()
	return pr, pw, func() { pr.release(); pw.release() }
}

// PipeFrom connects the output of a child with this process, PipeTo its input. The child's end is for Start, after which
// started gives up this process's hold of it. The other end is closed by Close, or with the process.
func (p *Process) PipeFrom() (r io.ReadCloser, childs io.Writer, started func()) {
	pr, pw := newPipe()
	end := &readEnd{stdin{p, pr}, heldEnd{p: p, end: pr}}
	if !p.own(end) {
		_ = end.Close()
	}
	return end, pw, pw.release
}

// PipeTo is PipeFrom the other way round. Writing once the child has closed its end raises SIGPIPE.
func (p *Process) PipeTo() (childs io.Reader, w io.WriteCloser, started func()) {
	pr, pw := newPipe()
	end := &writeEnd{stdout{p, pw}, heldEnd{p: p, end: pw}}
	if !p.own(end) {
		_ = end.Close()
	}
	return pr, end, pr.release
}

type (
	readEnd struct {
		stdin
		held heldEnd
	}
	writeEnd struct {
		stdout
		held heldEnd
	}
	heldEnd struct {
		p    *Process
		end  holder
		once sync.Once
	}
)

func (e *readEnd) Close() error  { return e.held.close(e) }
func (e *writeEnd) Close() error { return e.held.close(e) }

func (h *heldEnd) close(c io.Closer) error {
	h.once.Do(func() {
		h.p.disown(c)
		h.end.release()
	})
	return nil
}
