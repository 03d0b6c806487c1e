package tools

import (
	"context"
	"io"
	"slices"

	"healthlab/lab/node/sandbox"
)

func rev(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "", "")
	if !ok {
		return 1
	}
	return inputs(p, names, func(_ string, r io.Reader) error {
		l := newLines(ctx, r)
		for {
			line, ended, ok := l.next()
			if !ok {
				return l.failed()
			}
			slices.Reverse(line)
			if !writeChunk(p.Stdout, line, ended) {
				return nil
			}
		}
	})
}

// tac holds the whole of its input, as it must.
func tac(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "", "")
	if !ok {
		return 1
	}
	var all [][]byte
	code := quietInputs(p, names, func(_ string, r io.Reader) error {
		l := newLines(ctx, r)
		for {
			line, ok := l.keep()
			if !ok {
				return l.failed()
			}
			all = append(all, line)
		}
	})
	for _, line := range slices.Backward(all) {
		if _, err := p.Stdout.Write(line); err != nil {
			return 1
		}
	}
	return code
}
