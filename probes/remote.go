package probes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"
)

// Remote reaches a container from afar, through something that takes time of its own, such as an API server. What the way
// takes is told apart from what the container takes (Attempt.Way), and the spec's timeout is for the container alone.
//
// turn is how long something that is sent on the open way takes there and back, whatever the container does in between.
type Remote interface {
	// Dial opens a connection to a port of the container. That nobody listens there is told by the first Read, as the
	// *net.OpError of a direct dial. An error means that the way could not be opened, which says nothing about the
	// container.
	Dial(ctx context.Context, port int) (conn net.Conn, turn time.Duration, err error)
	// Exec is Target.Exec, and calls opened when the command begins, as far as that can be told; of several calls the last
	// one counts. An error before the first call means that the way could not be opened.
	Exec(ctx context.Context, command []string, limit int, opened func(turn time.Duration)) ([]byte, int, error)
}

const (
	// patience is how long opening the way may take.
	patience = 30 * time.Second
	// news is how long a container takes at most, the way aside, to refuse a connection.
	news = 25 * time.Millisecond
)

// turns is how often something goes there and back in a try at most: to be told that nobody listens; for a request; for a
// TLS handshake and a request; for HTTP/2's settings and a call, which a TLS handshake may precede.
func (s Spec) turns() int {
	switch {
	case s.HTTP != nil && s.HTTP.Scheme == "HTTPS", s.GRPC != nil && s.GRPC.TLS:
		return 3
	case s.HTTP != nil && s.HTTP.H2C, s.GRPC != nil:
		return 2
	default:
		return 1
	}
}

// remotely makes one try from afar and tells how much of it the way took. A try that found no way is not made again. The
// container is waited for as long as the timeout says and, because the way may have become slower meanwhile, for twice as
// long as the turns took just before.
//
// The way's share is measured, so that it can be wrong by as much as the way is unsteady. Where that matters, because an
// answer came after the timeout once the way is taken off, or the timeout struck although the container did not have all of
// it, the outcome is Unknown and unsure: it would be wrong to say that a slow connection is a container that fails.
func (p *Prober) remotely(ctx context.Context) (answer, time.Duration) {
	began := time.Now()
	var a answer
	var own time.Duration
	var late bool // nothing came in time
	if p.mechanism == MechanismExec {
		a, own, late = p.execRemotely(ctx)
	} else {
		a, own, late = p.dialRemotely(ctx)
	}
	took := time.Since(began)
	switch {
	case late && own >= p.timeout:
		own = p.timeout // the rest was waited for the sake of the way
	case late, a.outcome == Success && own > p.timeout:
		a = answer{outcome: Unknown, message: a.message, unsure: true, final: true}
	}
	return a, took - own
}

// lost is the answer if the way could not be opened.
func lost(err error) answer {
	a := erred(err)
	a.final = true
	return a
}

// dialRemotely makes a try over a connection that is opened beforehand. It tells how much of it the container took, and
// whether it ended because nothing came in time.
func (p *Prober) dialRemotely(ctx context.Context) (a answer, own time.Duration, late bool) {
	way := &way{remote: p.target.Remote}
	defer way.close()
	opening, cancel := context.WithTimeout(ctx, patience)
	first, err := way.dial(opening, p.port)
	cancel()
	if err != nil {
		return lost(err), 0, false
	}
	target := p.target
	target.Dial = func(ctx context.Context, _, address string) (net.Conn, error) {
		if conn := first; conn != nil {
			first = nil
			return conn, p.connected(conn)
		}
		// A redirect, or gRPC's next attempt to connect.
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		number, err := strconv.Atoi(port)
		if err != nil {
			return nil, err
		}
		return way.dial(ctx, number)
	}
	slack := 2 * time.Duration(p.spec.turns()) * way.turn()
	before := way.spent()
	began := time.Now()
	a = newMechanism(p.spec, target).try(ctx, limit{p.timeout, slack})
	took := time.Since(began)
	if p.mechanism == MechanismTCP {
		return a, 0, false // a connection is all that was asked for, and opening one is all way
	}
	own = took - (way.spent() - before)
	late = a.outcome == Failure && took >= p.timeout+slack
	if late && way.wasRefused() {
		own = max(own, p.timeout) // gRPC's client goes on until the timeout
	}
	return a, own, late
}

// connected waits, for a TCP probe, for the news that nobody listens. Other probes learn of it when they read.
func (p *Prober) connected(conn *remoteConn) error {
	if p.mechanism != MechanismTCP {
		return nil
	}
	_ = conn.SetReadDeadline(time.Now().Add(news + 2*conn.way.turn()))
	if _, err := conn.Read(make([]byte, 1)); isRefused(err) {
		_ = conn.Close()
		return err
	}
	return nil // it said something, waits for us to speak, or hung up: connected
}

// isRefused reports whether a Read told that nobody listens.
func isRefused(err error) bool {
	var refused *net.OpError
	return errors.As(err, &refused) && refused.Op == "dial"
}

// execRemotely is dialRemotely for a command, whose time counts from when it was opened.
func (p *Prober) execRemotely(ctx context.Context) (a answer, own time.Duration, late bool) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(patience, func() { cancel(context.DeadlineExceeded) })
	defer timer.Stop()
	var mu sync.Mutex
	var opened time.Time
	command := p.spec.Exec.Command
	output, code, err := p.target.Remote.Exec(ctx, command, maxOutput, func(turn time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		opened = time.Now()
		timer.Reset(p.timeout + 2*turn)
	})
	mu.Lock()
	defer mu.Unlock()
	late = errors.Is(context.Cause(ctx), context.DeadlineExceeded)
	if opened.IsZero() {
		if late {
			err = fmt.Errorf("the way did not open within %s: %w", patience, context.DeadlineExceeded)
		}
		if err != nil {
			return lost(err), 0, false
		}
		opened = time.Now()
	}
	own = time.Since(opened)
	if late {
		return overdue(command, p.timeout), own, true
	}
	a = ran(output, code, err)
	a.final = true // the kubelet asks its runtime again; here it would be the whole way again
	return a, own, false
}

// way is what a try from afar goes over: one connection, or more.
type way struct {
	remote Remote

	mu      sync.Mutex
	conns   []*remoteConn
	last    time.Duration // the turn of the newest connection
	took    time.Duration
	refused bool
	closed  bool
	opening time.Time // when the connection that is being opened was asked for
	// Something is on its way from since to until. Reading ends it.
	since, until time.Time
}

// dial opens a connection, all of which counts as way.
func (w *way) dial(ctx context.Context, port int) (*remoteConn, error) {
	w.mu.Lock()
	w.opening = time.Now()
	w.mu.Unlock()
	conn, turn, err := w.remote.Dial(ctx, port)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.took += time.Since(w.opening)
	w.opening = time.Time{}
	if err != nil {
		return nil, err
	}
	c := &remoteConn{Conn: conn, way: w}
	w.conns, w.last = append(w.conns, c), turn
	if w.closed {
		_ = conn.Close()
	}
	return c, nil
}

func (w *way) turn() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// spent is the way's share so far.
func (w *way) spent() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.opening.IsZero() {
		return w.took + time.Since(w.opening)
	}
	return w.took
}

func (w *way) wasRefused() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.refused
}

// sent notes that something has been written, which is on its way for a turn.
func (w *way) sent() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.After(w.until) {
		w.since = now
	}
	w.until = now.Add(w.last)
}

// received counts the time for which something was on its way before this came.
func (w *way) received(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refused = w.refused || isRefused(err)
	end := time.Now()
	if end.After(w.until) {
		end = w.until
	}
	if end.After(w.since) {
		w.took += end.Sub(w.since)
		w.since = end
	}
}

func (w *way) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, c := range w.conns {
		_ = c.Close() // most have been closed already
	}
}

// remoteConn is a connection whose way is timed.
type remoteConn struct {
	net.Conn
	way *way
}

// Write implements net.Conn.
func (c *remoteConn) Write(p []byte) (int, error) {
	c.way.sent()
	return c.Conn.Write(p)
}

// Read implements net.Conn.
func (c *remoteConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 || err != nil {
		c.way.received(err)
	}
	return n, err
}
