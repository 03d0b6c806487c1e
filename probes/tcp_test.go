package probes_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

func TestTCP(t *testing.T) {
	open := listenRaw(t, "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	_, port := address(t, open)
	closed := closedPort(t)
	tests := []struct {
		name string
		port int
		want answer
	}{
		{name: "open", port: port, want: answer{Outcome: probes.Success}},
		{name: "refused", port: closed, want: answer{
			Outcome: probes.Failure,
			Message: fmt.Sprintf("dial tcp 127.0.0.1:%d: connect: connection refused", closed),
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			spec := probes.Spec{
				Kind: probes.Liveness, Timeout: 10 * time.Second,
				TCP: &probes.TCPAction{Port: probes.Port{Number: test.port}},
			}
			wantAnswer(t, test.want, try(t, spec, probes.Target{Host: "127.0.0.1"}))
		})
	}
}

func TestTCPTimeout(t *testing.T) {
	tests := []struct {
		name string
		err  func(error) error // what a dial that gets no answer returns
		want string
	}{
		{
			name: "in a tunnel's words", want: "dial tcp app.example:80: i/o timeout",
			err: func(err error) error { return fmt.Errorf("tunnel to app.example: %w", err) },
		},
		{
			name: "of one of a name's addresses", want: "dial tcp 192.0.2.1:80: context deadline exceeded",
			err: func(err error) error {
				at := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}
				return &net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: err}
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				spec := probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{Port: probes.Port{Number: 80}}}
				dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, test.err(ctx.Err())
				}
				began := time.Now()
				wantAnswer(t, answer{Outcome: probes.Failure, Message: test.want},
					try(t, spec, probes.Target{Host: "app.example", Dial: dial}))
				if took := time.Since(began); took != time.Second {
					t.Errorf("took %v, want the default timeout", took)
				}
			})
		})
	}
}
