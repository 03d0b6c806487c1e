package images

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"healthlab/lab/node/sandbox"
)

// listenPacket listens on a UDP port of the pod.
func listenPacket(p *sandbox.Process, address string) (net.PacketConn, error) {
	return p.ListenPacket("udp", address)
}

// certificate reads a certificate and its key.
func (c *agnhostCall) certificate(cert, key string) (tls.Certificate, error) {
	const max = 256 << 10
	certPEM, err := c.FS().ReadFile(c.Path(cert), max)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("open %s: %s", cert, strings.ToLower(errText(err)))
	}
	keyPEM, err := c.FS().ReadFile(c.Path(key), max)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("open %s: %s", key, strings.ToLower(errText(err)))
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}

// errText is the system's word for an error.
func errText(err error) string {
	var errno sandbox.Errno
	if errors.As(err, &errno) {
		return string(errno)
	}
	return err.Error()
}

// healthChecker is a gRPC health server whose answer is changed over HTTP
// (test/images/agnhost/grpc-health-checking/grpc-health-checking.go).
type healthChecker struct {
	grpc_health_v1.UnimplementedHealthServer
	c       *agnhostCall
	started time.Time
	service string
	delay   int
	forced  chan *bool // holds what was forced last; nil: nothing
}

func (h *healthChecker) Check(_ context.Context, req *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	h.c.log("Serving the Check request for health check, started at %v", h.started)
	if req.GetService() != h.service {
		return nil, status.Error(codes.NotFound, "unknown service")
	}
	forced := <-h.forced
	h.forced <- forced
	answer := grpc_health_v1.HealthCheckResponse_SERVING
	if forced != nil && *forced || h.delay >= 0 && time.Since(h.started).Seconds() >= float64(h.delay) {
		answer = grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	return &grpc_health_v1.HealthCheckResponse{Status: answer}, nil
}

func (h *healthChecker) force(unhealthy bool, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h.c.log("%s", text)
		<-h.forced
		h.forced <- &unhealthy
		_, _ = fmt.Fprint(w, time.Since(h.started))
	}
}

func agnhostGRPC(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.Int("port", 5000, "Port number.")
	httpPort := flags.Int("http-port", 8080, "Port number for the /make-serving and /make-not-serving.")
	delay := flags.Int("delay-unhealthy-sec", -1, "Number of seconds to delay before start reporting NOT_SERVING, negative value indicates never.")
	service := flags.String("service", "", "Service name to register the health check for.")
	cert := flags.String("tls-cert-file", "", "File containing an x509 certificate for gRPC TLS.")
	key := flags.String("tls-private-key-file", "", "File containing an x509 private key matching --tls-cert-file.")
	return func(ctx context.Context, c *agnhostCall) int {
		if (*cert == "") != (*key == "") {
			return c.fatal("Both --tls-cert-file and --tls-private-key-file must be set")
		}
		var options []grpc.ServerOption
		if *cert != "" {
			pair, err := c.certificate(*cert, *key)
			if err != nil {
				return c.fatal("Failed to generate credentials %v", err)
			}
			options = append(options, grpc.Creds(credentials.NewServerTLSFromCert(&pair)))
		}
		h := &healthChecker{c: c, started: time.Now(), service: *service, delay: *delay, forced: make(chan *bool, 1)}
		h.forced <- nil
		mux := http.NewServeMux()
		mux.HandleFunc("/make-not-serving", h.force(true, "Mark as unhealthy"))
		mux.HandleFunc("/make-serving", h.force(false, "Mark as healthy"))
		c.log("Http server starting to listen on :%d", *httpPort)
		s, err := serve(ctx, c.Process, fmt.Sprintf(":%d", *httpPort), mux)
		if err != nil {
			return c.fatal("%v", err)
		}
		defer s.close()
		listener, err := c.Listen("tcp", fmt.Sprintf(":%d", *port))
		if err != nil {
			return c.fatal("Error while starting the listening service %v", err)
		}
		server := grpc.NewServer(options...)
		grpc_health_v1.RegisterHealthServer(server, h)
		c.log("gRPC server starting to listen on :%d", *port)
		served := make(chan struct{})
		go func() {
			defer close(served)
			_ = server.Serve(listener) // ends when stopped, or with the process's listener
		}()
		defer func() {
			server.Stop()
			<-served
		}()
		return goSignals(ctx, c.Process)
	}
}

// agnhostWebserver serves the container's files.
func agnhostWebserver(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.Int("port", 80, "Port number.")
	return func(ctx context.Context, c *agnhostCall) int {
		s, err := serve(ctx, c.Process, fmt.Sprintf(":%d", *port), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Cache-Control", "private")
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
			h.Set("Access-Control-Allow-Headers", "DNT,X-Mx-ReqToken,Keep-Alive,User-Agent,X-Requested-With,Cache-Control,Content-Type")
			r.Header.Del("If-Modified-Since")
			serveTree(w, r, c.Process)
		}))
		if err != nil {
			return c.fatal("%v", err)
		}
		defer s.close()
		return goSignals(ctx, c.Process)
	}
}

// serveTree answers with a file or the list of a directory, as Go's file server does.
func serveTree(w http.ResponseWriter, r *http.Request, p *sandbox.Process) {
	name := path.Clean("/" + r.URL.Path)
	info, err := p.FS().Stat(name)
	switch {
	case err != nil:
		http.NotFound(w, r)
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		w.Header().Set("Location", path.Base(name)+"/")
		w.WriteHeader(http.StatusMovedPermanently)
	case info.IsDir():
		index := path.Join(name, "index.html")
		if found, err := p.FS().Stat(index); err == nil && !found.IsDir() {
			serveFile(w, r, p, index)
			return
		}
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
		_, _ = fmt.Fprintf(w, "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n%s</pre>\n", list.String())
	default:
		serveFile(w, r, p, name)
	}
}

// agnhostServeHostname serves the hostname, and waits a minute for the pod's end when it is asked to go.
func agnhostServeHostname(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	doTCP := flags.Bool("tcp", false, "Serve raw over TCP.")
	doUDP := flags.Bool("udp", false, "Serve raw over UDP.")
	doHTTP := flags.Bool("http", true, "Serve HTTP.")
	closes := flags.Bool("close", false, "Close connection per each HTTP request.")
	port := flags.Int("port", 9376, "Port number.")
	return func(ctx context.Context, c *agnhostCall) int {
		if *doHTTP && (*doTCP || *doUDP) {
			return c.fatal("Can't server TCP/UDP mode and HTTP mode at the same time")
		}
		address := fmt.Sprintf(":%d", *port)
		var ends []func()
		defer func() {
			for _, end := range ends {
				end()
			}
		}()
		if *doTCP {
			end, err := c.answerTCP(address, func(conn net.Conn) {
				c.log("TCP request from %s", conn.RemoteAddr())
				_, _ = io.WriteString(conn, c.Hostname()) // a client that is gone is no concern of the server's
			})
			if err != nil {
				return c.fatal("Error from net.Listen(): %s", err)
			}
			ends = append(ends, end)
		}
		if *doUDP {
			end, err := c.answerUDP(address, "UDP request from %s", c.Hostname())
			if err != nil {
				return c.fatal("Error from ListenUDP(): %s", err)
			}
			ends = append(ends, end)
		}
		if *doHTTP {
			s, err := serve(ctx, c.Process, address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c.log("HTTP request from %s", r.RemoteAddr)
				if *closes {
					w.Header().Set("Connection", "close")
				}
				_, _ = fmt.Fprint(w, c.Hostname())
			}))
			if err != nil {
				return c.fatal("%v", err)
			}
			ends = append(ends, s.close)
		}
		c.log("Serving on port %d.\n", *port)
		select {
		case <-c.Notify(sandbox.SIGTERM):
		case <-ctx.Done():
			return 0
		}
		c.log("Shutting down after receiving signal: terminated.\n")
		c.log("Awaiting pod deletion.\n")
		timer := time.NewTimer(time.Minute)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		return 0
	}
}

// answerTCP calls f for each connection and closes it.
func (c *agnhostCall) answerTCP(address string, f func(net.Conn)) (end func(), err error) {
	listener, err := c.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f(conn)
			_ = conn.Close()
		}
	}()
	return func() {
		_ = listener.Close()
		<-done
	}, nil
}

// answerUDP answers each packet with the same.
func (c *agnhostCall) answerUDP(address, format, answer string) (end func(), err error) {
	conn, err := listenPacket(c.Process, address)
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 16)
		for {
			_, client, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if format != "" {
				c.log(format, client)
			}
			_, _ = conn.WriteTo([]byte(answer), client) // a client that is gone is no concern of the server's
		}
	}()
	return func() {
		_ = conn.Close()
		<-done
	}, nil
}

// agnhostPorter serves what variables of the environment say, on the ports that their names end in.
func agnhostPorter(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	asJSON := flags.Bool("json-response", false, "Responds to requests with a json response that includes the default value with the http.Request Method")
	return func(ctx context.Context, c *agnhostCall) int {
		for _, kv := range c.Env {
			key, value, _ := strings.Cut(kv, "=")
			kind, port, ok := porterPort(key)
			if !ok {
				continue
			}
			e := endpoint{address: "0.0.0.0:" + port, handler: porterHandler(value, *asJSON)}
			switch kind {
			case "UDP_":
				end, err := c.answerUDP(e.address, "", value)
				if err != nil {
					return c.fatal("UDP: failed to listen on port %s: %v", port, err)
				}
				defer end()
				c.log("Started UDP server on port %s", port)
				continue
			case "SCTP_":
				return c.fatal("Failed to listen SCTP. error:protocol not supported")
			case "TLS_":
				cert, key := or(c.Getenv("CERT_FILE"), "localhost.crt"), or(c.Getenv("KEY_FILE"), "localhost.key")
				pair, err := c.certificate(cert, key)
				if err != nil {
					c.log("tls server on port %q with certFile=%q, keyFile=%q failed: %v", port, cert, key, err)
					continue
				}
				e.cert = &pair
			}
			s, err := e.serve(ctx, c.Process)
			if err != nil {
				c.log("server on port %q failed: %v", port, err)
				continue
			}
			defer s.close()
		}
		return goSignals(ctx, c.Process)
	}
}

// porterPort splits SERVE_TLS_PORT_9002.
func porterPort(key string) (kind, port string, ok bool) {
	rest, ok := strings.CutPrefix(key, "SERVE_")
	kind, port, found := strings.Cut(rest, "PORT_")
	switch kind {
	case "", "TCP_", "UDP_", "TLS_", "SCTP_":
		return kind, port, ok && found
	}
	return "", "", false
}

func porterHandler(value string, asJSON bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := value
		if asJSON {
			data, _ := json.Marshal(struct{ Method, Body string }{r.Method, value}) // strings always marshal
			w.Header().Set("Content-Type", "application/json")
			body = string(data)
		}
		_, _ = fmt.Fprint(w, body)
	})
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}

// apiLogLine looks like a line of an API server's log (test/images/agnhost/logs-generator).
func apiLogLine(id int) string {
	method := []string{"GET", "POST", "PUT"}[rand.IntN(3)]                                                        //nolint:gosec // it only has to look different
	namespace := []string{"kube-system", "default", "ns"}[rand.IntN(3)]                                           //nolint:gosec // as above
	name := fmt.Sprintf("%x", rand.Uint64())[:3+rand.IntN(2)]                                                     //nolint:gosec // as above
	return fmt.Sprintf("%d %s /api/v1/namespaces/%s/pods/%s %d", id, method, namespace, name, 200+rand.IntN(400)) //nolint:gosec // as above
}
