package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func basename(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return failf(p, "missing operand")
	}
	base := path.Base(p.Args[1])
	if len(p.Args) > 2 && base != p.Args[2] {
		base = strings.TrimSuffix(base, p.Args[2])
	}
	fmt.Fprintln(p.Stdout, base)
	return 0
}

func dirname(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return failf(p, "missing operand")
	}
	fmt.Fprintln(p.Stdout, path.Dir(p.Args[1]))
	return 0
}
