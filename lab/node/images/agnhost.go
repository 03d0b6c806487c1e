package images

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"healthlab/lab/node/sandbox"
)

func agnhost() *sandbox.Image {
	return &sandbox.Image{
		Name: "registry.k8s.io/e2e-test-images/agnhost",
		Aliases: []string{
			"k8s.gcr.io/e2e-test-images/agnhost", "registry.k8s.io/agnhost", "us.gcr.io/k8s-artifacts-prod/e2e-test-images/agnhost",
		},
		Does: sandbox.Text{
			Ko: "liveness(10초 동안 200, 그 뒤 500), pause, netexec, test-webserver, grpc-health-checking",
			En: "liveness (200 for ten seconds, then 500), pause, netexec, test-webserver, grpc-health-checking",
		},
		Size: 54_000_000,
		// As in the original, arguments choose what it does.
		Entrypoint: []string{"/agnhost"},
		Cmd:        []string{"pause"},
		Files:      files(nil),
		Programs:   withTools(map[string]sandbox.Program{"/agnhost": runAgnhost}),
	}
}

func liveness() *sandbox.Image {
	return &sandbox.Image{
		Name:    "registry.k8s.io/liveness",
		Aliases: []string{"k8s.gcr.io/liveness", "gcr.io/google_containers/liveness", "gcr.io/google-containers/liveness"},
		Does: sandbox.Text{
			Ko: "agnhost liveness의 옛 이름: 8080번 포트의 /healthz. 10초 동안 200, 그 뒤 500",
			En: "the older name of agnhost liveness: /healthz on 8080, 200 for ten seconds, then 500",
		},
		Size:       4_900_000,
		Entrypoint: []string{"/server"},
		Programs:   map[string]sandbox.Program{"/server": runLiveness},
	}
}

// runAgnhost is the command line of the Kubernetes project's test image.
func runAgnhost(ctx context.Context, p *sandbox.Process) int {
	commands := map[string]sandbox.Program{
		"liveness": runLiveness, "pause": agnhostPause, "netexec": netexec, "test-webserver": testWebserver,
		"grpc-health-checking": grpcHealth,
	}
	if len(p.Args) < 2 || commands[p.Args[1]] == nil {
		fmt.Fprintln(p.Stderr, "Error: a command is needed: grpc-health-checking, liveness, netexec, pause, test-webserver")
		return 1
	}
	return commands[p.Args[1]](ctx, p)
}

// flags reads --name value and --name=value.
func flags(p *sandbox.Process) map[string]string {
	set := map[string]string{}
	args := p.Args[min(2, len(p.Args)):]
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if !given && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
			value = args[i]
		}
		set[name] = value
	}
	return set
}

func flagOr(set map[string]string, name, otherwise string) string {
	if v, ok := set[name]; ok && v != "" {
		return v
	}
	return otherwise
}

// goSignals is what the Go runtime does with signals that a program does not handle: as PID 1, where the kernel
// ignores the signal's default action, it exits with code 2.
func goSignals(ctx context.Context, p *sandbox.Process) int {
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT, sandbox.SIGHUP, sandbox.SIGQUIT)
	select {
	case <-signals:
		return 2
	case <-ctx.Done():
		return 0
	}
}

func listenFailed(p *sandbox.Process, err error) int {
	fmt.Fprintf(p.Stderr, "%s %v\n", time.Now().UTC().Format("2006/01/02 15:04:05"), err)
	return 1
}

// agnhostPause prints and waits; it ends on SIGINT and SIGTERM with code 0.
func agnhostPause(ctx context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, "Paused")
	return sandbox.Pause(ctx, p)
}

// runLiveness answers /healthz with 200 for ten seconds and with 500 from then on.
func runLiveness(ctx context.Context, p *sandbox.Process) int {
	started := time.Now()
	mux := http.NewServeMux()
	mux.HandleFunc("/started", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, time.Since(started))
	})
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		if up := time.Since(started).Seconds(); up > 10 {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = fmt.Fprintf(w, "error: %v", up)
			return
		}
		_, _ = fmt.Fprint(w, "ok")
	})
	mux.HandleFunc("/redirect", redirect)
	s, err := serve(ctx, p, ":8080", mux)
	if err != nil {
		return listenFailed(p, err)
	}
	defer s.close()
	return goSignals(ctx, p)
}

// redirect sends a client to ?loc=, with status ?code= or 302.
func redirect(w http.ResponseWriter, r *http.Request) {
	loc, err := url.QueryUnescape(r.URL.Query().Get("loc"))
	if err != nil {
		http.Error(w, "invalid redirect: "+r.URL.Query().Get("loc"), http.StatusBadRequest)
		return
	}
	code := http.StatusFound
	if n, err := strconv.Atoi(r.URL.Query().Get("code")); err == nil && n >= 300 && n < 400 {
		code = n
	}
	http.Redirect(w, r, loc, code)
}

// netexec is an HTTP server that can be asked for many things.
func netexec(ctx context.Context, p *sandbox.Process) int {
	set := flags(p)
	port := flagOr(set, "http-port", "8080")
	exited := make(chan int, 1)
	mux := netexecMux(ctx, p, exited)
	s, err := serveMaybeTLS(ctx, p, ":"+port, mux, set["tls-cert-file"] != "")
	if err != nil {
		return listenFailed(p, err)
	}
	defer s.close()
	fmt.Fprintf(p.Stderr, "%s Started HTTP server on port %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), port)
	if udp := flagOr(set, "udp-port", "8081"); udp != "-1" {
		packets, err := p.ListenPacket("udp", ":"+udp)
		if err != nil {
			return listenFailed(p, err)
		}
		var serving sync.WaitGroup
		serving.Go(func() { netexecUDP(p, packets) })
		defer serving.Wait()
		defer func() { _ = packets.Close() }()
		fmt.Fprintf(p.Stderr, "%s Started UDP server on port %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), udp)
	}
	terminated := p.Notify(sandbox.SIGTERM)
	select {
	case code := <-exited:
		return code
	case <-terminated:
	case <-ctx.Done():
		return 0
	}
	if seconds, err := strconv.Atoi(set["delay-shutdown"]); err == nil && seconds > 0 {
		fmt.Fprintf(p.Stderr, "Sleeping %d seconds before terminating...\n", seconds)
		timer := time.NewTimer(time.Duration(seconds) * time.Second)
		defer timer.Stop()
		select {
		case <-timer.C:
		case code := <-exited:
			return code
		case <-ctx.Done():
		}
	}
	return 0
}

// netexecUDP answers the commands of netexec's UDP server until its socket is closed.
func netexecUDP(p *sandbox.Process, packets net.PacketConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := packets.ReadFrom(buf)
		if err != nil {
			return
		}
		command, rest, _ := strings.Cut(strings.TrimSpace(string(buf[:n])), " ")
		answer := ""
		switch strings.ToLower(command) {
		case "hostname":
			answer = p.Hostname()
		case "echo":
			answer = rest
		case "clientip":
			answer = from.String()
		default:
			continue
		}
		_, _ = packets.WriteTo([]byte(answer), from) // a client that is gone is no concern of the server's
	}
}

func netexecMux(ctx context.Context, p *sandbox.Process, exited chan<- int) http.Handler {
	mux := http.NewServeMux()
	logged := func(pattern string, f http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(p.Stderr, "%s %s %s\n", time.Now().UTC().Format("2006/01/02 15:04:05"), r.Method, r.RequestURI)
			f(w, r)
		})
	}
	logged("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintf(w, "NOW: %v", time.Now()) })
	logged("/healthz", func(http.ResponseWriter, *http.Request) {})
	logged("/readyz", func(http.ResponseWriter, *http.Request) {})
	name := func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, p.Hostname()) }
	logged("/hostname", name)
	logged("/hostName", name)
	logged("/clientip", func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.RemoteAddr) })
	logged("/redirect", redirect)
	logged("/header", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, r.Header.Get(r.URL.Query().Get("key")))
	})
	logged("/echo", func(w http.ResponseWriter, r *http.Request) {
		if code, err := strconv.Atoi(r.URL.Query().Get("code")); err == nil && code >= 200 && code < 600 {
			w.WriteHeader(code)
		}
		_, _ = fmt.Fprint(w, r.URL.Query().Get("msg"))
	})
	logged("/exit", func(_ http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.URL.Query().Get("code")) // without a number: 0
		select {
		case exited <- code:
		default:
		}
	})
	logged("/shell", func(w http.ResponseWriter, r *http.Request) {
		command := r.URL.Query().Get("cmd")
		if command == "" {
			command = r.URL.Query().Get("shellCommand")
		}
		runShell(ctx, p, w, command)
	})
	return mux
}

// runShell answers with the command's output as JSON.
func runShell(ctx context.Context, p *sandbox.Process, w http.ResponseWriter, command string) {
	out := &bounded{}
	child, err := p.Start(sandbox.Command{
		Path: "/bin/sh", Args: []string{"/bin/sh", "-c", command}, Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
	})
	answer := map[string]string{}
	if err == nil {
		select {
		case <-child.Done():
		case <-ctx.Done():
			return
		}
		if child.ExitCode() != 0 {
			err = fmt.Errorf("exit status %d", child.ExitCode())
		}
	}
	answer["output"] = out.take()
	if err != nil {
		answer["error"] = err.Error()
	}
	_ = json.NewEncoder(w).Encode(answer) // a client that is gone is no concern of the server's
}

// serveMaybeTLS serves HTTP, or HTTPS with a self-signed certificate.
func serveMaybeTLS(ctx context.Context, p *sandbox.Process, address string, h http.Handler, secure bool) (*site, error) {
	if !secure {
		return serve(ctx, p, address, h)
	}
	cert, err := selfSigned(p.Hostname(), p.PodIP())
	if err != nil {
		return nil, err
	}
	return serveTLS(ctx, p, address, h, cert)
}

func selfSigned(name, ip string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0), IPAddresses: []net.IP{net.ParseIP(ip)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// testWebserver serves the container's files on port 80.
func testWebserver(ctx context.Context, p *sandbox.Process) int {
	s, err := serve(ctx, p, ":"+flagOr(flags(p), "port", "80"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean("/" + r.URL.Path)
		info, err := p.FS().Stat(name)
		switch {
		case err != nil:
			http.NotFound(w, r)
		case info.IsDir():
			entries, _ := p.FS().ReadDir(name) // it may be gone meanwhile: then it lists nothing
			var list bytes.Buffer
			for _, e := range entries {
				suffix := ""
				if e.IsDir() {
					suffix = "/"
				}
				fmt.Fprintf(&list, "<a href=%q>%s</a>\n", e.Name()+suffix, e.Name()+suffix)
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprintf(w, "<!doctype html>\n<pre>\n%s</pre>\n", list.String())
		default:
			serveFile(w, r, p, name)
		}
	}))
	if err != nil {
		return listenFailed(p, err)
	}
	defer s.close()
	return goSignals(ctx, p)
}

// grpcHealth is a gRPC health server whose answer is changed over HTTP.
func grpcHealth(ctx context.Context, p *sandbox.Process) int {
	set := flags(p)
	port, httpPort := flagOr(set, "port", "5000"), flagOr(set, "http-port", "8080")
	service := set["service"]
	checks := health.NewServer()
	checks.SetServingStatus(service, grpc_health_v1.HealthCheckResponse_SERVING)
	answer := func(status grpc_health_v1.HealthCheckResponse_ServingStatus) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) {
			fmt.Fprintf(p.Stderr, "Marking as %s\n", status)
			checks.SetServingStatus(service, status)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/make-not-serving", answer(grpc_health_v1.HealthCheckResponse_NOT_SERVING))
	mux.HandleFunc("/make-serving", answer(grpc_health_v1.HealthCheckResponse_SERVING))
	s, err := serve(ctx, p, ":"+httpPort, mux)
	if err != nil {
		return listenFailed(p, err)
	}
	defer s.close()
	fmt.Fprintf(p.Stderr, "Http server starting to listen on :%s\n", httpPort)
	listener, err := p.Listen("tcp", ":"+port)
	if err != nil {
		return listenFailed(p, err)
	}
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, checks)
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends when stopped, or with the process's listener
	}()
	defer func() {
		server.Stop()
		<-served
	}()
	fmt.Fprintf(p.Stderr, "gRPC server starting to listen on :%s\n", port)
	if seconds, err := strconv.Atoi(set["delay-unhealthy-sec"]); err == nil && seconds > 0 {
		unhealthy := time.AfterFunc(time.Duration(seconds)*time.Second, func() {
			checks.SetServingStatus(service, grpc_health_v1.HealthCheckResponse_NOT_SERVING)
		})
		defer unhealthy.Stop()
	}
	return goSignals(ctx, p)
}
