package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// From is who dials: the node, or a pod, whose localhost is its own.
type From struct {
	Addr   netip.Addr
	Inside bool
}

// Conn is one end of a connection, with its addresses on the pod network: *StreamConn of TCP, *PacketConn of UDP.
type Conn interface {
	net.Conn
	// Shown puts the pod network's addresses into an error's text.
	Shown(err error) error
}

// Dial connects over the pod network. network is tcp or udp, or one of them with 4 or 6, the address an IP literal or
// localhost, and a port. Errors are those of a real network: *net.OpError around ECONNREFUSED, EHOSTUNREACH or
// os.ErrDeadlineExceeded.
func Dial(ctx context.Context, f Fabric, from From, network, address string) (Conn, error) {
	fail := func(addr net.Addr, err error) (Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: addr, Err: err}
	}
	proto, err := ParseProto(network)
	if err != nil {
		return fail(nil, err)
	}
	to, err := parseAddress(address)
	if err != nil {
		return fail(nil, err)
	}
	shown := addrOf(proto, to)
	if ctx.Err() != nil {
		return fail(shown, contextError(ctx.Err()))
	}
	route, err := f.Route(ctx, from.Addr, from.Inside, Socket{to, proto})
	if err != nil {
		return fail(shown, contextError(err))
	}
	var d net.Dialer
	real, err := d.DialContext(ctx, map[Proto]string{TCP: "tcp", UDP: "udp"}[proto], route.Real.String())
	if err != nil {
		if ctx.Err() != nil {
			return fail(shown, contextError(ctx.Err()))
		}
		return fail(shown, os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	if real, ok := real.(*net.UDPConn); ok {
		return newPacketConn(real, route, to), nil
	}
	f.Claim(route, real.LocalAddr().(*net.TCPAddr).AddrPort())
	return &StreamConn{
		TCPConn: real.(*net.TCPConn), local: net.TCPAddrFromAddrPort(route.Source), remote: shown,
	}, nil
}

// ParseProto returns the protocol of a network's name, as package net has them.
func ParseProto(network string) (Proto, error) {
	switch strings.TrimRight(network, "46") {
	case "tcp":
		return TCP, nil
	case "udp":
		return UDP, nil
	}
	return 0, net.UnknownNetworkError(network)
}

func parseAddress(address string) (netip.AddrPort, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return netip.AddrPort{}, &net.AddrError{Err: "invalid port", Addr: portText}
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "localhost" || host == "":
		ip = netip.MustParseAddr("127.0.0.1")
	case err != nil:
		return netip.AddrPort{}, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return netip.AddrPortFrom(ip.Unmap().WithZone(""), uint16(port)), nil
}

func addrOf(proto Proto, a netip.AddrPort) net.Addr {
	if proto == UDP {
		return net.UDPAddrFromAddrPort(a)
	}
	return net.TCPAddrFromAddrPort(a)
}

// contextError is how package net reports an ended context.
func contextError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return err
}

// StreamConn is one end of a connection of TCP.
type StreamConn struct {
	*net.TCPConn
	local, remote net.Addr
}

// Accepted is the accepting end of the connection that c claims.
func Accepted(real *net.TCPConn, c Claim) *StreamConn {
	return &StreamConn{TCPConn: real, local: net.TCPAddrFromAddrPort(c.Target), remote: net.TCPAddrFromAddrPort(c.Source)}
}

// LocalAddr returns this end's address on the pod network.
func (c *StreamConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the other end's address on the pod network.
func (c *StreamConn) RemoteAddr() net.Addr { return c.remote }

func (c *StreamConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	return n, c.Shown(err)
}

func (c *StreamConn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	return n, c.Shown(err)
}

// Close closes the connection.
func (c *StreamConn) Close() error { return c.Shown(c.TCPConn.Close()) }

// Shown implements Conn.
func (c *StreamConn) Shown(err error) error { return shown(err, c.local, c.remote) }

func shown(err error, local, remote net.Addr) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err
	}
	return &net.OpError{Op: op.Op, Net: op.Net, Source: local, Addr: remote, Err: op.Err}
}
