package tools

import (
	"context"
	"fmt"

	"healthlab/lab/node/sandbox"
)

func which(_ context.Context, p *sandbox.Process) int {
	code := 0
	for _, n := range p.Args[1:] {
		found, err := p.LookPath(n)
		if err != nil {
			code = 1
			continue
		}
		fmt.Fprintln(p.Stdout, found)
	}
	return code
}

func pwd(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, p.Dir)
	return 0
}

// tty names the terminal.
func tty(_ context.Context, p *sandbox.Process) int {
	if p.Terminal() == nil {
		_, _ = fmt.Fprintln(p.Stdout, "not a tty")
		return 1
	}
	_, _ = fmt.Fprintln(p.Stdout, "/dev/pts/0")
	return 0
}
