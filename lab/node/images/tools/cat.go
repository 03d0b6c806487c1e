package tools

import (
	"context"
	"fmt"
	"io"

	"healthlab/lab/node/sandbox"
)

func cat(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "uvetAnb", "")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	c := catter{set: set, lineStart: true}
	code := 0
	for _, n := range names {
		in, err := openInput(p, n)
		if err != nil {
			code = failf(p, "can't open '%s': %s", n, Reason(err))
			continue
		}
		if len(set) == 0 || len(set) == 1 && has(set, 'u') {
			err = copyStream(ctx, p.Stdout, in)
		} else {
			err = c.copy(ctx, p.Stdout, in)
		}
		_ = in.Close()
		if ctx.Err() != nil {
			return 1
		}
		if err != nil {
			code = failf(p, "read error: %s", Reason(err))
		}
	}
	return code
}

// catter shows what -n, -b, -v, -e, -t and -A ask for, and knows where it stands between two files.
type catter struct {
	set       map[byte]string
	number    int
	lineStart bool
}

func (c *catter) copy(ctx context.Context, w io.Writer, r io.Reader) error {
	buf := make([]byte, readBytes)
	var out []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		out = out[:0]
		for _, b := range buf[:n] {
			if c.lineStart && (has(c.set, 'n') && !has(c.set, 'b') || has(c.set, 'b') && b != '\n') {
				c.number++
				out = fmt.Appendf(out, "%6d\t", c.number)
			}
			c.lineStart = b == '\n'
			out = c.show(out, b)
		}
		if len(out) > 0 {
			if _, werr := w.Write(out); werr != nil {
				return werr
			}
		}
		if isEnd(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *catter) show(out []byte, b byte) []byte {
	ends, tabs := has(c.set, 'e') || has(c.set, 'A'), has(c.set, 't') || has(c.set, 'A')
	visible := has(c.set, 'v') || ends || tabs
	switch {
	case b == '\n':
		if ends {
			out = append(out, '$')
		}
		return append(out, b)
	case !visible || b == '\t' && !tabs:
		return append(out, b)
	}
	if b >= 0x80 {
		out = append(out, "M-"...)
		b -= 0x80
	}
	switch {
	case b == 0x7f:
		return append(out, "^?"...)
	case b < ' ':
		return append(out, '^', b+'@')
	}
	return append(out, b)
}
