package sandbox

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"

	"healthlab/lab/node/network"
)

// listener is a listening socket of a process.
type listener struct {
	*network.Listener
	p    *Process
	once sync.Once
}

// Listen listens on a TCP port of the pod. network is tcp, tcp4 or tcp6; the address is a port with an optional IP
// literal or localhost; port 0 takes a free one. The listener, and the connections it accepts, end with the process.
func (p *Process) Listen(netName, address string) (net.Listener, error) {
	fail := func(err error) (net.Listener, error) {
		return nil, &net.OpError{Op: "listen", Net: netName, Addr: textAddr(address), Err: err}
	}
	runtime, pod := p.container.pod.runtime, p.container.pod.addr
	server, err := parseListen(address, pod)
	if err != nil {
		return fail(err)
	}
	listening, err := network.Listen(p.ctx, runtime.net, &runtime.claims, server)
	if err != nil {
		return fail(err)
	}
	l := &listener{Listener: listening, p: p}
	if !p.own(l) {
		_ = l.Close()
		return fail(p.ctx.Err())
	}
	return l, nil
}

// packetListener is a receiving socket of a process.
type packetListener struct {
	*network.PacketListener
	p *Process
}

// ListenPacket is Listen for UDP: network is udp, udp4 or udp6.
func (p *Process) ListenPacket(netName, address string) (net.PacketConn, error) {
	fail := func(err error) (net.PacketConn, error) {
		return nil, &net.OpError{Op: "listen", Net: netName, Addr: textAddr(address), Err: err}
	}
	runtime, pod := p.container.pod.runtime, p.container.pod.addr
	server, err := parseListen(address, pod)
	if err != nil {
		return fail(err)
	}
	listening, err := network.ListenPacket(p.ctx, runtime.net, server)
	if err != nil {
		return fail(err)
	}
	l := &packetListener{listening, p}
	if !p.own(l) {
		_ = l.Close()
		return fail(p.ctx.Err())
	}
	return l, nil
}

// ReadFrom returns the next datagram; a stopped process reads none.
func (l *packetListener) ReadFrom(b []byte) (int, net.Addr, error) {
	if err := l.p.gate(); err != nil {
		return 0, nil, &net.OpError{Op: "read", Net: "udp", Addr: l.LocalAddr(), Err: net.ErrClosed}
	}
	return l.PacketListener.ReadFrom(b)
}

// Close stops listening.
func (l *packetListener) Close() error {
	l.p.disown(l)
	return l.PacketListener.Close()
}

// parseListen turns what a program asks for into a server without a real listener.
func parseListen(address string, pod netip.Addr) (network.Server, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return network.Server{}, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return network.Server{}, &net.AddrError{Err: "invalid port", Addr: portText}
	}
	server := network.Server{Pod: pod, Port: uint16(port), Bound: netip.IPv6Unspecified()}
	switch ip, err := netip.ParseAddr(host); {
	case host == "":
	case host == "localhost":
		server.Local, server.Bound = true, netip.MustParseAddr("127.0.0.1")
	case err != nil:
		return server, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	case ip.IsLoopback():
		server.Local, server.Bound = true, ip
	case ip.IsUnspecified(), ip.Unmap() == pod:
		server.Bound = ip
	default:
		return server, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
	}
	return server, nil
}

// Accept returns the next connection; a stopped process accepts none.
func (l *listener) Accept() (net.Conn, error) {
	closed := &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	if err := l.p.gate(); err != nil {
		return nil, closed
	}
	accepted, err := l.AcceptStream()
	if err != nil {
		return nil, err
	}
	c := &conn{StreamConn: accepted, owner: l.p}
	if !l.p.own(c) {
		_ = c.Close()
		return nil, closed
	}
	return c, nil
}

// Close stops listening and waits for its goroutines.
func (l *listener) Close() error {
	l.once.Do(func() { l.p.disown(l) })
	return l.Listener.Close()
}

// Dial connects to a port of the pod itself, of another pod or of a service. network is tcp or udp, or one of them with 4 or
// 6. The host is an address or a name, which LookupHost resolves; its addresses are tried one after the other.
func (p *Process) Dial(ctx context.Context, netName, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: netName, Addr: textAddr(address), Err: err}
	}
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return p.dial(ctx, netName, address)
	}
	addrs, err := p.LookupHost(ctx, host)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: netName, Err: err}
	}
	var first error
	for _, addr := range addrs {
		c, err := p.dial(ctx, netName, net.JoinHostPort(addr.String(), port))
		if err == nil {
			return c, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// dial connects to an address.
func (p *Process) dial(ctx context.Context, netName, address string) (net.Conn, error) {
	pod := p.container.pod
	dialed, err := network.Dial(ctx, pod.runtime.net, network.From{Addr: pod.addr, Inside: true}, netName, address)
	if err != nil {
		return nil, err
	}
	var c net.Conn
	switch dialed := dialed.(type) {
	case *network.StreamConn:
		c = &conn{dialed, p}
	case *network.PacketConn:
		c = &packetConn{dialed, p}
	}
	if !p.own(c) {
		_ = c.Close()
		return nil, &net.OpError{Op: "dial", Net: netName, Addr: dialed.RemoteAddr(), Err: net.ErrClosed}
	}
	return c, nil
}

// conn and packetConn are connections of a process, whose end closes them.
type (
	conn struct {
		*network.StreamConn
		owner *Process
	}
	packetConn struct {
		*network.PacketConn
		owner *Process
	}
)

func (c *conn) Read(b []byte) (int, error) {
	if err := c.owner.gate(); err != nil {
		return 0, c.Shown(&net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed})
	}
	return c.StreamConn.Read(b)
}

// Close closes the connection.
func (c *conn) Close() error {
	c.owner.disown(c)
	return c.StreamConn.Close()
}

func (c *packetConn) Read(b []byte) (int, error) {
	if err := c.owner.gate(); err != nil {
		return 0, c.Shown(&net.OpError{Op: "read", Net: "udp", Err: net.ErrClosed})
	}
	return c.PacketConn.Read(b)
}

// Close closes the socket.
func (c *packetConn) Close() error {
	c.owner.disown(c)
	return c.PacketConn.Close()
}

// textAddr is an address that could not be parsed.
type textAddr string

func (textAddr) Network() string  { return "tcp" }
func (a textAddr) String() string { return string(a) }

// Reachable returns nil when the pod network has an address, and EHOSTUNREACH when it has not.
func (p *Process) Reachable(ctx context.Context, addr netip.Addr) error {
	pod := p.container.pod
	_, err := pod.runtime.net.Route(ctx, pod.addr, true, network.Socket{Addr: netip.AddrPortFrom(addr, 0)})
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil
	}
	return err
}

// Socket is a listening or connected TCP socket of a process.
type Socket struct {
	PID           int
	Args          []string
	Local, Remote string // Remote is empty of one that listens
}

// Sockets lists the sockets of the PID namespace's processes, in no order.
func (p *Process) Sockets() []Socket {
	var all []Socket
	for _, q := range p.table.all(nil) {
		q.mu.Lock()
		for c := range q.closers {
			switch c := c.(type) {
			case *listener:
				all = append(all, Socket{PID: q.pid, Args: q.name, Local: c.Addr().String()})
			case *conn:
				all = append(all, Socket{PID: q.pid, Args: q.name, Local: c.LocalAddr().String(), Remote: c.RemoteAddr().String()})
			}
		}
		q.mu.Unlock()
	}
	return all
}
