package images

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"healthlab/lab/node/sandbox"
)

// site is one HTTP server of a program.
type site struct {
	server   *http.Server
	listener net.Listener
	stopped  sync.WaitGroup
}

// endpoint says how a program serves HTTP on an address of its pod.
type endpoint struct {
	address string
	handler http.Handler
	cert    *tls.Certificate // nil: without TLS
	// h2c is HTTP/2 without TLS, for the few real programs that speak it: a gRPC probe of the others gets no answer.
	h2c bool
	// only2 refuses HTTP/1.
	only2 bool
}

// serve begins to answer. The caller calls close before its program returns. Requests' contexts end with the process.
func (e endpoint) serve(ctx context.Context, p *sandbox.Process) (*site, error) {
	listener, err := p.Listen("tcp", e.address)
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!e.only2)
	protocols.SetHTTP2(e.cert != nil)
	protocols.SetUnencryptedHTTP2(e.h2c)
	s := &site{listener: listener, server: &http.Server{
		Handler:     e.handler,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(p.Stderr, "", log.LstdFlags),
		Protocols:   protocols,
	}}
	serve := s.server.Serve
	if e.cert != nil {
		s.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*e.cert}}
		serve = func(l net.Listener) error { return s.server.ServeTLS(l, "", "") }
	}
	s.stopped.Go(func() {
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			fmt.Fprintf(p.Stderr, "serve %s: %v\n", e.address, err)
		}
	})
	return s, nil
}

// serve begins to answer plain HTTP/1 on an address of the pod.
func serve(ctx context.Context, p *sandbox.Process, address string, handler http.Handler) (*site, error) {
	return endpoint{address: address, handler: handler}.serve(ctx, p)
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

// serveMaybeTLS serves HTTP, or HTTPS with a self-signed certificate.
func serveMaybeTLS(ctx context.Context, p *sandbox.Process, e endpoint, secure bool) (*site, error) {
	if secure {
		cert, err := selfSigned(p.Hostname(), p.PodIP())
		if err != nil {
			return nil, err
		}
		e.cert = &cert
	}
	return e.serve(ctx, p)
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
