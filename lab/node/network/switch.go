package network

import (
	"context"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// Server is a port of a pod with the real listener that serves it.
type Server struct {
	Pod   netip.Addr
	Port  uint16         // 0: a free one
	Bound netip.Addr     // the address that the program asked for, maybe unspecified
	Local bool           // bound to the loopback address: only the pod itself reaches it
	Real  netip.AddrPort // on 127.0.0.1
	// Admit tells the accepting end that a connection is the pod network's. It must not block.
	Admit func(Claim)
}

// Claim says where an accepted connection comes from.
type Claim struct {
	Dialed         netip.AddrPort // the dialing end's real address
	Source, Target netip.AddrPort // on the pod network
}

// Route is the way to a server.
type Route struct {
	Real   netip.AddrPort // where the real listener is
	Source netip.AddrPort // the dialing end's address on the pod network
	Target netip.AddrPort // what was dialed
	Server netip.AddrPort // the server's pod address and port, for Claim
}

// Fabric is the pod network as a container's process uses it.
type Fabric interface {
	// Announce makes a server known and returns its port. withdraw takes it back. The error is EADDRINUSE when another
	// server has the port.
	Announce(ctx context.Context, s Server) (port uint16, withdraw func(), err error)
	// Route finds the server of an address. from is the dialer's own address; inside says that localhost is the pod's and
	// not the node's. The error is EHOSTUNREACH where there is no pod and ECONNREFUSED where nothing listens.
	Route(ctx context.Context, from netip.Addr, inside bool, to netip.AddrPort) (Route, error)
	// Claim is called once the real connection of a route is there.
	Claim(r Route, dialed netip.AddrPort)
}

// Switch is the table of one node. Its methods may be called by many goroutines.
type Switch struct {
	host netip.Addr

	mu        sync.Mutex
	pods      map[netip.Addr]int // how many pods have the address
	servers   map[netip.AddrPort]*Server
	ephemeral uint16
}

// NewSwitch returns the network of a node that has the address host on it.
func NewSwitch(host netip.Addr) *Switch {
	return &Switch{
		host: host.Unmap(), pods: map[netip.Addr]int{}, servers: map[netip.AddrPort]*Server{}, ephemeral: firstEphemeral,
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

// Announce implements Fabric.
func (s *Switch) Announce(_ context.Context, server Server) (uint16, func(), error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := netip.AddrPortFrom(server.Pod, server.Port)
	for server.Port == 0 {
		key = netip.AddrPortFrom(server.Pod, s.nextPort())
		if s.servers[key] == nil {
			break
		}
	}
	if s.servers[key] != nil {
		return 0, nil, os.NewSyscallError("bind", syscall.EADDRINUSE)
	}
	server.Port = key.Port()
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
func (s *Switch) Route(_ context.Context, from netip.Addr, inside bool, to netip.AddrPort) (Route, error) {
	ip := to.Addr().Unmap().WithZone("")
	loopback := ip.IsLoopback() || ip.IsUnspecified()
	target := ip
	switch {
	case loopback && inside:
		target, from = from, ip
	case loopback:
		target = s.host // the node's own loopback: only pods on the host's network listen there
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := netip.AddrPortFrom(target, to.Port())
	server := s.servers[key]
	switch {
	case s.pods[target] == 0 && target != s.host:
		return Route{}, os.NewSyscallError("connect", syscall.EHOSTUNREACH)
	case server == nil, server.Local && !loopback, loopback && !server.Local && !server.Bound.IsUnspecified():
		return Route{}, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	return Route{
		Real: server.Real, Source: netip.AddrPortFrom(from, s.nextPort()),
		Target: netip.AddrPortFrom(ip, to.Port()), Server: key,
	}, nil
}

// Claim implements Fabric.
func (s *Switch) Claim(r Route, dialed netip.AddrPort) {
	s.mu.Lock()
	server := s.servers[r.Server]
	s.mu.Unlock()
	if server != nil {
		server.Admit(Claim{Dialed: dialed, Source: r.Source, Target: r.Target})
	}
}
