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

	"healthlab/lab/node/network"
)

// listener is a listening socket of a process.
type listener struct {
	p        *Process
	real     net.Listener
	shown    *net.TCPAddr
	withdraw func()

	conns chan *conn
	done  chan struct{}
	once  sync.Once
	pump  sync.WaitGroup
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
	real, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		if errors.Is(err, syscall.EMFILE) {
			return fail(os.NewSyscallError("socket", syscall.EMFILE))
		}
		return fail(errors.New("the host has no free port"))
	}
	l := &listener{p: p, real: real, conns: make(chan *conn), done: make(chan struct{})}
	server.Real = real.Addr().(*net.TCPAddr).AddrPort()
	server.Admit = runtime.claims.Put
	port, withdraw, err := runtime.net.Announce(p.ctx, server)
	if err != nil {
		_ = real.Close()
		return fail(err)
	}
	l.withdraw = withdraw
	l.shown = net.TCPAddrFromAddrPort(netip.AddrPortFrom(server.Bound, port))
	l.pump.Add(1)
	go l.accept(&runtime.claims)
	if !p.own(l) {
		_ = l.Close()
		return fail(p.ctx.Err())
	}
	return l, nil
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

// accept takes connections from the host and pairs each with the dial it came from.
func (l *listener) accept(claims *network.Claims) {
	defer l.pump.Done()
	var unclaimed [maxUnclaimed]chan struct{} // of the connections accepted last
	for n := 0; ; n = (n + 1) % maxUnclaimed {
		real, err := l.real.Accept()
		if errors.Is(err, syscall.EMFILE) {
			// As on Linux the connection stays in the queue until a file is closed, which nobody tells.
			select {
			case <-time.After(acceptPause):
				continue
			case <-l.done:
			}
		}
		if err != nil {
			return
		}
		if oldest := unclaimed[n]; oldest != nil {
			close(oldest)
		}
		tooMany := make(chan struct{})
		unclaimed[n] = tooMany
		l.pump.Add(1)
		go func() {
			defer l.pump.Done()
			l.admit(real.(*net.TCPConn), claims, tooMany)
		}()
	}
}

// maxUnclaimed is how many connections of a listener wait for their claim. A dial claims its own at once; others of the
// machine must not take the container's files.
const maxUnclaimed = 128

// acceptPause is how long a listener waits for a free file descriptor before it looks again.
const acceptPause = 20 * time.Millisecond

func (l *listener) admit(real *net.TCPConn, claims *network.Claims, tooMany <-chan struct{}) {
	claim, forget := claims.Wait(real.RemoteAddr().(*net.TCPAddr).AddrPort())
	defer forget()
	timer := time.NewTimer(network.AdmitTime)
	defer timer.Stop()
	select {
	case dialed := <-claim:
		c := &conn{Conn: network.Accepted(real, dialed), owner: l.p}
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
	case <-tooMany:
		_ = real.Close()
	case <-l.done:
		_ = real.SetLinger(0)
		_ = real.Close()
	}
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
		l.withdraw()
		close(l.done)
		_ = l.real.Close()
		l.p.disown(l)
	})
	l.pump.Wait()
	return nil
}

// Dial connects to a port of the pod itself, by localhost or its address, or of another pod.
func (p *Process) Dial(ctx context.Context, netName, address string) (net.Conn, error) {
	pod := p.container.pod
	dialed, err := network.Dial(ctx, pod.runtime.net, network.From{Addr: pod.addr, Inside: true}, netName, address)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: dialed, owner: p}
	if !p.own(c) {
		_ = c.Close()
		return nil, &net.OpError{Op: "dial", Net: netName, Addr: dialed.RemoteAddr(), Err: net.ErrClosed}
	}
	return c, nil
}

// conn is a connection of a process, whose end closes it.
type conn struct {
	*network.Conn
	owner *Process
}

func (c *conn) Read(b []byte) (int, error) {
	if err := c.owner.gate(); err != nil {
		return 0, c.Shown(&net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed})
	}
	return c.Conn.Read(b)
}

// Close closes the connection.
func (c *conn) Close() error {
	c.owner.disown(c)
	return c.Conn.Close()
}

// textAddr is an address that could not be parsed.
type textAddr string

func (textAddr) Network() string  { return "tcp" }
func (a textAddr) String() string { return string(a) }

// Reachable returns nil when the pod network has an address, and EHOSTUNREACH when it has not.
func (p *Process) Reachable(ctx context.Context, addr netip.Addr) error {
	pod := p.container.pod
	_, err := pod.runtime.net.Route(ctx, pod.addr, true, netip.AddrPortFrom(addr, 0))
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
				all = append(all, Socket{PID: q.pid, Args: q.name, Local: c.shown.String()})
			case *conn:
				all = append(all, Socket{PID: q.pid, Args: q.name, Local: c.LocalAddr().String(), Remote: c.RemoteAddr().String()})
			}
		}
		q.mu.Unlock()
	}
	return all
}
