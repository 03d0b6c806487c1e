package network

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// A datagram between real sockets is the server's key, the dialer's address on the pod network where it goes to the server,
// and the payload.
const (
	keyBytes    = 16
	sourceBytes = 16 + 2
	maxDatagram = 65507 // over IPv4
)

// maxPeers is how many dialers a server can answer at a time.
const maxPeers = 4096

// PacketConn is the dialing end of UDP.
type PacketConn struct {
	*net.UDPConn
	head          []byte // of each datagram to the server
	key           []byte
	local, remote net.Addr
}

func newPacketConn(real *net.UDPConn, r Route, to netip.AddrPort) *PacketConn {
	head := bytes.Clone(r.Key)
	source := r.Source.Addr().As16()
	head = append(head, source[:]...)
	head = binary.BigEndian.AppendUint16(head, r.Source.Port())
	return &PacketConn{
		UDPConn: real, head: head, key: r.Key, local: net.UDPAddrFromAddrPort(r.Source), remote: net.UDPAddrFromAddrPort(to),
	}
}

// LocalAddr returns this end's address on the pod network.
func (c *PacketConn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address that was dialed.
func (c *PacketConn) RemoteAddr() net.Addr { return c.remote }

// Read returns the next datagram; what does not fit into b is lost.
func (c *PacketConn) Read(b []byte) (int, error) {
	buf := make([]byte, keyBytes+len(b))
	for {
		n, err := c.UDPConn.Read(buf)
		if err != nil {
			return 0, c.Shown(err)
		}
		if n >= keyBytes && bytes.Equal(buf[:keyBytes], c.key) {
			return copy(b, buf[keyBytes:n]), nil
		}
	}
}

// Write sends a datagram.
func (c *PacketConn) Write(b []byte) (int, error) {
	if len(c.head)+len(b) > maxDatagram {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: c.local, Addr: c.remote, Err: os.NewSyscallError("write", syscall.EMSGSIZE)}
	}
	if _, err := c.UDPConn.Write(append(bytes.Clone(c.head), b...)); err != nil {
		return 0, c.Shown(err)
	}
	return len(b), nil
}

// Close closes the socket.
func (c *PacketConn) Close() error { return c.Shown(c.UDPConn.Close()) }

// Shown implements Conn.
func (c *PacketConn) Shown(err error) error { return shown(err, c.local, c.remote) }

// PacketListener receives the datagrams of the pod network to a port, and answers them.
type PacketListener struct {
	*net.UDPConn
	key      []byte
	shown    net.Addr
	withdraw func()
	once     sync.Once

	mu    sync.Mutex
	peers map[netip.AddrPort]netip.AddrPort // from addresses on the pod network to real ones
}

// ListenPacket makes a server of UDP known and listens for it. Of server it takes Pod, Port, Bound and Local.
func ListenPacket(ctx context.Context, f Fabric, server Server) (*PacketListener, error) {
	real, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, socketError(err)
	}
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	server.Proto, server.Real, server.Key, server.Admit = UDP, real.LocalAddr().(*net.UDPAddr).AddrPort(), key, nil
	port, withdraw, err := f.Announce(ctx, server)
	if err != nil {
		return nil, errors.Join(err, real.Close())
	}
	return &PacketListener{
		UDPConn: real, key: key, withdraw: withdraw, peers: map[netip.AddrPort]netip.AddrPort{},
		shown: net.UDPAddrFromAddrPort(netip.AddrPortFrom(server.Bound, port)),
	}, nil
}

// LocalAddr returns the address on the pod network.
func (l *PacketListener) LocalAddr() net.Addr { return l.shown }

// ReadFrom returns the next datagram and the address on the pod network that it comes from.
func (l *PacketListener) ReadFrom(b []byte) (int, net.Addr, error) {
	const head = keyBytes + sourceBytes
	buf := make([]byte, head+len(b))
	for {
		n, real, err := l.ReadFromUDPAddrPort(buf)
		if err != nil {
			return 0, nil, shown(err, l.shown, nil)
		}
		if n < head || !bytes.Equal(buf[:keyBytes], l.key) {
			continue // of somebody else on this machine
		}
		addr := netip.AddrFrom16([16]byte(buf[keyBytes : keyBytes+16])).Unmap()
		source := netip.AddrPortFrom(addr, binary.BigEndian.Uint16(buf[keyBytes+16:]))
		l.know(source, real)
		return copy(b, buf[head:n]), net.UDPAddrFromAddrPort(source), nil
	}
}

// know remembers where a dialer really is. With too many of them, one is forgotten.
func (l *PacketListener) know(source, real netip.AddrPort) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.peers[source]; !known && len(l.peers) >= maxPeers {
		for any := range l.peers {
			delete(l.peers, any)
			break
		}
	}
	l.peers[source] = real
}

// WriteTo answers a dialer whose datagram has come before.
func (l *PacketListener) WriteTo(b []byte, to net.Addr) (int, error) {
	fail := func(err error) (int, error) {
		return 0, &net.OpError{Op: "write", Net: "udp", Source: l.shown, Addr: to, Err: err}
	}
	addr, ok := to.(*net.UDPAddr)
	if !ok {
		return fail(errors.New("not an address of UDP"))
	}
	l.mu.Lock()
	real, known := l.peers[addr.AddrPort()]
	if !known {
		real, known = l.peers[netip.AddrPortFrom(addr.AddrPort().Addr().Unmap(), addr.AddrPort().Port())]
	}
	l.mu.Unlock()
	if !known {
		return fail(os.NewSyscallError("sendto", syscall.EHOSTUNREACH))
	}
	if keyBytes+len(b) > maxDatagram {
		return fail(os.NewSyscallError("sendto", syscall.EMSGSIZE))
	}
	if _, err := l.WriteToUDPAddrPort(append(bytes.Clone(l.key), b...), real); err != nil {
		return 0, shown(err, l.shown, to)
	}
	return len(b), nil
}

// Close stops listening.
func (l *PacketListener) Close() error {
	l.once.Do(l.withdraw)
	return shown(l.UDPConn.Close(), l.shown, nil)
}
