package tools

import (
	"context"
	"io"
	"strings"

	"healthlab/lab/node/sandbox"
)

func xargs(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "r0t", "nI")
	if !ok {
		return 1
	}
	if len(set) > 0 && (has(set, 'n') || has(set, 'I')) {
		return failf(p, "-n and -I are not supported here")
	}
	data, err := io.ReadAll(io.LimitReader(p.Stdin, 1<<20))
	if err != nil {
		return failf(p, "%s", Reason(err))
	}
	if len(args) == 0 {
		args = []string{"echo"}
	}
	args = append(args, strings.Fields(string(data))...)
	child, err := p.Start(sandbox.Command{Path: args[0], Args: args, Stdin: strings.NewReader("")})
	if err != nil {
		failf(p, "%s: %s", args[0], Reason(sandbox.ENOENT))
		return 127
	}
	select {
	case <-child.Done():
		return child.ExitCode()
	case <-ctx.Done():
		return 1
	}
}
