package tools

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"io"
	"strconv"

	"healthlab/lab/node/sandbox"
)

func base64Program(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "d", "w")
	if !ok {
		return 1
	}
	if len(names) > 1 {
		return usage(p)
	}
	width := 76
	if v, given := set['w']; given {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		width = int(n)
	}
	decoder := func(r io.Reader) io.Reader { return base64.NewDecoder(base64.StdEncoding, r) }
	encoderTo := func(w io.Writer) io.WriteCloser { return base64.NewEncoder(base64.StdEncoding, w) }
	if name(p) == "base32" {
		decoder = func(r io.Reader) io.Reader { return base32.NewDecoder(base32.StdEncoding, r) }
		encoderTo = func(w io.Writer) io.WriteCloser { return base32.NewEncoder(base32.StdEncoding, w) }
	}
	return quietInputs(p, names, func(_ string, r io.Reader) error {
		r = ctxReader{ctx, r}
		if has(set, 'd') {
			if err := copyStream(ctx, p.Stdout, decoder(r)); err != nil {
				if ctx.Err() == nil && !ofSystem(err) {
					return errTruncated
				}
				return err
			}
			return nil
		}
		w := &wrapper{w: p.Stdout, width: width}
		encoder := encoderTo(w)
		if err := copyStream(ctx, encoder, r); err != nil {
			return err
		}
		if err := encoder.Close(); err != nil {
			return err
		}
		return w.end()
	})
}

// errTruncated is what BusyBox says about anything that is no base64.
const errTruncated = sandbox.Errno("truncated input")

// wrapper breaks what is written into lines; width 0: none.
type wrapper struct {
	w             io.Writer
	width, column int
}

func (w *wrapper) Write(data []byte) (int, error) {
	out := make([]byte, 0, len(data)+len(data)/max(w.width, 1)+1)
	for _, c := range data {
		if w.width > 0 && w.column == w.width {
			out = append(out, '\n')
			w.column = 0
		}
		out = append(out, c)
		w.column++
	}
	if _, err := w.w.Write(out); err != nil {
		return 0, err
	}
	return len(data), nil
}

func (w *wrapper) end() error {
	if w.width == 0 {
		return nil
	}
	_, err := w.w.Write([]byte{'\n'})
	return err
}
