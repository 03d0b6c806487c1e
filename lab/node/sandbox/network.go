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
	"time"
)

// network is the pod network: a table from (pod IP, port) to real listeners on the host's loopback.
type network struct {
	host netip.Addr

	mu        sync.Mutex
	pods      map[netip.Addr]int // how many pods have the address
	listeners map[netip.AddrPort]*listener
	ephemeral uint16
	peers     map[netip.AddrPort]chan *conn // the dialing end of a connection, by its real address
}

func newNetwork(host netip.Addr) *network {
	return &network{
		host: host, pods: map[netip.Addr]int{}, listeners: map[netip.AddrPort]*listener{},
		peers: map[netip.AddrPort]chan *conn{}, ephemeral: 32768,
	}
}

// admitTime is how long an accepted connection may stay unclaimed. A dial within the process claims its connection
// at once; what nobody claims came from elsewhere on the host and is none of the pod network's business.
const admitTime = 2 * time.Second

// listener is a listening socket of a process.
type listener struct {
	net   *network
	p     *Process
	real  net.Listener
	addr  netip.AddrPort // with the pod's address, as key of the table
	shown *net.TCPAddr
	local bool // bound to the loopback address: only the pod itself reaches it

	conns chan *conn
	done  chan struct{}
	once  sync.Once
	pump  sync.WaitGroup
}

// Listen listens on a TCP port of the pod. network is tcp, tcp4 or tcp6; the address is a port with an optional IP
// literal or localhost; port 0 takes a free one. The listener, and the connections it accepts, end with the process.
func (p *Process) Listen(network, address string) (net.Listener, error) {
	n := p.container.pod.runtime.net
	fail := func(err error) (net.Listener, error) {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: textAddr(address), Err: err}
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return fail(err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return fail(&net.AddrError{Err: "invalid port", Addr: portText})
	}
	pod := p.container.pod.addr
	l := &listener{net: n, p: p, conns: make(chan *conn), done: make(chan struct{})}
	shown := netip.IPv6Unspecified()
	switch ip, err := netip.ParseAddr(host); {
	case host == "":
	case host == "localhost":
		l.local, shown = true, netip.MustParseAddr("127.0.0.1")
	case err != nil:
		return fail(&net.DNSError{Err: "no such host", Name: host, IsNotFound: true})
	case ip.IsLoopback():
		l.local, shown = true, ip
	case ip.IsUnspecified(), ip.Unmap() == pod:
		shown = ip
	default:
		return fail(os.NewSyscallError("bind", syscall.EADDRNOTAVAIL))
	}
	real, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fail(errors.New("the host has no free port"))
	}
	l.real = real
	n.mu.Lock()
	l.addr = netip.AddrPortFrom(pod, uint16(port))
	for port == 0 {
		l.addr = netip.AddrPortFrom(pod, n.nextPort())
		if n.listeners[l.addr] == nil {
			break
		}
	}
	taken := n.listeners[l.addr] != nil
	l.shown = net.TCPAddrFromAddrPort(netip.AddrPortFrom(shown, l.addr.Port()))
	if !taken {
		n.listeners[l.addr] = l
	}
	n.mu.Unlock()
	if taken {
		_ = real.Close()
		return fail(os.NewSyscallError("bind", syscall.EADDRINUSE))
	}
	l.pump.Add(1)
	go l.accept()
	if !p.own(l) {
		_ = l.Close()
		return fail(p.ctx.Err())
	}
	return l, nil
}

// nextPort returns the next of the ephemeral ports; n.mu is held.
func (n *network) nextPort() uint16 {
	if n.ephemeral++; n.ephemeral < 32768 || n.ephemeral > 60999 {
		n.ephemeral = 32768
	}
	return n.ephemeral
}

// accept takes connections from the host and pairs each with the dial it came from.
func (l *listener) accept() {
	defer l.pump.Done()
	for {
		real, err := l.real.Accept()
		if err != nil {
			return
		}
		l.pump.Add(1)
		go func() {
			defer l.pump.Done()
			l.admit(real.(*net.TCPConn))
		}()
	}
}

func (l *listener) admit(real *net.TCPConn) {
	key := real.RemoteAddr().(*net.TCPAddr).AddrPort()
	claim := l.net.claim(key)
	defer l.net.unclaim(key)
	timer := time.NewTimer(admitTime)
	defer timer.Stop()
	select {
	case dialed := <-claim:
		c := &conn{TCPConn: real, local: dialed.remote, remote: dialed.local, owner: l.p}
		if !l.p.own(c) {
			_ = c.Close()
			return
		}
		select {
		case l.conns <- c:
		case <-l.done:
			_ = real.SetLinger(0) // the kernel resets what waits in a closed listener's queue
			_ = c.Close()
		}
	case <-timer.C:
		_ = real.Close()
	case <-l.done:
		_ = real.SetLinger(0)
		_ = real.Close()
	}
}

// claim returns the channel on which the dialing end of a connection is handed to the accepting one.
func (n *network) claim(key netip.AddrPort) chan *conn {
	n.mu.Lock()
	defer n.mu.Unlock()
	ch := n.peers[key]
	if ch == nil {
		ch = make(chan *conn, 1)
		n.peers[key] = ch
	}
	return ch
}

// hand gives the dialing end to whoever accepts the connection.
func (n *network) hand(key netip.AddrPort, c *conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ch := n.peers[key]
	if ch == nil {
		ch = make(chan *conn, 1)
		n.peers[key] = ch
	}
	select {
	case ch <- c:
	default: // full only if its connection was never accepted, which closing it has undone already
	}
}

func (n *network) unclaim(key netip.AddrPort) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.peers, key)
}

// Accept returns the next connection; a stopped process accepts none.
func (l *listener) Accept() (net.Conn, error) {
	if err := l.p.gate(); err != nil {
		return nil, l.closed()
	}
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, l.closed()
	}
}

func (l *listener) closed() error {
	return &net.OpError{Op: "accept", Net: "tcp", Addr: l.shown, Err: net.ErrClosed}
}

// Addr returns the address on the pod network.
func (l *listener) Addr() net.Addr { return l.shown }

// Close stops listening and waits for its goroutines.
func (l *listener) Close() error {
	l.once.Do(func() {
		l.net.mu.Lock()
		delete(l.net.listeners, l.addr)
		l.net.mu.Unlock()
		close(l.done)
		_ = l.real.Close()
		l.p.disown(l)
	})
	l.pump.Wait()
	return nil
}

// dialer is who dials: the node, or a pod.
type dialer struct {
	from   netip.Addr // address on the pod network
	inside bool       // a pod dials: localhost is its own
	owner  *Process
}

// dial connects to a port of the pod network. Errors are those of a real network.
func (n *network) dial(ctx context.Context, who dialer, network, address string) (net.Conn, error) {
	fail := func(addr net.Addr, err error) (net.Conn, error) {
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
	ip = ip.Unmap().WithZone("")
	shown := net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(port)))
	loopback := ip.IsLoopback() || ip.IsUnspecified()
	target, from := ip, who.from
	switch {
	case loopback && who.inside:
		target, from = who.from, ip
	case loopback:
		target = n.host // the node's own loopback: only pods on the host's network listen there
	}
	n.mu.Lock()
	known := n.pods[target] > 0 || target == n.host
	l := n.listeners[netip.AddrPortFrom(target, uint16(port))]
	source := net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, n.nextPort()))
	n.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return fail(shown, ctxError(ctx.Err()))
	case !known:
		return fail(shown, os.NewSyscallError("connect", syscall.EHOSTUNREACH))
	case l == nil, l.local && !loopback, loopback && !l.local && !l.shown.IP.IsUnspecified():
		return fail(shown, os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	var d net.Dialer
	real, err := d.DialContext(ctx, "tcp", l.real.Addr().String())
	if err != nil {
		if ctx.Err() != nil {
			return fail(shown, ctxError(ctx.Err()))
		}
		return fail(shown, os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	key := real.LocalAddr().(*net.TCPAddr).AddrPort()
	c := &conn{TCPConn: real.(*net.TCPConn), local: source, remote: shown, owner: who.owner}
	c.forget = func() { n.unclaim(key) }
	if who.owner != nil && !who.owner.own(c) {
		_ = c.Close()
		return fail(shown, net.ErrClosed)
	}
	n.hand(key, c)
	return c, nil
}

// ctxError is how package net reports an ended context.
func ctxError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return err
}

// Dial connects to a port of the pod itself, by localhost or its address, or of another pod.
func (p *Process) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	pod := p.container.pod
	return pod.runtime.net.dial(ctx, dialer{pod.addr, true, p}, network, address)
}

// conn is one end of a connection, with its addresses on the pod network.
type conn struct {
	*net.TCPConn
	local, remote *net.TCPAddr
	owner         *Process // whose end closes the connection; nil: the node
	forget        func()   // dialing end: takes back what was handed to the accepting end
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(b []byte) (int, error) {
	if c.owner != nil {
		if err := c.owner.gate(); err != nil {
			return 0, c.shown(&net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed})
		}
	}
	n, err := c.TCPConn.Read(b)
	return n, c.shown(err)
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b)
	return n, c.shown(err)
}

// Close closes the connection.
func (c *conn) Close() error {
	if c.owner != nil {
		c.owner.disown(c)
	}
	if c.forget != nil {
		c.forget() // before the host can use the port again
	}
	return c.shown(c.TCPConn.Close())
}

// shown puts the pod network's addresses into an error's text.
func (c *conn) shown(err error) error {
	var op *net.OpError
	if !errors.As(err, &op) {
		return err
	}
	return &net.OpError{Op: op.Op, Net: op.Net, Source: c.local, Addr: c.remote, Err: op.Err}
}

// textAddr is an address that could not be parsed.
type textAddr string

func (textAddr) Network() string  { return "tcp" }
func (a textAddr) String() string { return string(a) }
