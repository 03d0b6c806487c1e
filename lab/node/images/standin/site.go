package standin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// stream is a site on TCP: HTTP, with or without TLS, and gRPC over it.
type stream struct {
	server *http.Server
	health *grpc.Server // nil: no gRPC
	done   sync.WaitGroup
}

func (s *server) stream(ctx context.Context, port Port) (site, error) {
	listener, err := s.p.Listen("tcp", ":"+strconv.Itoa(port.Number))
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(port.HTTP)
	protocols.SetHTTP2(port.TLS)
	protocols.SetUnencryptedHTTP2(!port.TLS && (port.H2C || port.GRPC))
	site := &stream{server: &http.Server{
		Handler:           s.handler(port),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          log.New(s.p.Stdout, "", log.LstdFlags|log.LUTC),
		Protocols:         protocols,
		ConnState:         s.watchConnections(port),
		ReadHeaderTimeout: time.Minute,
		MaxHeaderBytes:    64 << 10,
	}}
	handler := site.server.Handler
	if port.GRPC {
		site.health = grpc.NewServer()
		grpc_health_v1.RegisterHealthServer(site.health, &health{s: s, port: port})
		site.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
				site.health.ServeHTTP(w, r)
				return
			}
			handler.ServeHTTP(w, r)
		})
	}
	serve := site.server.Serve
	if port.TLS {
		cert, err := s.certify(s.p.Hostname(), s.p.PodIP())
		if err != nil {
			_ = listener.Close()
			return nil, err
		}
		site.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		serve = func(l net.Listener) error { return site.server.ServeTLS(l, "", "") }
	}
	site.done.Go(func() {
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			s.log("port %d: %v", port.Number, err)
		}
	})
	return site, nil
}

func (s *stream) close() {
	_ = s.server.Close()
	if s.health != nil {
		s.health.Stop()
	}
	s.done.Wait()
}

func (s *stream) drain(ctx context.Context) { _ = s.server.Shutdown(ctx) }

// handler answers every path: the app's own cannot be known.
func (s *server) handler(port Port) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		f, ok := s.await(r.Context(), r.URL.Path, ":"+strconv.Itoa(port.Number))
		answer := "no answer"
		if ok {
			code, text := http.StatusOK, fmt.Sprintf("stand-in of healthlab for %s: %s %s\n", clip(s.plan.Image), r.Method, clip(r.URL.Path))
			if f.Kind == fail {
				code, text = f.Code, fmt.Sprintf("stand-in: %s\n", f)
			}
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Server", "healthlab-stand-in")
			w.WriteHeader(code)
			_, _ = fmt.Fprint(w, text)
			answer = strconv.Itoa(code)
		}
		s.log(":%d %s %s %s %s %s %q", port.Number, r.Method, r.URL.RequestURI(), answer, took(began), r.RemoteAddr, r.UserAgent())
	})
}

func took(since time.Time) time.Duration { return time.Since(since).Round(10 * time.Microsecond) }

// watchConnections logs connections on which nothing was asked, as a TCP probe opens them.
func (s *server) watchConnections(port Port) func(net.Conn, http.ConnState) {
	var mu sync.Mutex
	silent := map[net.Conn]time.Time{}
	return func(c net.Conn, now http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		began, is := silent[c]
		delete(silent, c)
		switch {
		case now == http.StateNew:
			silent[c] = time.Now()
		case now == http.StateClosed && is:
			s.log(":%d TCP opened and closed after %s %s", port.Number, took(began), c.RemoteAddr())
		}
	}
}

// health is the gRPC health service of one port.
type health struct {
	grpc_health_v1.UnimplementedHealthServer
	s    *server
	port Port
}

func (h *health) Check(ctx context.Context, r *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	began, service := time.Now(), r.GetService()
	said := func(text string) {
		h.s.log(":%d gRPC health check of %q: %s %s", h.port.Number, clip(service), text, took(began))
	}
	if service != "" && !slices.Contains(h.port.Services, service) {
		said("unknown service")
		return nil, status.Error(codes.NotFound, "unknown service")
	}
	f, ok := h.s.await(ctx, service, ":"+strconv.Itoa(h.port.Number))
	if !ok {
		said("no answer")
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	answer := grpc_health_v1.HealthCheckResponse_SERVING
	if f.Kind == fail {
		answer = grpc_health_v1.HealthCheckResponse_NOT_SERVING
	}
	said(answer.String())
	return &grpc_health_v1.HealthCheckResponse{Status: answer}, nil
}

// packets is a site on UDP, which sends back what it gets.
type packets struct {
	conn   net.PacketConn
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (s *server) packets(ctx context.Context, port Port) (site, error) {
	conn, err := s.p.ListenPacket("udp", ":"+strconv.Itoa(port.Number))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	site := &packets{conn: conn, cancel: cancel}
	site.done.Go(func() {
		buffer := make([]byte, 64<<10)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return // closed
			}
			f, ok := s.await(ctx, ":"+strconv.Itoa(port.Number))
			answer := "echoed"
			if !ok || f.Kind == fail {
				answer = "no answer"
			} else if _, err := conn.WriteTo(buffer[:n], from); err != nil {
				answer = err.Error()
			}
			s.log(":%d UDP %d bytes %s %s", port.Number, n, answer, from)
		}
	})
	return site, nil
}

func (p *packets) close() {
	p.cancel()
	_ = p.conn.Close()
	p.done.Wait()
}

func (p *packets) drain(context.Context) {}
