package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"

	"healthlab/lab"
)

// kubelet serves exec, logs and port-forward of one pod, over SPDY as a kubelet does. It has no WebSocket, as servers before
// Kubernetes 1.30, so that falling back is tried too.
type kubelet struct{ stop chan struct{} }

// ExecInContainer implements remotecommand.Executor.
func (k kubelet) ExecInContainer(
	_ context.Context, _, _, _ string, cmd []string, _ io.Reader, out, errOut io.WriteCloser, _ bool,
	_ <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	switch cmd[0] {
	case "fail":
		_, _ = io.WriteString(errOut, "broken\n")
		return utilexec.CodeExitError{Err: errors.New("exit 3"), Code: 3}
	case "hang":
		<-k.stop
	default:
		_, _ = io.WriteString(out, strings.Join(cmd, " "))
	}
	return nil
}

// PortForward implements portforward.PortForwarder.
func (kubelet) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer conn.Close()
	go func() {
		_, _ = io.Copy(conn, stream)
		_ = conn.Close()
	}()
	_, _ = io.Copy(stream, conn)
	return nil
}

func (k kubelet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "websocket" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch query := r.URL.Query(); {
	case strings.HasSuffix(r.URL.Path, "/exec"):
		remotecommand.ServeExec(w, r, k, "p", "", query.Get("container"), query["command"], &remotecommand.Options{
			Stdout: true, Stderr: true,
		}, time.Minute, time.Minute, remotecommand.SupportedStreamingProtocols)
	case strings.HasSuffix(r.URL.Path, "/portforward"):
		portforward.ServePortForward(w, r, k, "p", "", nil, time.Minute, time.Minute, portforward.SupportedProtocols)
	case strings.HasSuffix(r.URL.Path, "/log"):
		_, _ = fmt.Fprintf(w, "2026-11-23T10:00:00.5Z first since %q\n2026-11-23T10:00:01Z last, without end", query.Get("sinceTime"))
	}
}

func newKubelet(t *testing.T) *Client {
	t.Helper()
	stop := make(chan struct{})
	server := httptest.NewServer(kubelet{stop})
	t.Cleanup(func() {
		close(stop)
		server.CloseClientConnections()
		server.Close()
	})
	return open(t, server.URL)
}

func TestExec(t *testing.T) {
	c := newKubelet(t)
	tests := []struct {
		name    string
		command []string
		limit   int
		output  string
		code    int
	}{
		{"output", []string{"cat", "/tmp/a b"}, 100, "cat /tmp/a b", 0},
		{"output is bounded", []string{"0123456789"}, 4, "0123", 0},
		{"exit code and error stream", []string{"fail"}, 100, "broken\n", 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			output, code, err := c.Exec(t.Context(), "p", "app", test.command, test.limit, func(time.Duration) {})
			if err != nil || string(output) != test.output || code != test.code {
				t.Errorf("Exec returned %q, %d, %v", output, code, err)
			}
		})
	}
	t.Run("ends with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		calls := 0
		opened := func(time.Duration) {
			// WebSocket was answered, and three streams are open: the command begins. Opening a stream cannot be called off.
			if calls++; calls == 4 {
				cancel()
			}
		}
		if _, _, err := c.Exec(ctx, "p", "app", []string{"hang"}, 100, opened); !errors.Is(err, context.Canceled) {
			t.Errorf("Exec returned %v", err)
		}
	})
}

func TestExecAndDialAreRefused(t *testing.T) {
	for _, test := range []struct {
		status   int
		reason   metav1.StatusReason
		want     string
		requests int // for each of the two
	}{
		{http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "refuses the credentials", 1},
		{http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "too many requests", 1},
		{http.StatusForbidden, metav1.StatusReasonForbidden, "not permitted", 2},
	} {
		t.Run(string(test.reason), func(t *testing.T) {
			var requests atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(test.status)
				_ = json.NewEncoder(w).Encode(metav1.Status{
					TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure",
					Code: int32(test.status), Reason: test.reason, Message: `pods "p" is forbidden: no`,
				})
			}))
			defer server.Close()
			c := open(t, server.URL)
			_, _, execErr := c.Exec(t.Context(), "p", "app", []string{"true"}, 100, func(time.Duration) {})
			_, _, dialErr := c.Dial(t.Context(), "p", 80)
			for name, err := range map[string]error{"Exec": execErr, "Dial": dialErr} {
				told(t, err, test.want)
				if apierrors.ReasonForError(err) != test.reason {
					t.Errorf("%s: reason %q of %v", name, apierrors.ReasonForError(err), err)
				}
			}
			if got := int(requests.Load()); got != 2*test.requests {
				t.Errorf("%d requests, want %d", got, 2*test.requests)
			}
		})
	}
}

func TestLogs(t *testing.T) {
	var got []lab.LogLine
	since := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	err := newKubelet(t).Logs(t.Context(), "p", "app", since, func(l lab.LogLine) { got = append(got, l) })
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Text != `first since "2026-11-23T09:00:00Z"` || got[1].Text != "last, without end" ||
		!got[1].At.Equal(since.Add(time.Hour+time.Second)) {
		t.Errorf("lines %+v", got)
	}
}

func TestDial(t *testing.T) {
	c := newKubelet(t)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Path)
	}))
	defer app.Close()
	port := app.Listener.Addr().(*net.TCPAddr).Port
	t.Run("HTTP, twice over one tunnel", func(t *testing.T) {
		client := http.Client{Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				conn, _, err := c.Dial(ctx, "p", port)
				return conn, err
			},
		}}
		for _, path := range []string{"/one", "/two"} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://p"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if err != nil || string(body) != path {
				t.Errorf("body %q, %v", body, err)
			}
		}
	})
	t.Run("nobody listens", func(t *testing.T) {
		conn, _, err := c.Dial(t.Context(), "p", closedPort(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, err = conn.Read(make([]byte, 1))
		var refused *net.OpError
		if !errors.As(err, &refused) || !strings.HasSuffix(err.Error(), "connect: connection refused") {
			t.Errorf("Read returned %v, want that the connection was refused", err)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		conn, _, err := c.Dial(t.Context(), "p", port)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		var timeout net.Error
		if _, err := conn.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("Read returned %v, want a timeout", err)
		}
	})
	t.Run("after Close", func(t *testing.T) {
		open, _, err := c.Dial(t.Context(), "p", port)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		if _, err := open.Read(make([]byte, 1)); err == nil {
			t.Error("a connection outlived Close")
		}
		if _, _, err := c.Dial(t.Context(), "p", port); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Dial returned %v", err)
		}
	})
}

// closedPort returns a port on which nobody listens.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

func TestKubeletOutOfReach(t *testing.T) {
	told(t, explain("https://lab.example", errors.New(
		"unable to upgrade connection: error dialing backend: dial tcp 10.0.0.7:10250: connect: connection refused")),
		"the API server cannot reach the node's kubelet: dial tcp 10.0.0.7:10250: connect: connection refused")
}

// However many probes there are, a console asks the API server for no more than its share.
func TestCommandsHaveALimit(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	c := open(t, server.URL)
	const burst, most = 40, 2000
	for i := range most {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		if i >= burst {
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), 5*time.Millisecond)
		}
		before := asked.Load()
		_, _, err := c.Exec(ctx, "p", "c", []string{"true"}, 10, func(time.Duration) {})
		cancel()
		if err == nil {
			t.Fatal("a server that refuses ran the command")
		}
		if strings.Contains(err.Error(), "too many requests are waiting") {
			if i < burst || asked.Load() != before {
				t.Errorf("command %d was held back, after %d requests", i, asked.Load())
			}
			return
		}
	}
	t.Errorf("none of %d commands was held back", most)
}
