package probes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

func TestExec(t *testing.T) {
	const tooSlow = `command timed out: "cat /tmp/healthy" timed out after 1m1s`
	tests := []struct {
		name  string
		exec  func(ctx context.Context, limit int) ([]byte, int, error)
		want  answer
		tries int
	}{
		{
			name:  "success",
			exec:  func(context.Context, int) ([]byte, int, error) { return []byte("ok"), 0, nil },
			want:  answer{Outcome: probes.Success, Message: "ok"},
			tries: 1,
		},
		{
			name:  "failure",
			exec:  func(context.Context, int) ([]byte, int, error) { return []byte("no\n"), 1, nil },
			want:  answer{Outcome: probes.Failure, Message: "no\n"},
			tries: 1,
		},
		{
			name:  "more output than asked for",
			exec:  func(_ context.Context, limit int) ([]byte, int, error) { return make([]byte, 2*limit), 0, nil },
			want:  answer{Outcome: probes.Success, Message: strings.Repeat("\x00", 10<<10)},
			tries: 1,
		},
		{
			name:  "not run",
			exec:  func(context.Context, int) ([]byte, int, error) { return nil, 0, errors.New("no such file") },
			want:  answer{Outcome: probes.Unknown, ErrorState: probes.Unknown, Message: "no such file"},
			tries: 3,
		},
		{
			name: "a deadline of somebody else's",
			exec: func(context.Context, int) ([]byte, int, error) {
				return nil, 0, context.DeadlineExceeded
			},
			want:  answer{Outcome: probes.Unknown, ErrorState: probes.Unknown, Message: "context deadline exceeded"},
			tries: 3,
		},
		{
			name:  "timed out",
			exec:  func(ctx context.Context, _ int) ([]byte, int, error) { <-ctx.Done(); return nil, 0, ctx.Err() },
			want:  answer{Outcome: probes.Failure, Message: tooSlow},
			tries: 1,
		},
		{
			name:  "killed at the timeout, told as an exit code",
			exec:  func(ctx context.Context, _ int) ([]byte, int, error) { <-ctx.Done(); return nil, 137, nil },
			want:  answer{Outcome: probes.Failure, Message: tooSlow},
			tries: 1,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				exec := func(ctx context.Context, _ []string, limit int) ([]byte, int, error) {
					tries++
					return test.exec(ctx, limit)
				}
				spec := probes.Spec{
					Kind: probes.Liveness, Timeout: 61 * time.Second,
					Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
				}
				wantAnswer(t, test.want, try(t, spec, probes.Target{Exec: exec}))
				if tries != test.tries {
					t.Errorf("%d tries, want %d", tries, test.tries)
				}
			})
		})
	}
}

func TestTryCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		spec := probes.Spec{Kind: probes.Liveness, Exec: &probes.ExecAction{Command: []string{"x"}}}
		target := probes.Target{Exec: func(ctx context.Context, _ []string, _ int) ([]byte, int, error) {
			cancel()
			return nil, 0, ctx.Err()
		}}
		if a, err := probes.Try(ctx, spec, target); !errors.Is(err, context.Canceled) {
			t.Errorf("Try = %+v, %v; want %v", a, err, context.Canceled)
		}
	})
}
