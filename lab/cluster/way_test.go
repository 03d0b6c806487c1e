package cluster

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/streaming/pkg/httpstream/wsstream"

	"healthlab/probes"
)

// slowLine is the address of a server behind a line on which everything takes that long in each direction.
func slowLine(t *testing.T, server string, delay time.Duration) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var conns []net.Conn
	go func() {
		defer close(done)
		for {
			near, err := listener.Accept()
			if err != nil {
				break
			}
			far, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
			if err != nil {
				t.Error(err)
				break
			}
			conns = append(conns, near, far)
			go carry(near, far, delay)
			go carry(far, near, delay)
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String()
}

// carry copies from one connection to another, where everything arrives so much later.
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
			if _, err := to.Write(p.data); err != nil {
				_ = from.Close()
			}
		}
	}()
	defer close(sent)
	for {
		buffer := make([]byte, 32<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			sent <- parcel{buffer[:n], time.Now().Add(delay)}
		}
		if err != nil {
			return
		}
	}
}

// webSocket serves exec over WebSocket, as an API server does: a command that takes that long and says nothing.
func webSocket(t *testing.T, takes time.Duration) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn := wsstream.NewConn(map[string]wsstream.ChannelProtocolConfig{"v5.channel.k8s.io": {
			Binary: true,
			Channels: []wsstream.ChannelType{
				wsstream.IgnoreChannel, wsstream.WriteChannel, wsstream.WriteChannel, wsstream.WriteChannel, wsstream.IgnoreChannel,
			},
		}})
		_, streams, err := conn.Open(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		<-time.After(takes)
		_, _ = io.WriteString(streams[3], `{"metadata":{},"status":"Success"}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestTheWayIsToldApart(t *testing.T) {
	const delay, takes = 40 * time.Millisecond, 400 * time.Millisecond
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		<-time.After(takes)
		_, _ = io.WriteString(w, "fine")
	}))
	defer app.Close()
	port := app.Listener.Addr().(*net.TCPAddr).Port
	stop := make(chan struct{})
	spdy := httptest.NewServer(kubelet{stop})
	defer func() {
		close(stop)
		spdy.CloseClientConnections()
		spdy.Close()
	}()
	for name, tc := range map[string]struct {
		server string
		spec   probes.Spec
		turns  time.Duration // at least, there and back
		own    time.Duration // at least; half of it, as a slow machine may see the way open late
	}{
		"port-forward": {
			spdy.URL,
			probes.Spec{HTTP: &probes.HTTPAction{Port: probes.Port{Number: port}}},
			4, takes / 2, // to connect, to upgrade, and a stream, of which a second one may share the turn; the request
		},
		"exec over WebSocket": {webSocket(t, takes), probes.Spec{Exec: &probes.ExecAction{Command: []string{"x"}}}, 1, takes / 2},
		"exec over SPDY":      {spdy.URL, probes.Spec{Exec: &probes.ExecAction{Command: []string{"x"}}}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, slowLine(t, tc.server, delay))
			tc.spec.Kind, tc.spec.Timeout = probes.Liveness, 30*time.Second // for slow machines
			a, err := probes.Try(t.Context(), tc.spec, probes.Target{Host: "p", Remote: near{c}})
			if err != nil || a.Outcome != probes.Success {
				t.Fatalf("attempt %+v, %v", a, err)
			}
			if least := tc.turns * 2 * delay; a.Way < least || a.Own() < tc.own {
				t.Errorf("the app took %s and the way %s, want at least %s and %s", a.Own(), a.Way, tc.own, least)
			}
		})
	}
}

// near reaches container c of pod p.
type near struct{ *Client }

func (n near) Dial(ctx context.Context, port int) (net.Conn, time.Duration, error) {
	return n.Client.Dial(ctx, "p", port)
}

func (n near) Exec(ctx context.Context, command []string, limit int, opened func(time.Duration)) ([]byte, int, error) {
	return n.Client.Exec(ctx, "p", "c", command, limit, opened)
}
