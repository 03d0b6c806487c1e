package network

import (
	"context"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// Proto is a transport protocol.
type Proto uint8

// The protocols of the pod network.
const (
	TCP Proto = iota
	UDP
)

// Socket is a port of an address.
type Socket struct {
	Addr  netip.AddrPort
	Proto Proto
}

// Server is a port of a pod with the real socket that serves it.
type Server struct {
	Pod   netip.Addr
	Proto Proto
	Port  uint16         // 0: a free one
	Bound netip.Addr     // the address that the program asked for, maybe unspecified
	Local bool           // bound to the loopback address: only the pod itself reaches it
	Real  netip.AddrPort // on 127.0.0.1
	// Key is what datagrams to and from a server of UDP begin with.
	Key []byte
	// Admit tells the accepting end of TCP that a connection is the pod network's. It must not block.
	Admit func(Claim)
}

// Claim says where an accepted connection comes from.
type Claim struct {
	Dialed         netip.AddrPort // the dialing end's real address
	Source, Target netip.AddrPort // on the pod network
}

// Route is the way to a server.
type Route struct {
	Real   netip.AddrPort // where the real socket is
	Source netip.AddrPort // the dialing end's address on the pod network, as the server sees it
	Target netip.AddrPort // the server's own address, as it sees it
	Server Socket         // the server's pod address and port, for Claim
	Key    []byte         // of UDP
}

// Fabric is the pod network as a container's process uses it.
type Fabric interface {
	// Announce makes a server known and returns its port. withdraw takes it back. The error is EADDRINUSE when another
	// server has the port.
	Announce(ctx context.Context, s Server) (port uint16, withdraw func(), err error)
	// Route finds the server of an address, which may be a service's. from is the dialer's own address; inside says that
	// localhost is the pod's and not the node's. The error is EHOSTUNREACH where there is no pod and ECONNREFUSED where
	// nothing listens.
	Route(ctx context.Context, from netip.Addr, inside bool, to Socket) (Route, error)
	// Claim is called once the real connection of a route of TCP is there.
	Claim(r Route, dialed netip.AddrPort)
}

// Services leads addresses of services to endpoints. Its methods may be called by many goroutines.
type Services interface {
	// Endpoint chooses where a new connection goes. The zero Forward says that the address is no service's. node says that
	// it is one of the node's own, where services have node ports. The error is ECONNREFUSED where a service has no
	// endpoint, and no port of that number.
	Endpoint(ctx context.Context, from netip.Addr, to Socket, node bool) (Forward, error)
}

// Forward is where a connection to a service goes.
type Forward struct {
	To netip.AddrPort // an endpoint
	// Masquerade hides the dialer behind the node's address.
	Masquerade bool
}

// Switch is the table of one node. Its methods may be called by many goroutines.
type Switch struct {
	host     netip.Addr
	services Services // nil: there are none

	mu        sync.Mutex
	pods      map[netip.Addr]int // how many pods have the address
	servers   map[Socket]*Server
	hostPorts map[hostPort]netip.AddrPort
	ephemeral uint16
}

// hostPort is a port of the node that is a pod's.
type hostPort struct {
	port  uint16
	proto Proto
}

// NewSwitch returns the network of a node that has the address host on it. services may be nil.
func NewSwitch(host netip.Addr, services Services) *Switch {
	return &Switch{
		host: host.Unmap(), services: services,
		pods: map[netip.Addr]int{}, servers: map[Socket]*Server{}, hostPorts: map[hostPort]netip.AddrPort{},
		ephemeral: firstEphemeral,
	}
}

// The ports that a dialer's end has, as in Linux.
const firstEphemeral, lastEphemeral = 32768, 60999

// Host returns the node's own address.
func (s *Switch) Host() netip.Addr { return s.host }

// AddPod makes an address exist. Each call needs one of RemovePod.
func (s *Switch) AddPod(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pods[addr]++
}

// RemovePod takes one AddPod back.
func (s *Switch) RemovePod(addr netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pods[addr]--; s.pods[addr] <= 0 {
		delete(s.pods, addr)
	}
}

// ForwardPort leads a port of the node to a pod, as a hostPort does, until remove is called. The newest pod of a port has it.
func (s *Switch) ForwardPort(port uint16, proto Proto, to netip.AddrPort) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := hostPort{port, proto}
	s.hostPorts[key] = to
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.hostPorts[key] == to {
			delete(s.hostPorts, key)
		}
	}
}

// Announce implements Fabric.
func (s *Switch) Announce(_ context.Context, server Server) (uint16, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := Socket{netip.AddrPortFrom(server.Pod, server.Port), server.Proto}
	for server.Port == 0 {
		key.Addr = netip.AddrPortFrom(server.Pod, s.nextPort())
		if s.servers[key] == nil {
			break
		}
	}
	if s.servers[key] != nil {
		return 0, nil, os.NewSyscallError("bind", syscall.EADDRINUSE)
	}
	server.Port = key.Addr.Port()
	known := &server
	s.servers[key] = known
	return server.Port, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.servers[key] == known {
			delete(s.servers, key)
		}
	}, nil
}

// Servers returns who listens now, in no order.
func (s *Switch) Servers() []Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Server, 0, len(s.servers))
	for _, server := range s.servers {
		list = append(list, *server)
	}
	return list
}

// nextPort returns the next of the ephemeral ports; s.mu is held.
func (s *Switch) nextPort() uint16 {
	if s.ephemeral++; s.ephemeral < firstEphemeral || s.ephemeral > lastEphemeral {
		s.ephemeral = firstEphemeral
	}
	return s.ephemeral
}

// Route implements Fabric.
func (s *Switch) Route(ctx context.Context, from netip.Addr, inside bool, to Socket) (Route, error) {
	ip, port := to.Addr.Addr().Unmap().WithZone(""), to.Addr.Port()
	loopback := ip.IsLoopback() || ip.IsUnspecified()
	target := ip
	switch {
	case loopback && inside:
		target, from = from, ip
	case loopback:
		target = s.host // the node's own loopback: only pods on the host's network listen there
	}
	if forward, err := s.forward(ctx, from, target, Socket{netip.AddrPortFrom(ip, port), to.Proto}); err != nil {
		return Route{}, err
	} else if forward.To.IsValid() {
		if target, port = forward.To.Addr(), forward.To.Port(); forward.Masquerade || target == from {
			from = s.host // what comes back from a pod that has dialed itself must pass the node
		}
		ip, loopback = target, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := Socket{netip.AddrPortFrom(target, port), to.Proto}
	server := s.servers[key]
	switch {
	case s.pods[target] == 0 && target != s.host:
		return Route{}, os.NewSyscallError("connect", syscall.EHOSTUNREACH)
	case server == nil, server.Local && !loopback, loopback && !server.Local && !server.Bound.IsUnspecified():
		return Route{}, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	return Route{
		Real: server.Real, Source: netip.AddrPortFrom(from, s.nextPort()),
		Target: netip.AddrPortFrom(ip, port), Server: key, Key: server.Key,
	}, nil
}

// forward asks where an address leads that is not a pod's alone.
func (s *Switch) forward(ctx context.Context, from, target netip.Addr, to Socket) (Forward, error) {
	s.mu.Lock()
	pods, ofPod := s.pods[target], netip.AddrPort{}
	if target == s.host {
		ofPod = s.hostPorts[hostPort{to.Addr.Port(), to.Proto}]
	}
	s.mu.Unlock()
	switch {
	case ofPod.IsValid():
		return Forward{To: ofPod}, nil
	case s.services == nil, pods > 0 && target != s.host:
		return Forward{}, nil
	}
	return s.services.Endpoint(ctx, from, to, target == s.host)
}

// Claim implements Fabric.
func (s *Switch) Claim(r Route, dialed netip.AddrPort) {
	s.mu.Lock()
	server := s.servers[r.Server]
	s.mu.Unlock()
	if server != nil && server.Admit != nil {
		server.Admit(Claim{Dialed: dialed, Source: r.Source, Target: r.Target})
	}
}
