package images

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync"

	"healthlab/lab/node/sandbox"
)

// site is one HTTP server of a program.
type site struct {
	server   *http.Server
	listener net.Listener
	stopped  sync.WaitGroup
}

// serve begins to answer on an address of the pod. The caller calls close before its program returns. Requests' contexts
// end with the process.
func serve(ctx context.Context, p *sandbox.Process, address string, handler http.Handler) (*site, error) {
	listener, err := p.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &site{listener: listener, server: &http.Server{
		Handler:     handler,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(p.Stderr, "", log.LstdFlags),
		Protocols:   protocols(),
	}}
	s.stopped.Go(func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			fmt.Fprintf(p.Stderr, "serve %s: %v\n", address, err)
		}
	})
	return s, nil
}

// protocols are HTTP/1 and, for gRPC, HTTP/2 with and without TLS.
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// close ends the server and its connections.
func (s *site) close() {
	_ = s.server.Close()
	s.stopped.Wait()
}

// drain lets requests under way finish.
func (s *site) drain(ctx context.Context) {
	_ = s.server.Shutdown(ctx)
	s.close()
}

// peer is the address of a request's client without the port.
func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// recorder remembers what was answered, for access logs.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the original.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// logDate is the time format of access logs.
const logDate = "02/Jan/2006:15:04:05 -0700"

// orDash is what access logs show for what is missing.
func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// serveTLS is serve with a certificate; HTTP/2 is offered.
func serveTLS(ctx context.Context, p *sandbox.Process, address string, h http.Handler, cert tls.Certificate) (*site, error) {
	listener, err := p.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &site{listener: listener, server: &http.Server{
		Handler: h, BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:  log.New(p.Stderr, "", log.LstdFlags),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
	}}
	s.stopped.Go(func() {
		if err := s.server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			fmt.Fprintf(p.Stderr, "serve %s: %v\n", address, err)
		}
	})
	return s, nil
}

// serveFile answers with a file of the container.
func serveFile(w http.ResponseWriter, r *http.Request, p *sandbox.Process, name string) {
	file, err := p.FS().Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, info.ModTime(), file)
}

// boundedBytes is how much output of a command a program keeps.
const boundedBytes = 1 << 20

// bounded collects output and drops what is too much. It may be written to by processes that were left behind.
type bounded struct {
	mu   sync.Mutex
	data []byte
}

func (b *bounded) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, data[:min(len(data), boundedBytes-len(b.data))]...)
	return len(data), nil
}

func (b *bounded) take() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.data)
}
