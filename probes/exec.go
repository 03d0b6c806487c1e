package probes

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// execMechanism runs a command in the container (pkg/probe/exec).
type execMechanism struct {
	command []string
	exec    func(ctx context.Context, command []string, limit int) ([]byte, int, error)
}

func newExecMechanism(action *ExecAction, target Target) mechanism {
	return execMechanism{command: action.Command, exec: target.Exec}
}

func (m execMechanism) try(ctx context.Context, timeout time.Duration) answer {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	output, code, err := m.exec(ctx, m.command, maxOutput)
	// Whatever Exec made of being interrupted (an exit code 137, an error of its own), the command did not end in time.
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return failed(fmt.Sprintf("command timed out: %q timed out after %s", strings.Join(m.command, " "), timeout))
	}
	if err != nil {
		return erred(err)
	}
	message := string(output[:min(len(output), maxOutput)])
	if code != 0 {
		return failed(message)
	}
	return passed(message)
}
