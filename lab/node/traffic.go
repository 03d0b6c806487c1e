package node

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"

	v1 "k8s.io/api/core/v1"

	healthlab "healthlab/lab"
	"healthlab/lab/node/network"
	"healthlab/lab/traffic"
)

// maxStreams is how many streams of requests the node sends at a time.
const maxStreams = 8

// traffic sends requests to a Service for whoever asks, as a client on the node would: to the Service's own address, from where
// the node's rules lead each to an endpoint.
func (s *server) traffic(w http.ResponseWriter, r *http.Request) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		http.Error(w, fmt.Sprintf("the node sends %d streams of requests already", maxStreams), http.StatusTooManyRequests)
		return
	}
	ctx, cancel := s.bound(r.Context())
	defer cancel()
	traffic.Serve(w, r.WithContext(ctx), s.agent.stream)
}

// stream is the requests of a plan.
func (a *Agent) stream(ctx context.Context, namespace string, plan healthlab.TrafficPlan) (traffic.Stream, error) {
	service, err := a.services.Service(ctx, namespace, plan.Service)
	if err != nil {
		return traffic.Stream{}, err
	}
	if service == nil {
		return traffic.Stream{}, traffic.NoService(plan.Service)
	}
	plan, port, err := traffic.PlanFor(service, plan)
	if err != nil {
		return traffic.Stream{}, err
	}
	return traffic.Stream{Plan: plan, Open: func(ctx context.Context) (net.Conn, string, error) {
		return a.open(ctx, namespace, plan.Service, port)
	}}, nil
}

// open connects to a Service by its address, and tells which pod has the connection. The Service may have been made anew since.
func (a *Agent) open(ctx context.Context, namespace, name string, port v1.ServicePort) (net.Conn, string, error) {
	service, err := a.services.Service(ctx, namespace, name)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", traffic.ErrUnsent, err)
	}
	if service == nil {
		return nil, "", fmt.Errorf("%w: %w", traffic.ErrOver, traffic.NoService(name))
	}
	ip, err := netip.ParseAddr(service.Spec.ClusterIP)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", traffic.ErrOver, err)
	}
	to := network.Socket{Addr: netip.AddrPortFrom(ip, uint16(port.Port)), Proto: network.TCP}
	forward, err := a.proxy.Endpoint(ctx, a.net.Host(), to, false)
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case err != nil:
		return nil, "", fmt.Errorf("%w: %w", traffic.ErrNoPod, err)
	case !forward.To.IsValid(): // another proxy's
		return nil, "", fmt.Errorf("%w: no rule of the node's leads to it", traffic.ErrUnsent)
	}
	pod := a.services.PodAt(ctx, namespace, name, forward.To.Addr())
	conn, err := a.runtime.Dial(ctx, "tcp", forward.To.String())
	return conn, pod, err
}
