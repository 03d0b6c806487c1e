package tools

import (
	"context"
	"time"

	"healthlab/lab/node/sandbox"
)

func timeout(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+s:k:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	sig := sandbox.SIGTERM
	if s, given := set['s']; given {
		var err error
		if sig, err = sandbox.ParseSignal(s); err != nil {
			return failf(p, "unknown signal '%s'", s)
		}
	}
	var grace time.Duration
	if k, given := set['k']; given {
		var err error
		if grace, err = parseSeconds(k); err != nil {
			return failf(p, "invalid number '%s'", k)
		}
	}
	if len(args) < 2 {
		return usage(p)
	}
	limit, err := parseSeconds(args[0])
	if err != nil {
		return failf(p, "invalid number '%s'", args[0])
	}
	child, err := p.Start(sandbox.Command{Path: args[1], Args: args[1:]})
	if err != nil {
		return notStarted(p, args[1], err, "can't execute '%s': %s")
	}
	if endsWithin(ctx, child, limit) {
		return child.ExitCode()
	}
	_ = p.Kill(child.PID(), sig) // it may have ended meanwhile
	if grace > 0 && !endsWithin(ctx, child, grace) {
		_ = p.Kill(child.PID(), sandbox.SIGKILL)
	}
	wait(ctx, child)
	if ctx.Err() != nil {
		return 1
	}
	// The real one is the parent of its timer and becomes the program, so it dies of the same signal.
	if got := child.ExitSignal(); got != 0 && p.PID() != 1 {
		p.Default(got)
		_ = p.Kill(p.PID(), got)
	}
	return child.ExitCode()
}

// endsWithin waits for a child, for a time or the end of this process.
func endsWithin(ctx context.Context, child *sandbox.Process, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-child.Done():
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}
