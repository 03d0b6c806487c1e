package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
)

// From is who dials: the node, or a pod, whose localhost is its own.
type From struct {
	Addr   netip.Addr
	Inside bool
}

// Dial connects over the pod network. network is tcp, tcp4 or tcp6, the address an IP literal or localhost, and a port.
// Errors are those of a real network: *net.OpError around ECONNREFUSED, EHOSTUNREACH or os.ErrDeadlineExceeded.
func Dial(ctx context.Context, f Fabric, from From, network, address string) (*Conn, error) {
	fail := func(addr net.Addr, err error) (*Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: addr, Err: err}
	}
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return fail(nil, net.UnknownNetworkError(network))
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return fail(nil, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return fail(nil, &net.AddrError{Err: "invalid port", Addr: portText})
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "localhost" || host == "":
		ip = netip.MustParseAddr("127.0.0.1")
	case err != nil:
		return fail(nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true})
	}
	to := netip.AddrPortFrom(ip.Unmap().WithZone(""), uint16(port))
	shown := net.TCPAddrFromAddrPort(to)
	if ctx.Err() != nil {
		return fail(shown, contextError(ctx.Err()))
	}
	route, err := f.Route(ctx, from.Addr, from.Inside, to)
	if err != nil {
		return fail(shown, contextError(err))
	}
	var d net.Dialer
	real, err := d.DialContext(ctx, "tcp", route.Real.String())
	if err != nil {
		if ctx.Err() != nil {
			return fail(shown, contextError(ctx.Err()))
		}
		return fail(shown, os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	f.Claim(route, real.LocalAddr().(*net.TCPAddr).AddrPort())
	return &Conn{
		TCPConn: real.(*net.TCPConn), local: net.TCPAddrFromAddrPort(route.Source), remote: shown,
	}, nil
}

// contextError is how package net reports an ended context.
func contextError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return err
}

// Conn is one end of a connection, with its addresses on the pod network.
type Conn struct {
	*net.TCPConn
	local, remote *net.TCPAddr
}

// Accepted is the accepting end of the connection that c claims.
func Accepted(real *net.TCPConn, c Claim) *Conn {
	return &Conn{TCPConn: real, local: net.TCPAddrFromAddrPort(c.Target), remote: net.TCPAddrFromAddrPort(c.Source)}
}

// LocalAddr returns this end's address on the pod network.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the other end's address on the pod network.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	return n, c.Shown(err)
}

func (c *Conn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	return n, c.Shown(err)
}

// Close closes the connection.
func (c *Conn) Close() error { return c.Shown(c.TCPConn.Close()) }

// Shown puts the pod network's addresses into an error's text.
func (c *Conn) Shown(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err
	}
	return &net.OpError{Op: op.Op, Net: op.Net, Source: c.local, Addr: c.remote, Err: op.Err}
}
