package images

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/sandbox"
)

const podinfoVersion = "6.9.0"

func podinfo() *sandbox.Image {
	return &sandbox.Image{
		Name:     "ghcr.io/stefanprodan/podinfo",
		Aliases:  []string{"docker.io/stefanprodan/podinfo"},
		Does:     sandbox.Text{Ko: "9898번 포트의 HTTP와 /healthz, /readyz, gRPC(--grpc-port), podcli check", En: "HTTP on 9898 with /healthz and /readyz, gRPC (--grpc-port), podcli check"},
		Size:     30_000_000,
		Dir:      "/home/app",
		Cmd:      []string{"./podinfo"},
		Files:    files(map[string]string{"/home/app/ui/index.html": "podinfo\n"}),
		Programs: withTools(map[string]sandbox.Program{"/home/app/podinfo": runPodinfo, "/usr/local/bin/podcli": runPodcli, "/usr/bin/curl": curl.Run}),
	}
}

// podinfoServer is the state of one server.
type podinfoServer struct {
	p              *sandbox.Process
	healthy, ready atomic.Bool
	message, color string
	exits          chan int
}

// zap prints a line of podinfo's log.
func zap(p *sandbox.Process, level, caller, message string, more map[string]any) {
	line := map[string]any{"level": level, "ts": time.Now().UTC().Format("2006-01-02T15:04:05.000Z0700"), "caller": caller, "msg": message}
	for k, v := range more {
		line[k] = v
	}
	data, _ := json.Marshal(line) // texts and numbers always marshal
	fmt.Fprintf(p.Stderr, "%s\n", data)
}

func runPodinfo(ctx context.Context, p *sandbox.Process) int {
	flags := pflag.NewFlagSet("podinfo", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	host := flags.String("host", "", "Host to bind service to")
	port := flags.Int("port", 9898, "HTTP port to bind service to")
	metrics := flags.Int("port-metrics", 0, "metrics port")
	grpcPort := flags.Int("grpc-port", 0, "gRPC port")
	service := flags.String("grpc-service-name", "podinfo", "gPRC service name")
	unhealthy := flags.Bool("unhealthy", false, "when set, healthy state is never reached")
	unready := flags.Bool("unready", false, "when set, ready state is never reached")
	delay := flags.Bool("random-delay", false, "between 0 and 5 seconds random delay by default")
	randomError := flags.Bool("random-error", false, "1/3 chances of a random response error")
	h2c := flags.Bool("h2c", false, "allow upgrading to H2C")
	color := flags.String("ui-color", or(p.Getenv("PODINFO_UI_COLOR"), "#34577c"), "UI color")
	message := flags.String("ui-message", p.Getenv("PODINFO_UI_MESSAGE"), "UI message")
	flags.String("level", "info", "log level debug, info, warn, error, fatal or panic")
	flags.String("ui-logo", "", "UI logo")
	flags.String("ui-path", "./ui", "UI local path")
	flags.String("config-path", "", "config dir path")
	flags.StringSlice("backend-url", nil, "backend service URL")
	shutdownTimeout := flags.Duration("server-shutdown-timeout", 5*time.Second, "server graceful shutdown timeout duration")
	if err := flags.Parse(p.Args[1:]); err != nil {
		fmt.Fprintf(p.Stderr, "Error: %s\n\nUsage of podinfo:\n%s", err, flags.FlagUsages())
		return 2
	}
	s := &podinfoServer{p: p, message: or(*message, "greetings from podinfo v"+podinfoVersion), color: *color, exits: make(chan int, 1)}
	zap(p, "info", "podinfo/main.go:153", "Starting podinfo", map[string]any{"version": podinfoVersion, "revision": "healthlab", "port": strconv.Itoa(*port)})
	if *grpcPort > 0 {
		end, err := s.grpc(*grpcPort, *service)
		if err != nil {
			zap(p, "fatal", "grpc/server.go:45", "failed to listen", map[string]any{"port": *grpcPort})
			return 1
		}
		defer end()
	}
	handler := s.handler()
	all := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *delay {
			waitFor(r.Context(), time.Duration(rand.IntN(5000))*time.Millisecond) //nolint:gosec // not a secret
		}
		if *randomError && rand.IntN(3) == 0 { //nolint:gosec // not a secret
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	})
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT)
	zap(p, "info", "http/server.go:224", "Starting HTTP Server.", map[string]any{"addr": fmt.Sprintf("%s:%d", *host, *port)})
	server, err := endpoint{address: net.JoinHostPort(*host, strconv.Itoa(*port)), handler: all, h2c: *h2c}.serve(ctx, p)
	if err == nil && *metrics > 0 {
		var other *site
		if other, err = serve(ctx, p, fmt.Sprintf(":%d", *metrics), handler); err == nil {
			defer other.close()
		}
	}
	if err != nil {
		zap(p, "fatal", "http/server.go:226", "HTTP server crashed", map[string]any{"error": err.Error()})
		return 1
	}
	defer server.close()
	s.healthy.Store(!*unhealthy)
	s.ready.Store(!*unready)
	select {
	case code := <-s.exits:
		return code
	case <-signals:
	case <-ctx.Done():
		return 0
	}
	// All calls to /healthz and /readyz fail from now on, so that traffic goes elsewhere before the server stops.
	s.healthy.Store(false)
	s.ready.Store(false)
	zap(p, "info", "signals/shutdown.go:70", "Shutting down HTTP/HTTPS server", map[string]any{"timeout": shutdownTimeout.Seconds()})
	const readinessPeriod = 3 * time.Second
	waitFor(ctx, readinessPeriod)
	ending, cancel := context.WithTimeout(ctx, *shutdownTimeout)
	defer cancel()
	server.drain(ending)
	return 0
}

func (s *podinfoServer) grpc(port int, service string) (end func(), err error) {
	listener, err := s.p.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return nil, err
	}
	checks := health.NewServer()
	checks.SetServingStatus(service, grpc_health_v1.HealthCheckResponse_SERVING)
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, checks)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends when stopped, or with the process's listener
	}()
	return func() {
		server.Stop()
		<-served
	}, nil
}

func (s *podinfoServer) handler() http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		data, _ := json.MarshalIndent(v, "", "  ") // texts and numbers always marshal
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(data)
	}
	state := func(flag *atomic.Bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if flag.Load() {
				answer(w, map[string]string{"status": "OK"})
				return
			}
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}
	set := func(to bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			s.ready.Store(to)
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("GET /healthz", state(&s.healthy))
	mux.HandleFunc("GET /readyz", state(&s.ready))
	mux.HandleFunc("POST /readyz/enable", set(true))
	mux.HandleFunc("POST /readyz/disable", set(false))
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"commit": "healthlab", "version": podinfoVersion})
	})
	info := func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{
			"hostname": s.p.Hostname(), "version": podinfoVersion, "revision": "healthlab", "color": s.color, "message": s.message,
			"goos": "linux", "goarch": runtime.GOARCH, "runtime": runtime.Version(), "num_cpu": strconv.Itoa(runtime.NumCPU()),
		})
	}
	mux.HandleFunc("GET /{$}", info)
	mux.HandleFunc("GET /api/info", info)
	mux.HandleFunc("/env", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.p.Env) })
	mux.HandleFunc("/headers", func(w http.ResponseWriter, r *http.Request) { answer(w, r.Header) })
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.PathValue("code"))
		if err != nil || code < 200 || code > 599 {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(code)
	})
	mux.HandleFunc("GET /delay/{wait}", func(w http.ResponseWriter, r *http.Request) {
		seconds, err := strconv.Atoi(r.PathValue("wait"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		waitFor(r.Context(), time.Duration(seconds)*time.Second)
		answer(w, map[string]int{"delay": seconds})
	})
	mux.HandleFunc("GET /panic", func(_ http.ResponseWriter, r *http.Request) {
		zap(s.p, "info", "http/panic.go:18", "Panic command received", nil)
		select {
		case s.exits <- 255:
		default:
		}
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = fmt.Fprintf(w, "# TYPE go_goroutines gauge\ngo_goroutines %d\n", runtime.NumGoroutine())
	})
	return mux
}

// runPodcli is podcli check http|tcp|grpc.
func runPodcli(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) > 0 && args[0] == "version" {
		fmt.Fprintln(p.Stdout, podinfoVersion)
		return 0
	}
	if len(args) < 2 || args[0] != "check" {
		fmt.Fprintln(p.Stderr, "Error: podcli in healthlab knows version, check http, check tcp and check grpc")
		return 1
	}
	flags := pflag.NewFlagSet("check", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	method := flags.String("method", http.MethodGet, "HTTP method")
	body := flags.String("body", "", "HTTP POST/PUT content")
	retry := flags.Int("retry", 0, "times to retry the check")
	delay := flags.Duration("delay", time.Second, "wait duration between retries")
	timeout := flags.Duration("timeout", 5*time.Second, "timeout")
	service := flags.String("service", "", "gRPC service name")
	if err := flags.Parse(args[2:]); err != nil {
		fmt.Fprintf(p.Stderr, "Error: %v\n", err)
		return 1
	}
	if flags.NArg() < 1 {
		fmt.Fprintf(p.Stderr, "Error: address is required! example: check %s localhost:9898\n", path.Base(args[1]))
		return 1
	}
	address := flags.Arg(0)
	var once func(ctx context.Context) (map[string]any, error)
	switch args[1] {
	case "http":
		if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
			address = "http://" + address
		}
		once = func(ctx context.Context) (map[string]any, error) { return podcliHTTP(ctx, p, *method, address, *body) }
	case "tcp":
		once = func(ctx context.Context) (map[string]any, error) {
			conn, err := p.Dial(ctx, "tcp", address)
			if err == nil {
				_ = conn.Close()
			}
			return map[string]any{"address": address}, err
		}
	case "grpc":
		once = func(ctx context.Context) (map[string]any, error) { return podcliGRPC(ctx, p, address, *service) }
	default:
		fmt.Fprintf(p.Stderr, "Error: podcli in healthlab knows check http, check tcp and check grpc, not check %s\n", args[1])
		return 1
	}
	for n := 0; n <= *retry && ctx.Err() == nil; n++ {
		if n != 1 { // as in the original: it waits before the first one too
			waitFor(ctx, *delay)
		}
		limited, cancel := context.WithTimeout(ctx, *timeout)
		said, err := once(limited)
		cancel()
		if err == nil {
			zap(p, "info", "podcli/check.go:137", "check succeed", said)
			return 0
		}
		said = map[string]any{"address": address, "error": err.Error()}
		zap(p, "info", "podcli/check.go:123", "check failed", said)
	}
	return 1
}

func podcliHTTP(ctx context.Context, p *sandbox.Process, method, address, body string) (map[string]any, error) {
	transport := &http.Transport{DialContext: p.Dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 400 {
		return nil, fmt.Errorf("status code %d", resp.StatusCode)
	}
	return map[string]any{"address": address, "status code": resp.StatusCode, "response size": fmt.Sprintf("%d B", resp.ContentLength)}, nil
}

func podcliGRPC(ctx context.Context, p *sandbox.Process, address, service string) (map[string]any, error) {
	conn, err := grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) { return p.Dial(ctx, "tcp", address) }))
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	resp, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
	if err != nil {
		return nil, err
	}
	return map[string]any{"status": resp.GetStatus().String()}, nil
}
