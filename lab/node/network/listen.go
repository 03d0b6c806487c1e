package network

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// Listener accepts the connections of the pod network to a port.
type Listener struct {
	real     net.Listener
	shown    *net.TCPAddr
	withdraw func()

	conns chan *StreamConn
	done  chan struct{}
	once  sync.Once
	pump  sync.WaitGroup
}

// Listen makes a server of TCP known and listens for it. Of server it takes Pod, Port, Bound and Local. claims are those of
// this process. Close has to be called.
func Listen(ctx context.Context, f Fabric, claims *Claims, server Server) (*Listener, error) {
	real, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, socketError(err)
	}
	l := &Listener{real: real, conns: make(chan *StreamConn), done: make(chan struct{})}
	server.Proto, server.Real, server.Admit = TCP, real.Addr().(*net.TCPAddr).AddrPort(), claims.Put
	port, withdraw, err := f.Announce(ctx, server)
	if err != nil {
		return nil, errors.Join(err, real.Close())
	}
	l.withdraw = withdraw
	l.shown = net.TCPAddrFromAddrPort(netip.AddrPortFrom(server.Bound, port))
	l.pump.Add(1)
	go l.accept(claims)
	return l, nil
}

// socketError hides what the host says when it has no socket to give.
func socketError(err error) error {
	if errors.Is(err, syscall.EMFILE) {
		return os.NewSyscallError("socket", syscall.EMFILE)
	}
	return errors.New("the host has no free port")
}

// MaxUnclaimed is how many connections of a listener wait for their claim. A dial claims its own at once; others of the
// machine must not take the container's files.
const MaxUnclaimed = 128

// acceptPause is how long a listener waits for a free file descriptor before it looks again.
const acceptPause = 20 * time.Millisecond

// accept takes connections from the host and pairs each with the dial it came from.
func (l *Listener) accept(claims *Claims) {
	defer l.pump.Done()
	var unclaimed [MaxUnclaimed]chan struct{} // of the connections accepted last
	for n := 0; ; n = (n + 1) % MaxUnclaimed {
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

func (l *Listener) admit(real *net.TCPConn, claims *Claims, tooMany <-chan struct{}) {
	claim, forget := claims.Wait(real.RemoteAddr().(*net.TCPAddr).AddrPort())
	defer forget()
	timer := time.NewTimer(AdmitTime)
	defer timer.Stop()
	select {
	case dialed := <-claim:
		select {
		case l.conns <- Accepted(real, dialed):
		case <-l.done:
			_ = real.SetLinger(0) // the kernel resets what waits in a closed listener's queue
			_ = real.Close()
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

// AcceptStream returns the next connection.
func (l *Listener) AcceptStream() (*StreamConn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.shown, Err: net.ErrClosed}
	}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptStream()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Addr returns the address on the pod network.
func (l *Listener) Addr() net.Addr { return l.shown }

// Close stops listening and waits for the listener's goroutines.
func (l *Listener) Close() error {
	l.once.Do(func() {
		l.withdraw()
		close(l.done)
		_ = l.real.Close()
	})
	l.pump.Wait()
	return nil
}
