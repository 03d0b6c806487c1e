package tools

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

// defaultCount is how many lines head and tail show.
const defaultCount = 10

func head(ctx context.Context, p *sandbox.Process) int {
	oldCount(p, "-")
	found, names, ok := optionSpec{letters: "n:c:qv"}.parse(p)
	if !ok {
		return 1
	}
	count, byBytes, except := int64(defaultCount), false, false
	for _, o := range found {
		if o.letter != 'n' && o.letter != 'c' {
			continue
		}
		text, minus := strings.CutPrefix(o.value, "-")
		n, err := parseCount(text, countSuffixes())
		if err != nil {
			return failf(p, "invalid number '%s'", text)
		}
		count, byBytes, except = n, o.letter == 'c', minus
	}
	set := asSet(found)
	headers := headerPrinter{p: p, always: has(set, 'v'), never: has(set, 'q') && !has(set, 'v'), many: len(names) > 1}
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, n := range names {
		r, err := openInput(p, n)
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			headers.printed = true // BusyBox leaves a line free also after a file that is missing
			continue
		}
		headers.print(n)
		err = headOf(ctx, p, r, count, byBytes, except)
		_ = r.Close()
		if ctx.Err() != nil {
			return 1
		}
		if err != nil {
			code = failf(p, "%s", Reason(err))
		}
	}
	return code
}

func headOf(ctx context.Context, p *sandbox.Process, r io.Reader, n int64, byBytes, except bool) error {
	switch {
	case byBytes && except:
		return allButBytes(ctx, p.Stdout, r, n)
	case byBytes:
		return copyStream(ctx, p.Stdout, io.LimitReader(r, n))
	case except:
		return allButLines(ctx, p.Stdout, r, n)
	}
	return firstLines(ctx, p.Stdout, r, n)
}

// headerPrinter prints the names of files above their lines.
type headerPrinter struct {
	p                   *sandbox.Process
	always, never, many bool
	printed             bool
}

func (h *headerPrinter) print(name string) {
	if h.never || !h.many && !h.always {
		return
	}
	if name == "-" {
		name = "standard input"
	}
	if h.printed {
		fmt.Fprintln(h.p.Stdout)
	}
	h.printed = true
	fmt.Fprintf(h.p.Stdout, "==> %s <==\n", name)
}

func firstLines(ctx context.Context, w io.Writer, r io.Reader, n int64) error {
	l := newLines(ctx, r)
	for ; n > 0; n-- {
		line, ended, ok := l.next()
		if !ok {
			return l.failed()
		}
		if !writeChunk(w, line, ended) {
			return nil
		}
	}
	return nil
}

// writeChunk writes a line with its end, if it had one.
func writeChunk(w io.Writer, line []byte, ended bool) bool {
	if ended {
		return writeLine(w, line)
	}
	_, err := w.Write(line)
	return err == nil
}

// allButLines holds back the last n lines.
func allButLines(ctx context.Context, w io.Writer, r io.Reader, n int64) error {
	l := newLines(ctx, r)
	var held [][]byte
	for {
		line, ok := l.keep()
		if !ok {
			return l.failed()
		}
		held = append(held, line)
		if int64(len(held)) > n {
			if _, err := w.Write(held[0]); err != nil {
				return nil //nolint:nilerr // nobody reads any more
			}
			held[0] = nil
			held = held[1:]
		}
	}
}

// allButBytes holds back the last n bytes.
func allButBytes(ctx context.Context, w io.Writer, r io.Reader, n int64) error {
	var held []byte
	buf := make([]byte, readBytes)
	for ctx.Err() == nil {
		m, err := r.Read(buf)
		held = append(held, buf[:m]...)
		if extra := int64(len(held)) - n; extra >= readBytes || extra > 0 && err != nil {
			if _, werr := w.Write(held[:extra]); werr != nil {
				return nil //nolint:nilerr // nobody reads any more
			}
			held = append(held[:0], held[extra:]...)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// oldCount turns the old form -5 of head and tail, and tail's +5, into -n.
func oldCount(p *sandbox.Process, marks string) {
	if len(p.Args) < 2 {
		return
	}
	a := p.Args[1]
	if len(a) < 2 || strings.IndexByte(marks, a[0]) < 0 || !isDigit(a[1]) {
		return
	}
	value := strings.TrimPrefix(a, "-")
	p.Args = slices.Concat(p.Args[:1], []string{"-n", value}, p.Args[2:])
}
