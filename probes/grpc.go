package probes

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// grpcMechanism asks the standard health service (pkg/probe/grpc). Every failure to ask counts as a failure.
type grpcMechanism struct {
	address string
	options []grpc.DialOption
	request *grpc_health_v1.HealthCheckRequest
}

func newGRPCMechanism(action *GRPCAction, target Target) mechanism {
	transport := insecure.NewCredentials()
	if action.TLS {
		transport = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}) // a probe asks for health, not for identity
	}
	return grpcMechanism{
		address: address("", target.Host, action.Port),
		options: []grpc.DialOption{
			grpc.WithUserAgent(target.UserAgent),
			grpc.WithTransportCredentials(transport),
			grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
				return target.Dial(ctx, "tcp", address)
			}),
		},
		request: &grpc_health_v1.HealthCheckRequest{Service: action.Service},
	}
}

func (m grpcMechanism) try(ctx context.Context, l limit) answer {
	ctx, cancel := context.WithTimeout(ctx, l.total())
	defer cancel()
	// passthrough: the address is dialed as it is, not looked up.
	conn, err := grpc.NewClient("passthrough:///"+m.address, m.options...)
	if err != nil {
		return failed(fmt.Sprintf("error: failed to connect service at %q: %+v", m.address, err))
	}
	defer func() { _ = conn.Close() }()
	if err := connect(ctx, conn); err != nil {
		return late(fmt.Sprintf("timeout: failed to connect service %q within %v: %+v", m.address, l.timeout, err))
	}
	response, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, m.request)
	if err != nil {
		switch s := status.Convert(err); s.Code() {
		case codes.Unimplemented:
			return failed("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): " +
				s.Message())
		case codes.DeadlineExceeded:
			return late(fmt.Sprintf("timeout: health rpc did not complete within %v", l.timeout))
		default:
			return failed(fmt.Sprintf("error: health rpc probe failed: %+v", err))
		}
	}
	if response.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return failed(fmt.Sprintf("service unhealthy (responded with %q)", response.GetStatus().String()))
	}
	return passed("service healthy")
}

// connect waits until the connection is there. A refused one is tried again until ctx ends, as with the kubelet's
// blocking dial: a closed port shows as a timeout.
func connect(ctx context.Context, conn *grpc.ClientConn) error {
	for {
		state := conn.GetState()
		if state == connectivity.Ready {
			return nil
		}
		if state == connectivity.Idle {
			conn.Connect()
		}
		if !conn.WaitForStateChange(ctx, state) {
			return ctx.Err()
		}
	}
}
