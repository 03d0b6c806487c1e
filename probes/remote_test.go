package probes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"healthlab/probes"
)

// afar is a container behind a slow line, in a synctest bubble.
type afar struct {
	open time.Duration // to open the way
	turn time.Duration // there and back
	told time.Duration // the turn that the way tells; 0: turn
	err  error         // why the way cannot be opened
	app  func(net.Conn)
	exec func(ctx context.Context) (output string, code int, err error)

	dials int
}

func (a *afar) measured() time.Duration {
	if a.told > 0 {
		return a.told
	}
	return a.turn
}

// Dial implements probes.Remote. Without an app, nobody listens.
func (a *afar) Dial(ctx context.Context, _ int) (net.Conn, time.Duration, error) {
	a.dials++
	select {
	case <-time.After(a.open):
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	if a.err != nil {
		return nil, 0, a.err
	}
	near, here := net.Pipe()
	there, far := net.Pipe()
	go carry(there, here, a.turn/2)
	go carry(here, there, a.turn/2)
	if a.app == nil {
		go func() {
			<-time.After(a.turn / 2)
			_ = far.Close()
		}()
		return refused{near}, a.measured(), nil
	}
	go a.app(far)
	return near, a.measured(), nil
}

// Exec implements probes.Remote.
func (a *afar) Exec(ctx context.Context, _ []string, _ int, opened func(time.Duration)) ([]byte, int, error) {
	a.dials++
	select {
	case <-time.After(a.open):
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	if a.err != nil {
		return nil, 0, a.err
	}
	opened(a.measured())
	output, code, err := a.exec(ctx)
	return []byte(output), code, err
}

// carry copies from one end to another, where everything arrives so much later.
func carry(to, from net.Conn, delay time.Duration) {
	type parcel struct {
		data []byte
		due  time.Time
	}
	sent := make(chan parcel, 1000)
	go func() {
		defer to.Close()
		for p := range sent {
			<-time.After(time.Until(p.due))
			if len(p.data) > 0 {
				_, _ = to.Write(p.data)
			}
		}
	}()
	defer close(sent)
	for {
		buffer := make([]byte, 32<<10)
		n, err := from.Read(buffer)
		sent <- parcel{buffer[:n], time.Now().Add(delay)}
		if err != nil {
			return
		}
	}
}

// refused is a connection of which it turns out that nobody listened.
type refused struct{ net.Conn }

func (r refused) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
		addr := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}
		err = &net.OpError{Op: "dial", Net: "tcp", Addr: addr, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	return n, err
}

// oneConn is a listener that has one connection to give.
type oneConn struct {
	conns chan net.Conn
	gone  chan struct{}
}

func listenOn(conn net.Conn) *oneConn {
	l := &oneConn{conns: make(chan net.Conn, 1), gone: make(chan struct{})}
	l.conns <- conn
	return l
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.gone:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error { close(l.gone); return nil }

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// web is an app that answers to HTTP after so long.
func web(after time.Duration) func(net.Conn) {
	return func(conn net.Conn) {
		server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/moved" {
				http.Redirect(w, r, "/here", http.StatusFound)
				return
			}
			select {
			case <-time.After(after):
				_, _ = io.WriteString(w, "fine")
			case <-r.Context().Done():
			}
		})}
		server.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				go func() { _ = server.Close() }()
			}
		}
		_ = server.Serve(listenOn(conn))
	}
}

// serving is an app with a gRPC health service.
func serving(conn net.Conn) {
	server := grpc.NewServer()
	service := health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, service)
	closed := make(chan struct{})
	go func() {
		<-closed
		server.Stop()
	}()
	_ = server.Serve(listenOn(watched{conn, func() { close(closed) }}))
}

type watched struct {
	net.Conn
	closed func()
}

func (w watched) Close() error {
	if w.closed != nil {
		defer func() { _ = recover() }() // closed twice
		w.closed()
	}
	return w.Conn.Close()
}

func command(takes time.Duration, output string, code int) func(context.Context) (string, int, error) {
	return func(ctx context.Context) (string, int, error) {
		select {
		case <-time.After(takes):
			return output, code, nil
		case <-ctx.Done():
			return "", 0, ctx.Err()
		}
	}
}

func TestFromAfar(t *testing.T) {
	const ms = time.Millisecond
	get := func(path string) probes.Spec {
		return probes.Spec{Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: path, Port: probes.Port{Number: 80}}}
	}
	run := probes.Spec{Kind: probes.Liveness, Exec: &probes.ExecAction{Command: []string{"check"}}}
	tcp := probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{Port: probes.Port{Number: 80}}}
	ask := probes.Spec{Kind: probes.Liveness, GRPC: &probes.GRPCAction{Port: 80}}
	const late = "context deadline exceeded"
	for name, tc := range map[string]struct {
		spec probes.Spec
		way  afar
		want string // outcome, own time, way
		says string
	}{
		"HTTP": {get("/"), afar{open: 600 * ms, turn: 300 * ms, app: web(10 * ms)}, "success 10ms +900ms", "fine"},
		"HTTP, a way slower than the timeout": {
			get("/"), afar{open: 6000 * ms, turn: 3000 * ms, app: web(900 * ms)}, "success 900ms +9s", "fine",
		},
		"HTTP, an app that hangs": {get("/"), afar{open: 6000 * ms, turn: 3000 * ms, app: web(time.Hour)}, "failure 1s +12s", late},
		"HTTP, nobody listens":    {get("/"), afar{open: 600 * ms, turn: 300 * ms}, "failure 0s +900ms", "connection refused"},
		"HTTP, an app as late as the way is unsteady": {
			get("/"), afar{turn: 300 * ms, app: web(1200 * ms)}, "unsure 1.2s +300ms", "fine",
		},
		"HTTP, a redirect": {get("/moved"), afar{open: 100 * ms, turn: 300 * ms, app: web(10 * ms)}, "success 10ms +800ms", "fine"},
		"HTTP, a redirect that the way has no time for": {
			get("/moved"), afar{open: 1500 * ms, turn: 200 * ms, app: web(10 * ms)}, "unsure 0s +2.9s", "",
		},
		"HTTP, no way": {get("/"), afar{open: 100 * ms, err: errors.New("forbidden")}, "unknown 0s +100ms", "forbidden"},
		"HTTP, a way that does not open": {
			get("/"), afar{open: time.Hour}, "unknown 0s +30s", "context deadline exceeded",
		},
		"TCP":                  {tcp, afar{open: 600 * ms, turn: 300 * ms, app: func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }}, "success 0s +1.225s", ""},
		"TCP, nobody listens":  {tcp, afar{open: 600 * ms, turn: 300 * ms}, "failure 0s +900ms", "connection refused"},
		"gRPC":                 {ask, afar{open: 600 * ms, turn: 2000 * ms, app: serving}, "success 0s +3.6s", "service healthy"},
		"gRPC, nobody listens": {ask, afar{open: 600 * ms, turn: 300 * ms}, "failure 1s +1.8s", "within 1s"},
		"exec":                 {run, afar{open: 6000 * ms, turn: 2000 * ms, exec: command(20*ms, "ok", 0)}, "success 20ms +6s", "ok"},
		"exec, a failure":      {run, afar{open: 600 * ms, turn: 200 * ms, exec: command(20*ms, "bad", 1)}, "failure 20ms +600ms", "bad"},
		"exec, a command that hangs": {
			run, afar{open: 600 * ms, turn: 200 * ms, exec: command(time.Hour, "", 0)}, "failure 1s +1s", `"check" timed out after 1s`,
		},
		"exec, a command that is as late as the way is unsteady": {
			run, afar{open: 600 * ms, turn: 200 * ms, exec: command(1300*ms, "ok", 0)}, "unsure 1.3s +600ms", "ok",
		},
		"exec, no way": {run, afar{open: 100 * ms, err: errors.New("forbidden")}, "unknown 0s +100ms", "forbidden"},
		"exec, a way that does not open": {
			run, afar{open: time.Hour}, "unknown 0s +30s", "the way did not open within 30s",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, err := probes.Try(t.Context(), tc.spec, probes.Target{Host: "10.0.0.1", Remote: &tc.way})
				if err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprintf("%s %v +%v", a.Outcome, a.Own(), a.Way)
				if a.Unsure {
					got = fmt.Sprintf("unsure %v +%v", a.Own(), a.Way)
				}
				if diff := cmp.Diff(tc.want, got); diff != "" || !strings.Contains(a.Message, tc.says) {
					t.Errorf("%s, message %q", diff, a.Message)
				}
				if _, _, told := a.Event(); told != (a.Outcome != probes.Success && !a.Unsure) {
					t.Errorf("it makes an event: %v", told)
				}
				if tc.way.err != nil && tc.way.dials != 1 {
					t.Errorf("the way was tried %d times", tc.way.dials)
				}
				<-time.After(2 * time.Hour) // until everything that is still on its way has arrived
			})
		})
	}
}

// The transport leaves a handshake to itself when the request has ended; the connection must not be left to it.
func TestHandshakeEndsWithItsAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ended := make(chan time.Duration, 1)
		target := probes.Target{Host: "10.0.0.1", Dial: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				_, _ = io.Copy(io.Discard, far) // takes everything, says nothing
				ended <- time.Since(began)
			}()
			return near, nil
		}}
		spec := probes.Spec{Kind: probes.Liveness, HTTP: &probes.HTTPAction{Scheme: "HTTPS", Port: probes.Port{Number: 443}}}
		a, err := probes.Try(t.Context(), spec, target)
		if err != nil || a.Outcome != probes.Failure || !strings.Contains(a.Message, "deadline exceeded") {
			t.Errorf("attempt %+v, %v", a, err)
		}
		if took := <-ended; took != time.Second {
			t.Errorf("the connection was closed after %s, the timeout is 1s", took)
		}
	})
}
