package tools

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// tail holds no more than what it is to print.
func tail(ctx context.Context, p *sandbox.Process) int {
	oldCount(p, "-+")
	found, names, ok := optionSpec{letters: "fc:n:qs:vF"}.parse(p)
	if !ok {
		return 1
	}
	t := &tailer{ctx: ctx, p: p, n: defaultCount, every: time.Second}
	for _, o := range found {
		switch o.letter {
		case 'n', 'c':
			text, plus := strings.CutPrefix(o.value, "+")
			count, err := parseCount(strings.TrimPrefix(text, "-"), countSuffixes())
			if err != nil {
				return failf(p, "invalid number '%s'", o.value)
			}
			t.n, t.fromStart, t.bytewise = count, plus, o.letter == 'c'
		case 's':
			d, err := parseSeconds(o.value)
			if err != nil {
				return failf(p, "invalid number '%s'", o.value)
			}
			t.every = d
		}
	}
	set := asSet(found)
	t.retry = has(set, 'F')
	t.headers = headerPrinter{p: p, always: has(set, 'v'), never: has(set, 'q') && !has(set, 'v'), many: openable(p, names) > 1}
	if len(names) == 0 {
		names = []string{"-"}
	}
	follow := has(set, 'f') || has(set, 'F')
	code := 0
	var files []*tailedFile
	for _, n := range names {
		f := &tailedFile{name: n}
		if err := t.first(f); err != nil && ctx.Err() == nil {
			code = failf(p, "can't open '%s': %s", n, Reason(err))
			if !t.retry {
				continue
			}
		}
		files = append(files, f)
	}
	if len(files) == 0 && ctx.Err() == nil {
		return failf(p, "no files")
	}
	if !follow || ctx.Err() != nil {
		return code
	}
	t.follow(files)
	return 1
}

// openable is how many of the files can be opened: the others have no header.
func openable(p *sandbox.Process, names []string) int {
	n := 0
	for _, name := range names {
		if in, err := openInput(p, name); err == nil {
			_ = in.Close()
			n++
		}
	}
	return n
}

type tailer struct {
	ctx                        context.Context
	p                          *sandbox.Process
	n                          int64
	fromStart, bytewise, retry bool
	every                      time.Duration
	headers                    headerPrinter
	shown                      *tailedFile // the file whose lines were printed last
}

// tailedFile is a file and how far it has been printed.
type tailedFile struct {
	name   string
	offset int64
	gone   bool
}

// first prints the end of a file.
func (t *tailer) first(f *tailedFile) error {
	in, err := openInput(t.p, f.name)
	if err != nil {
		f.gone = true
		return err
	}
	defer in.Close()
	t.headers.print(f.name)
	t.shown = f
	counted := &countingReader{r: in}
	switch {
	case t.fromStart && t.bytewise:
		if _, err = io.CopyN(io.Discard, ctxReader{t.ctx, counted}, max(0, t.n-1)); err == nil {
			err = copyStream(t.ctx, t.p.Stdout, counted)
		}
	case t.fromStart:
		err = linesFrom(t.ctx, t.p.Stdout, counted, t.n)
	case t.bytewise:
		err = lastBytes(t.ctx, t.p.Stdout, counted, t.n)
	default:
		err = lastLines(t.ctx, t.p.Stdout, counted, t.n)
	}
	f.offset = counted.n
	if err != nil && !isEnd(err) && t.ctx.Err() == nil {
		failf(t.p, "read error: %s", Reason(err))
	}
	return nil
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// ctxReader ends with its context, for code that reads without end by itself.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

func linesFrom(ctx context.Context, w io.Writer, r io.Reader, n int64) error {
	l := newLines(ctx, r)
	for number := int64(1); ; number++ {
		line, ended, ok := l.next()
		if !ok {
			return l.failed()
		}
		if number >= n && !writeChunk(w, line, ended) {
			return nil
		}
	}
}

func lastLines(ctx context.Context, w io.Writer, r io.Reader, n int64) error {
	l := newLines(ctx, r)
	var ring [][]byte // grows up to n, then the oldest is replaced
	oldest := 0
	for {
		line, ended, ok := l.next()
		if !ok {
			break
		}
		if n == 0 {
			continue
		}
		if int64(len(ring)) < n {
			ring = append(ring, nil)
			oldest = len(ring) - 1
		}
		text := append(ring[oldest][:0], line...)
		if ended {
			text = append(text, '\n')
		}
		if cap(text) > 2*len(text)+readBytes {
			text = bytes.Clone(text) // one long line is not kept for ever
		}
		ring[oldest] = text
		oldest = (oldest + 1) % len(ring)
	}
	for i := range ring {
		if _, err := w.Write(ring[(oldest+i)%len(ring)]); err != nil {
			return nil //nolint:nilerr // nobody reads any more
		}
	}
	return l.failed()
}

func lastBytes(ctx context.Context, w io.Writer, r io.Reader, n int64) error {
	if s, ok := r.(*countingReader).r.(*sandbox.File); ok {
		if info, err := s.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > n {
			if at, err := s.Seek(info.Size()-n, io.SeekStart); err == nil {
				r.(*countingReader).n = at
			}
		}
	}
	var held []byte
	buf := make([]byte, readBytes)
	for ctx.Err() == nil {
		m, err := r.Read(buf)
		held = append(held, buf[:m]...)
		if extra := int64(len(held)) - n; extra > 0 && (extra >= max(n, readBytes) || err != nil) {
			held = append(held[:0], held[extra:]...)
		}
		if err != nil {
			_, _ = w.Write(held)
			return err
		}
	}
	return ctx.Err()
}

// follow prints what is appended to files, until the process ends.
func (t *tailer) follow(files []*tailedFile) {
	for sleepFor(t.ctx, max(t.every, 10*time.Millisecond)) {
		for _, f := range files {
			if f.name != "-" {
				t.more(f)
			} else if copyStream(t.ctx, t.p.Stdout, t.p.Stdin) != nil {
				return
			}
		}
	}
}

func (t *tailer) more(f *tailedFile) {
	file, err := t.p.Open(f.name)
	if err != nil {
		f.gone = f.gone || t.retry
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	if f.gone {
		f.gone, f.offset = false, 0
		failf(t.p, "%s has appeared; following end of new file", f.name)
	}
	if info.Size() < f.offset {
		f.offset = 0
	}
	if info.Size() == f.offset {
		return
	}
	if _, err := file.Seek(f.offset, io.SeekStart); err != nil {
		return
	}
	if t.shown != f {
		t.headers.print(f.name)
		t.shown = f
	}
	counted := &countingReader{r: io.LimitReader(file, info.Size()-f.offset)}
	_ = copyStream(t.ctx, t.p.Stdout, counted)
	f.offset += counted.n
}
