//go:build unix

package probes_test

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"healthlab/probes"
)

// runCommand runs commands on the host, as a Target's Exec must: it returns once ctx has ended, also when a child of
// the command holds the output open.
func runCommand(ctx context.Context, command []string, limit int) ([]byte, int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = 3 * time.Second
	output, err := cmd.CombinedOutput()
	output = output[:min(len(output), limit)]
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return output, 0, ctx.Err()
	case errors.As(err, &exit):
		return output, exit.ExitCode(), nil
	default:
		return output, 0, err
	}
}

func TestExecRealCommands(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		timeout time.Duration // default: 20 s
		want    answer
	}{
		{name: "success", command: []string{"echo", "fine"}, want: answer{Outcome: probes.Success, Message: "fine\n"}},
		{
			name: "failure", command: []string{"sh", "-c", "echo out; echo err >&2; exit 3"},
			want: answer{Outcome: probes.Failure, Message: "out\nerr\n"},
		},
		{name: "failure without output", command: []string{"false"}, want: answer{Outcome: probes.Failure}},
		{
			name: "too slow", command: []string{"sleep", "60"}, timeout: time.Second,
			want: answer{Outcome: probes.Failure, Message: `command timed out: "sleep 60" timed out after 1s`},
		},
		{
			name: "failing, but too slow to count", timeout: time.Second,
			command: []string{"sh", "-c", "sleep 60; exit 1"},
			want: answer{
				Outcome: probes.Failure, Message: `command timed out: "sh -c sleep 60; exit 1" timed out after 1s`,
			},
		},
		{
			name: "too slow, child left behind with the output", timeout: time.Second,
			command: []string{"sh", "-c", "sleep 5 & echo begun; sleep 60"},
			want: answer{
				Outcome: probes.Failure,
				Message: `command timed out: "sh -c sleep 5 & echo begun; sleep 60" timed out after 1s`,
			},
		},
		{
			name:    "output without end",
			command: []string{"sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; exit 1"},
			want:    answer{Outcome: probes.Failure, Message: strings.Repeat("x", 10<<10)},
		},
		{
			name: "command that is not there", command: []string{"/no/such/command"},
			want: answer{
				Outcome: probes.Unknown, ErrorState: probes.Unknown,
				Message: "fork/exec /no/such/command: no such file or directory",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			spec := probes.Spec{
				Kind: probes.Liveness, Timeout: 20 * time.Second, Exec: &probes.ExecAction{Command: test.command},
			}
			if test.timeout != 0 {
				spec.Timeout = test.timeout
			}
			began := time.Now()
			wantAnswer(t, test.want, try(t, spec, probes.Target{Exec: runCommand}))
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
