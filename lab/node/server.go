package node

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cri-streaming/pkg/streaming/portforward"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream/wsstream"
	utilexec "k8s.io/utils/exec"

	"healthlab/lab/node/gate"
	"healthlab/lab/node/sandbox"
	"healthlab/lab/traffic"
	"healthlab/lab/witness"
)

// streamIdle is how long a stream may be silent (the kubelet's default).
const streamIdle = 4 * time.Hour

// server is the kubelet API: exec, attach, port-forward, logs, and what a kubelet does not offer: the attempts at probes, and streams
// of requests to Services. Only clients with a certificate of the configured CA get in.
type server struct {
	agent    *Agent
	ctx      context.Context
	http     http.Server
	listener *trackingListener
	gate     *gate.Listener
	streams  chan struct{}  // of requests, one for each
	wg       sync.WaitGroup // what close waits for

	mu     sync.Mutex
	closed bool
}

func startServer(ctx context.Context, a *Agent) (*server, error) {
	listener := a.cfg.Listener
	if listener == nil {
		var err error
		if listener, err = net.Listen("tcp", net.JoinHostPort(a.cfg.Address, "0")); err != nil {
			return nil, fmt.Errorf("node agent: listen for the kubelet API: %w", err)
		}
	}
	door := gate.New(listener)
	s := &server{agent: a, ctx: ctx, gate: door, streams: make(chan struct{}, maxStreams), listener: &trackingListener{Listener: door, conns: map[net.Conn]struct{}{}}}
	s.http = http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 30 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slogLogger(a.log),
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{a.cfg.Cert},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    a.cfg.ClientCA,
			MinVersion:   tls.VersionTLS12,
			NextProtos:   []string{"http/1.1"}, // streams are upgrades of HTTP/1.1
		},
	}
	s.wg.Go(func() {
		if err := s.http.ServeTLS(s.listener, "", ""); err != nil && ctx.Err() == nil {
			a.log.Error("serve the kubelet API", "err", err)
		}
	})
	return s, nil
}

func slogLogger(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }

func (s *server) addr() net.Addr { return s.listener.Addr() }

// errClosed is what a stream gets that a client asked for when the node was about to end.
var errClosed = errors.New("the node is shutting down")

// enter begins work that close waits for, until leave is called. There is none to begin once the server is closed.
func (s *server) enter() (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	s.wg.Add(1)
	return s.wg.Done, nil
}

// close stops serving, cuts every connection, also those that became streams, and waits for whatever works for clients. It
// does not wait for a client that has asked for streams and not made them: Kubernetes' library gives it half a minute for
// that, also when its connection is gone, and nothing of the node is touched meanwhile.
func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	if err := s.http.Close(); err != nil {
		s.agent.log.Debug("close the kubelet API", "err", err)
	}
	s.listener.closeAll()
	s.wg.Wait()
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	mux.HandleFunc("GET /pods", s.whole(s.pods))
	mux.HandleFunc("GET "+witness.Path, s.whole(s.agent.attempts.ServeHTTP))
	mux.HandleFunc("POST "+traffic.Path, s.whole(s.traffic))
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", s.whole(s.logs))
	for _, path := range []string{"/{namespace}/{pod}/{container}", "/{namespace}/{pod}/{uid}/{container}"} {
		mux.HandleFunc("/exec"+path, s.exec)
		mux.HandleFunc("/attach"+path, s.attach)
	}
	mux.HandleFunc("/portForward/{namespace}/{pod}", s.portForward)
	mux.HandleFunc("/portForward/{namespace}/{pod}/{uid}", s.portForward)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.gate.Proven(r.RemoteAddr) // there is no request without a certificate
		mux.ServeHTTP(w, r)
	})
}

// whole is a handler that close waits for from its beginning to its end. Those of streams enter once they have their streams.
func (s *server) whole(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		leave, err := s.enter()
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		defer leave()
		handle(w, r)
	}
}

// pods lists the pods of the node with the statuses that the agent knows.
func (s *server) pods(w http.ResponseWriter, _ *http.Request) {
	list := v1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, Items: []v1.Pod{}}
	for _, worker := range s.agent.allWorkers() {
		list.Items = append(list.Items, worker.current())
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(list); err != nil {
		s.agent.log.Debug("answer /pods", "err", err)
	}
}

// find returns the worker of the request's pod, or answers the request with what is wrong.
func (s *server) find(w http.ResponseWriter, r *http.Request) *podWorker {
	worker := s.agent.worker(r.PathValue("namespace"), r.PathValue("pod"))
	if worker == nil {
		http.Error(w, fmt.Sprintf("pod %q does not exist", r.PathValue("pod")), http.StatusNotFound)
		return nil
	}
	if name := r.PathValue("container"); name != "" {
		if pod, _ := worker.known(); containerSpec(pod, name) == nil {
			http.Error(w, fmt.Sprintf("container %q not found in pod %q", name, r.PathValue("pod")), http.StatusNotFound)
			return nil
		}
	}
	return worker
}

// findRunning is like find and also returns the running container.
func (s *server) findRunning(w http.ResponseWriter, r *http.Request) (*podWorker, *execution) {
	worker := s.find(w, r)
	if worker == nil {
		return nil, nil
	}
	e := worker.running(r.PathValue("container"), "")
	if e == nil {
		problem := fmt.Sprintf("container not found (%q)", r.PathValue("container"))
		if strings.HasPrefix(r.URL.Path, "/attach/") {
			problem = fmt.Sprintf("container %s not found in pod %s_%s",
				r.PathValue("container"), r.PathValue("pod"), r.PathValue("namespace"))
		}
		http.Error(w, problem, http.StatusInternalServerError)
		return nil, nil
	}
	return worker, e
}

func (s *server) exec(w http.ResponseWriter, r *http.Request) {
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, e := s.findRunning(w, r)
	if e == nil {
		return
	}
	command := r.URL.Query()["command"]
	remotecommand.ServeExec(w, r, &streams{s, e}, r.PathValue("pod"), "", r.PathValue("container"), command, options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

func (s *server) attach(w http.ResponseWriter, r *http.Request) {
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	worker, e := s.findRunning(w, r)
	if e == nil {
		return
	}
	// Whether there is a terminal is the container's own matter.
	pod, _ := worker.known()
	if c := containerSpec(pod, r.PathValue("container")); c != nil {
		options.TTY = c.TTY
		options.Stderr = options.Stderr && !c.TTY
	}
	remotecommand.ServeAttach(w, r, &streams{s, e}, r.PathValue("pod"), "", r.PathValue("container"), options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}

func (s *server) portForward(w http.ResponseWriter, r *http.Request) {
	worker := s.find(w, r)
	if worker == nil {
		return
	}
	options := &portforward.V4Options{}
	if wsstream.IsWebSocketRequest(r) {
		var err error
		if options, err = portforward.NewV4Options(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	portforward.ServePortForward(w, r, &forwarder{s, worker}, r.PathValue("pod"), string(worker.uid), options,
		streamIdle, remotecommand.DefaultStreamCreationTimeout, portforward.SupportedProtocols)
}

// streams connects remote commands with a run of a container.
type streams struct {
	server *server
	run    *execution
}

// ExecInContainer runs a command. A code other than 0 becomes an error that carries it.
func (x *streams) ExecInContainer(
	ctx context.Context, _, _, _ string, command []string, in io.Reader, out, errOut io.WriteCloser, tty bool,
	resize <-chan remotecommand.TerminalSize, _ time.Duration,
) error {
	leave, err := x.server.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := x.server.bound(ctx)
	defer cancel()
	config := execConfig(in, out, errOut, tty)
	config.Command = command
	config.Resize = x.server.sizes(ctx, resize)
	code, err := x.run.sandbox.Exec(ctx, config)
	if err != nil {
		return err
	}
	if code != 0 {
		return utilexec.CodeExitError{Err: fmt.Errorf("command terminated with exit code %d", code), Code: code}
	}
	return nil
}

// AttachContainer connects to the streams of the main program until it or the client ends.
func (x *streams) AttachContainer(
	ctx context.Context, _, _, _ string, in io.Reader, out, errOut io.WriteCloser, tty bool,
	resize <-chan remotecommand.TerminalSize,
) error {
	leave, err := x.server.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := x.server.bound(ctx)
	defer cancel()
	config := execConfig(in, out, errOut, tty)
	config.Resize = x.server.sizes(ctx, resize)
	return x.run.sandbox.Attach(ctx, config)
}

// execConfig takes care that an absent stream is nil also as an interface.
func execConfig(in io.Reader, out, errOut io.WriteCloser, tty bool) sandbox.ExecConfig {
	config := sandbox.ExecConfig{TTY: tty}
	if in != nil {
		config.Stdin = in
	}
	if out != nil {
		config.Stdout = out
	}
	if errOut != nil {
		config.Stderr = errOut
	}
	return config
}

// bound returns a context that also ends with the server. The request's own does not once its connection is a stream.
func (s *server) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// sizes passes terminal sizes on until ctx ends.
func (s *server) sizes(ctx context.Context, in <-chan remotecommand.TerminalSize) <-chan sandbox.Size {
	if in == nil {
		return nil
	}
	out := make(chan sandbox.Size)
	s.wg.Go(func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case size, ok := <-in:
				if !ok {
					return
				}
				select {
				case out <- sandbox.Size{Columns: size.Width, Rows: size.Height}:
				case <-ctx.Done():
					return
				}
			}
		}
	})
	return out
}

// forwarder connects streams with ports of a pod.
type forwarder struct {
	server *server
	worker *podWorker
}

// PortForward copies between stream and the pod's port until both sides have said all.
func (f *forwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	leave, err := f.server.enter()
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := f.server.bound(ctx)
	defer cancel()
	f.worker.mu.Lock()
	sb, ready := f.worker.sandbox, f.worker.state == sandboxReady
	f.worker.mu.Unlock()
	if !ready {
		return fmt.Errorf("unable to do port forwarding: the pod has no running sandbox")
	}
	address := net.JoinHostPort("localhost", strconv.Itoa(int(port)))
	conn, err := sb.Dial(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("failed to connect to %s inside the pod: %w", address, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close(); stream.Close() })
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(conn, stream) // the other direction tells whether something was wrong
		if half, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	})
	_, err = io.Copy(stream, conn)
	stream.Close()
	conn.Close()
	wg.Wait()
	return err
}

// trackingListener remembers its connections, because http.Server forgets those that became streams.
type trackingListener struct {
	net.Listener

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

func (l *trackingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tracked := &trackedConn{Conn: conn, listener: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	l.conns[tracked] = struct{}{}
	return tracked, nil
}

func (l *trackingListener) closeAll() {
	l.mu.Lock()
	l.closed = true
	conns := l.conns
	l.conns = map[net.Conn]struct{}{}
	l.mu.Unlock()
	for conn := range conns {
		_ = conn.Close()
	}
}

type trackedConn struct {
	net.Conn
	listener *trackingListener
}

func (c *trackedConn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
