package services

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"healthlab/lab/node/network"
)

// proxyNameLabel marks services that another proxy takes care of (pkg/proxy/apis, LabelServiceProxyName).
const proxyNameLabel = "service.kubernetes.io/service-proxy-name"

// Proxy is the kube-proxy of one node. Its methods may be called by many goroutines.
type Proxy struct {
	objects  *Objects
	node     string
	affinity affinity
}

// NewProxy returns the proxy of the node of that name.
func NewProxy(objects *Objects, node string) *Proxy { return &Proxy{objects: objects, node: node} }

// Endpoint implements network.Services.
func (p *Proxy) Endpoint(ctx context.Context, from netip.Addr, to network.Socket, node bool) (network.Forward, error) {
	if to.Addr.Port() == 0 { // is there anybody? Nobody answers that for a service
		return network.Forward{}, nil
	}
	service, port, err := p.find(ctx, to, node)
	if err != nil || service == nil {
		return network.Forward{}, err
	}
	if port == nil {
		return network.Forward{}, refused()
	}
	all, err := p.objects.Slices(ctx, service.Namespace, service.Name)
	if err != nil {
		return network.Forward{}, err
	}
	local := service.Spec.InternalTrafficPolicy != nil && *service.Spec.InternalTrafficPolicy == v1.ServiceInternalTrafficPolicyLocal
	cluster := service.Spec.ExternalTrafficPolicy != v1.ServiceExternalTrafficPolicyLocal
	if node {
		local = !cluster
	}
	usable := usableEndpoints(all, *port, p.node, local, to.Addr.Addr().Is4())
	if len(usable) == 0 {
		return network.Forward{}, refused()
	}
	chosen := usable[rand.IntN(len(usable))]
	if service.Spec.SessionAffinity == v1.ServiceAffinityClientIP {
		key := affinityKey{service.UID, port.Name, to.Proto, from}
		chosen = p.affinity.keep(key, chosen, usable, affinityTime(service), time.Now())
	}
	return network.Forward{To: chosen, Masquerade: node && cluster}, nil
}

func refused() error { return os.NewSyscallError("connect", syscall.ECONNREFUSED) }

// find returns the service that an address belongs to, or nil, and its port, or nil.
func (p *Proxy) find(ctx context.Context, to network.Socket, node bool) (*v1.Service, *v1.ServicePort, error) {
	var (
		found []*v1.Service
		err   error
	)
	if node {
		found, err = p.objects.NodePort(ctx, to.Addr.Port(), to.Proto)
	} else {
		found, err = p.objects.ServicesAt(ctx, to.Addr.Addr())
	}
	if err != nil {
		return nil, nil, err
	}
	var without *v1.Service
	for _, s := range found {
		if _, others := s.Labels[proxyNameLabel]; others {
			continue
		}
		for i := range s.Spec.Ports {
			port := &s.Spec.Ports[i]
			number := port.Port
			if node {
				number = port.NodePort
			}
			if proto, known := protoOf(port.Protocol); known && proto == to.Proto && number == int32(to.Addr.Port()) {
				return s, port, nil
			}
		}
		without = s
	}
	return without, nil, nil
}

// usableEndpoints returns where connections to a port of a service may go, each once: ready endpoints or, where there are
// none, those that still serve while they terminate (pkg/proxy/topology.go, CategorizeEndpoints).
func usableEndpoints(
	all []*discoveryv1.EndpointSlice, port v1.ServicePort, node string, local, is4 bool,
) []netip.AddrPort {
	var ready, terminating []netip.AddrPort
	for _, slice := range all {
		if (slice.AddressType == discoveryv1.AddressTypeIPv4) != is4 || slice.AddressType == discoveryv1.AddressTypeFQDN {
			continue
		}
		number, ok := targetPort(slice, port)
		if !ok {
			continue
		}
		for i := range slice.Endpoints {
			e := &slice.Endpoints[i]
			if len(e.Addresses) == 0 || local && (e.NodeName == nil || *e.NodeName != node) {
				continue
			}
			ip, err := netip.ParseAddr(e.Addresses[0])
			if err != nil {
				continue
			}
			switch at := netip.AddrPortFrom(ip.Unmap(), number); {
			case IsReady(e.Conditions):
				ready = append(ready, at)
			case isServing(e.Conditions) && e.Conditions.Terminating != nil && *e.Conditions.Terminating:
				terminating = append(terminating, at)
			}
		}
	}
	if len(ready) == 0 {
		ready = terminating
	}
	slices.SortFunc(ready, netip.AddrPort.Compare) // for a moment an endpoint may be in two slices
	return slices.Compact(ready)
}

// targetPort returns the number that a service's port has in a slice. Slices carry named and numeric target ports as numbers.
func targetPort(slice *discoveryv1.EndpointSlice, port v1.ServicePort) (uint16, bool) {
	wanted, known := protoOf(port.Protocol)
	for _, p := range slice.Ports {
		if p.Port == nil || *p.Port < 1 || *p.Port > 65535 || !known {
			continue
		}
		name, proto := "", network.TCP
		if p.Name != nil {
			name = *p.Name
		}
		if p.Protocol != nil {
			var ok bool
			if proto, ok = protoOf(*p.Protocol); !ok {
				continue
			}
		}
		if name == port.Name && proto == wanted {
			return uint16(*p.Port), true
		}
	}
	return 0, false
}

// IsReady reports whether an endpoint takes traffic; unknown is yes.
func IsReady(c discoveryv1.EndpointConditions) bool { return c.Ready == nil || *c.Ready }

// isServing reports whether an endpoint answers although it may terminate; unknown is as ready.
func isServing(c discoveryv1.EndpointConditions) bool {
	if c.Serving == nil {
		return IsReady(c)
	}
	return *c.Serving
}

// affinityTime is how long a client stays with its endpoint.
func affinityTime(s *v1.Service) time.Duration {
	if c := s.Spec.SessionAffinityConfig; c != nil && c.ClientIP != nil && c.ClientIP.TimeoutSeconds != nil {
		return time.Duration(*c.ClientIP.TimeoutSeconds) * time.Second
	}
	return time.Duration(v1.DefaultClientIPServiceAffinitySeconds) * time.Second
}
