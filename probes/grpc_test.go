package probes_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"healthlab/probes"
)

// hanging never answers before the call is given up.
type hanging struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (hanging) Check(
	ctx context.Context, _ *grpc_health_v1.HealthCheckRequest,
) (*grpc_health_v1.HealthCheckResponse, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// broken answers with an error of its own.
type broken struct {
	grpc_health_v1.UnimplementedHealthServer
}

func (broken) Check(
	context.Context, *grpc_health_v1.HealthCheckRequest,
) (*grpc_health_v1.HealthCheckResponse, error) {
	return nil, errors.New("disk on fire")
}

// serveGRPC returns the address of a gRPC server with the given health service; nil for none.
func serveGRPC(t testing.TB, service grpc_health_v1.HealthServer, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	if service != nil {
		grpc_health_v1.RegisterHealthServer(server, service)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return listener.Addr().String()
}

func TestGRPC(t *testing.T) {
	standard := health.NewServer()
	standard.SetServingStatus("down", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	standard.SetServingStatus("odd", grpc_health_v1.HealthCheckResponse_UNKNOWN)
	serving := serveGRPC(t, standard)
	secure := httptest.NewTLSServer(nil) // only for its certificate, which nobody trusts
	t.Cleanup(secure.Close)
	overTLS := serveGRPC(t, standard, grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: secure.TLS.Certificates})))
	silent := listenRaw(t, "127.0.0.1:0", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	closed := fmt.Sprintf("127.0.0.1:%d", closedPort(t))
	unconnected := func(address string) answer {
		return answer{Outcome: probes.Failure, Message: fmt.Sprintf(
			"timeout: failed to connect service %q within 1s: context deadline exceeded", address)}
	}
	tests := []struct {
		name    string
		address string
		service string
		timeout time.Duration
		tls     bool
		want    answer
	}{
		{name: "serving over TLS", address: overTLS, tls: true, want: answer{Outcome: probes.Success, Message: "service healthy"}},
		{name: "TLS asked of plain text", address: serving, timeout: time.Second, tls: true, want: unconnected(serving)},
		{name: "plain text asked of TLS", address: overTLS, timeout: time.Second, want: unconnected(overTLS)},
		{name: "serving", address: serving, want: answer{Outcome: probes.Success, Message: "service healthy"}},
		{name: "not serving", address: serving, service: "down", want: answer{
			Outcome: probes.Failure, Message: `service unhealthy (responded with "NOT_SERVING")`,
		}},
		{name: "unknown", address: serving, service: "odd", want: answer{
			Outcome: probes.Failure, Message: `service unhealthy (responded with "UNKNOWN")`,
		}},
		{name: "service that is not there", address: serving, service: "nobody", want: answer{
			Outcome: probes.Failure,
			Message: "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
		}},
		{name: "no health service", address: serveGRPC(t, nil), want: answer{
			Outcome: probes.Failure,
			Message: "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): " +
				"unknown service grpc.health.v1.Health",
		}},
		{name: "error of the server", address: serveGRPC(t, broken{}), want: answer{
			Outcome: probes.Failure,
			Message: "error: health rpc probe failed: rpc error: code = Unknown desc = disk on fire",
		}},
		{name: "hangs", address: serveGRPC(t, hanging{}), timeout: time.Second, want: answer{
			Outcome: probes.Failure, Message: "timeout: health rpc did not complete within 1s",
		}},
		{name: "refused", address: closed, timeout: time.Second, want: unconnected(closed)},
		{name: "never greets", address: silent, timeout: time.Second, want: unconnected(silent)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			host, port := address(t, test.address)
			spec := probes.Spec{
				Kind: probes.Readiness, Timeout: 20 * time.Second,
				GRPC: &probes.GRPCAction{Port: port, Service: test.service, TLS: test.tls},
			}
			if test.timeout != 0 {
				spec.Timeout = test.timeout
			}
			wantAnswer(t, test.want, try(t, spec, probes.Target{Host: host}))
		})
	}
}

func TestGRPCCall(t *testing.T) {
	var header metadata.MD
	at := serveGRPC(t, health.NewServer(), grpc.UnaryInterceptor(func(
		ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
	) (any, error) {
		header, _ = metadata.FromIncomingContext(ctx)
		return handle(ctx, request)
	}))
	host, port := address(t, at)
	spec := probes.Spec{Kind: probes.Liveness, Timeout: 20 * time.Second, GRPC: &probes.GRPCAction{Port: port}}
	wantAnswer(t, answer{Outcome: probes.Success, Message: "service healthy"},
		try(t, spec, probes.Target{Host: host, UserAgent: "probe/7"}))
	if got := strings.Join(header["user-agent"], ","); !strings.HasPrefix(got, "probe/7 grpc-go/") {
		t.Errorf("user agent = %q, want probe/7 and gRPC's own", got)
	}
	if got := strings.Join(header[":authority"], ","); got != at {
		t.Errorf("authority = %q, want %q", got, at)
	}
}
