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

func (m execMechanism) try(ctx context.Context, l limit) answer {
	ctx, cancel := context.WithTimeout(ctx, l.total())
	defer cancel()
	output, code, err := m.exec(ctx, m.command, maxOutput)
	// Whatever Exec made of being interrupted (an exit code 137, an error of its own), the command did not end in time.
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return overdue(m.command, l.timeout)
	}
	return ran(output, code, err)
}

// ran is the answer of a command that ended, or could not be run.
func ran(output []byte, code int, err error) answer {
	if err != nil {
		return erred(err)
	}
	message := string(output[:min(len(output), maxOutput)])
	if code != 0 {
		return failed(message)
	}
	return passed(message)
}

// overdue is the answer of a command that did not end in time.
func overdue(command []string, timeout time.Duration) answer {
	return late(fmt.Sprintf("command timed out: %q timed out after %s", strings.Join(command, " "), timeout))
}
