package tools

import (
	"context"
	"errors"

	"healthlab/lab/node/sandbox"
)

// run starts a program, waits for it and returns its exit code. One that cannot be started is reported, and its code is
// that of a shell: 126 or 127.
func run(ctx context.Context, p *sandbox.Process, cmd sandbox.Command) (code int, started bool) {
	child, err := p.Start(cmd)
	if err != nil {
		return notStarted(p, cmd.Path, err, "%s: %s"), false
	}
	return wait(ctx, child), true
}

// wait returns the exit code of a child, or 1 once the waiting process has ended.
func wait(ctx context.Context, child *sandbox.Process) int {
	select {
	case <-child.Done():
		return child.ExitCode()
	case <-ctx.Done():
		return 1
	}
}

// notStarted reports why a program cannot be started, in a program's own format, and returns the exit code.
func notStarted(p *sandbox.Process, path string, err error, format string) int {
	var start *sandbox.StartError
	if errors.As(err, &start) {
		failf(p, format, path, start.Errno)
		return start.Code
	}
	failf(p, "can't fork: %s", Reason(err))
	return 1
}
