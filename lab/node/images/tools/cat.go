package tools

import (
	"context"
	"io"

	"healthlab/lab/node/sandbox"
)

func cat(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "uvetA", "")
	if !ok {
		return 1
	}
	return inputs(p, names, func(_ string, r io.Reader) error { return copyStream(ctx, p.Stdout, r) })
}
