package cluster

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"

	"healthlab/lab"
)

// tunnel is a port-forward connection to one pod, shared by all who dial it. ready is closed once conn or err is set.
type tunnel struct {
	ready chan struct{}
	conn  httpstream.Connection
	err   error
	next  int // request ID; guarded by the client's mutex
}

func (t *tunnel) close() {
	select {
	case <-t.ready:
		if t.conn != nil {
			_ = t.conn.Close() // the other side may have gone already
		}
	default:
	}
}

// alive reports whether new streams can be had.
func (t *tunnel) alive() bool {
	select {
	case <-t.ready:
	default:
		return true // still connecting
	}
	if t.err != nil {
		return false
	}
	select {
	case <-t.conn.CloseChan():
		return false
	default:
		return true
	}
}

// Dial connects to a port of a pod through the API server, over WebSocket or, where that is not to be had, SPDY. Each call
// makes one pair of streams on a connection that is kept per pod. That nobody listens on the port is known only after the
// connection is used: the first Read then fails with what a direct dial would have said. turn is how long the kubelet took
// to answer to the opening of a stream, which goes the way that data go, except for the last step from the node into the pod.
func (c *Client) Dial(ctx context.Context, pod string, port int) (_ net.Conn, turn time.Duration, _ error) {
	if c.config.ReadOnly {
		return nil, 0, errReadOnly(lab.T("컨테이너에 연결하지 않습니다. kubelet의 결과만 보입니다",
			"no connections are made to containers; only the kubelet's results are shown"))
	}
	type result struct {
		conn *forwarded
		turn time.Duration
		err  error
	}
	done := make(chan result)
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, 0, net.ErrClosed
	}
	c.conns.Add(1)
	c.mu.Unlock()
	// Neither the upgrade nor the opening of a stream takes a context, so they may outlive the call.
	go func() {
		defer c.conns.Done()
		conn, turn, err := c.dial(pod, port)
		select {
		case done <- result{conn, turn, err}:
		case <-ctx.Done():
			if conn != nil {
				_ = conn.Close()
			}
		}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, 0, explain(c.info.Server, r.err)
		}
		return r.conn, r.turn, nil
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
}

func (c *Client) dial(pod string, port int) (conn *forwarded, turn time.Duration, err error) {
	t, id, err := c.tunnel(pod)
	if err != nil {
		return nil, 0, err
	}
	headers := http.Header{}
	headers.Set(corev1.PortHeader, strconv.Itoa(port))
	headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(id))
	headers.Set(corev1.StreamType, corev1.StreamTypeError)
	asked := time.Now()
	errors, err := t.conn.CreateStream(headers)
	turn = time.Since(asked)
	if err != nil {
		c.drop(pod, t)
		return nil, 0, fmt.Errorf("port-forward to %s: %w", pod, err)
	}
	_ = errors.Close() // only read from
	headers.Set(corev1.StreamType, corev1.StreamTypeData)
	asked = time.Now()
	data, err := t.conn.CreateStream(headers)
	turn = min(turn, time.Since(asked))
	if err == nil {
		return c.serve(t, data, errors, pod, port), turn, nil
	}
	t.conn.RemoveStreams(errors)
	if !strings.Contains(err.Error(), "reset") {
		c.drop(pod, t)
		return nil, 0, fmt.Errorf("port-forward to %s: %w", pod, err)
	}
	// Where nobody listens, the other side may have given up before the stream was open here. It resets both streams, so
	// that the reason is either there already or lost.
	problem := readProblem(errors, pod, port)
	if problem == nil {
		problem = &net.OpError{
			Op: "dial", Net: "tcp", Addr: podAddr{pod, port}, Err: os.NewSyscallError("connect", syscall.ECONNRESET),
		}
	}
	near, far := net.Pipe()
	_ = far.Close()
	return &forwarded{Conn: near, remote: podAddr{pod, port}, refused: problem}, turn, nil
}

// drop ends a tunnel on which no stream could be opened, so that the next dial makes a new one.
func (c *Client) drop(pod string, t *tunnel) {
	c.mu.Lock()
	if c.tunnels[pod] == t {
		delete(c.tunnels, pod)
	}
	c.mu.Unlock()
	t.close()
}

// tunnel returns the pod's connection, made anew if there is none or it has ended, and the next request ID on it.
func (c *Client) tunnel(pod string) (*tunnel, int, error) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, 0, net.ErrClosed
	}
	t, ok := c.tunnels[pod]
	connect := !ok || !t.alive()
	if connect {
		t = &tunnel{ready: make(chan struct{})}
		c.tunnels[pod] = t
	}
	t.next++
	id := t.next
	c.mu.Unlock()
	if connect {
		conn, err := c.connect(pod)
		c.mu.Lock()
		if c.closed && conn != nil {
			_ = conn.Close()
			conn, err = nil, net.ErrClosed
		}
		t.conn, t.err = conn, err
		close(t.ready)
		c.mu.Unlock()
	}
	<-t.ready
	return t, id, t.err
}

// connect opens a port-forward connection to a pod.
func (c *Client) connect(pod string) (httpstream.Connection, error) {
	c.streams.Accept()
	url := c.clientset.CoreV1().RESTClient().Post().Resource("pods").Namespace(c.config.Namespace).Name(pod).
		SubResource("portforward").URL()
	transport, upgrader, err := spdy.RoundTripperFor(c.rest)
	if err != nil {
		return nil, err
	}
	direct := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, url)
	webSocket, err := portforward.NewSPDYOverWebsocketDialerForStreaming(url, c.rest)
	if err != nil {
		return nil, err
	}
	var upgrading upgrade
	conn, _, err := portforward.NewFallbackDialerForStreaming(webSocket, direct, upgrading.fallBack).
		Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, fmt.Errorf("port-forward to %s: %w", pod, upgrading.reason(err))
	}
	return conn, nil
}

// forwarded is one connection through a tunnel. It is one end of a pipe, which gives it deadlines; goroutines of the client
// copy between the other end and the streams.
type forwarded struct {
	net.Conn
	remote net.Addr
	abort  func()

	mu      sync.Mutex
	refused error // why the other side could not connect
}

// Read reads from the pod. At the end of the stream it tells why the other side never connected, if so.
func (f *forwarded) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if err == io.EOF { //nolint:errorlint // a pipe returns it bare
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.refused != nil {
			return n, f.refused
		}
	}
	return n, err
}

// RemoteAddr returns the pod's port.
func (f *forwarded) RemoteAddr() net.Addr { return f.remote }

// serve copies between a pair of streams and the connection that it returns, until either side ends.
func (c *Client) serve(t *tunnel, data, errors httpstream.Stream, pod string, port int) *forwarded {
	near, far := net.Pipe()
	conn := &forwarded{Conn: near, remote: podAddr{pod, port}}
	conn.abort = sync.OnceFunc(func() {
		_ = far.Close()
		_ = data.Reset()
		_ = errors.Reset()
	})
	problem := make(chan error, 1)
	var copies sync.WaitGroup
	copies.Go(func() {
		problem <- readProblem(errors, pod, port)
	})
	copies.Go(func() {
		_, _ = io.Copy(data, far) // ends when the user closes its end
		conn.abort()
	})
	copies.Go(func() {
		_, _ = io.Copy(far, data)
		// The reason travels on a stream of its own and may arrive a moment later.
		timer := time.NewTimer(time.Second)
		defer timer.Stop()
		select {
		case err := <-problem:
			conn.mu.Lock()
			conn.refused = err
			conn.mu.Unlock()
		case <-timer.C:
		}
		conn.abort()
	})
	c.mu.Lock()
	c.openConns[conn] = struct{}{}
	c.conns.Add(1)
	closed := c.closed
	c.mu.Unlock()
	if closed {
		conn.abort()
	}
	go func() {
		defer c.conns.Done()
		copies.Wait()
		t.conn.RemoveStreams(data, errors)
		c.mu.Lock()
		delete(c.openConns, conn)
		c.mu.Unlock()
	}()
	return conn
}

// readProblem reads why the kubelet could not connect to the port, or nil.
func readProblem(errors io.Reader, pod string, port int) error {
	message, _ := io.ReadAll(io.LimitReader(errors, 4<<10))
	text := strings.TrimSpace(string(message))
	switch {
	case text == "":
		return nil
	case strings.Contains(text, "connection refused"):
		return &net.OpError{
			Op: "dial", Net: "tcp", Addr: podAddr{pod, port}, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
		}
	default:
		return lab.Errorf(nil, "포트 %d에 연결할 수 없습니다: %s", "cannot connect to port %d: %s", port, text)
	}
}

// podAddr is a port of a pod as a net.Addr.
type podAddr struct {
	pod  string
	port int
}

// Network implements net.Addr.
func (podAddr) Network() string { return "tcp" }

// String implements net.Addr.
func (a podAddr) String() string { return net.JoinHostPort(a.pod, strconv.Itoa(a.port)) }
