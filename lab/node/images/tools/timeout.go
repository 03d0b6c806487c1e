package tools

import (
	"context"
	"errors"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func timeout(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	sig := sandbox.SIGTERM
	for len(args) > 1 && strings.HasPrefix(args[0], "-") {
		if args[0] == "-s" {
			s, err := sandbox.ParseSignal(args[1])
			if err != nil {
				return failf(p, "bad signal name '%s'", args[1])
			}
			sig, args = s, args[1:]
		}
		args = args[1:]
	}
	if len(args) < 2 {
		return failf(p, "missing operand")
	}
	limit, err := parseSeconds(args[0])
	if err != nil {
		return failf(p, "invalid number '%s'", args[0])
	}
	child, err := p.Start(sandbox.Command{Path: args[1], Args: args[1:]})
	if err != nil {
		var start *sandbox.StartError
		if errors.As(err, &start) {
			failf(p, "can't execute '%s': %s", args[1], start.Errno)
			return start.Code
		}
		return failf(p, "can't fork: %s", Reason(err))
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-child.Done():
		return child.ExitCode()
	case <-timer.C:
	case <-ctx.Done():
		return 1
	}
	_ = p.Kill(child.PID(), sig) // it may have ended meanwhile
	select {
	case <-child.Done():
	case <-ctx.Done():
	}
	return 128 + int(sig)
}
