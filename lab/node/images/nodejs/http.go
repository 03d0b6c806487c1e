package nodejs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dop251/goja"
)

// maxBody is the largest body that is taken or read.
const maxBody = 1 << 20

// incoming is a request as the prelude gets it.
type incoming struct {
	Method, URL, HTTPVersion, Body, RemoteAddress string
	RemotePort                                    int
	Headers                                       map[string]string
}

func (r incoming) object() map[string]any {
	return map[string]any{"method": r.Method, "url": r.URL, "httpVersion": r.HTTPVersion, "body": r.Body, "headers": r.Headers, "remoteAddress": r.RemoteAddress, "remotePort": r.RemotePort}
}

// listen opens a server whose requests are handed to a function with a response.
func (l *loop) listen(port int, host string, handle goja.Callable) any {
	if host == "::" || host == "0.0.0.0" {
		host = ""
	}
	listener, err := l.p.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		shown := host
		if host == "" {
			shown = "::"
		}
		f := failure{Code: "EADDRINUSE", Errno: -98, Syscall: "listen", Address: shown, Port: port}
		f.Message = fmt.Sprintf("listen EADDRINUSE: address already in use %s:%d", shown, port)
		return failed{f}
	}
	server := &http.Server{
		BaseContext: func(net.Listener) context.Context { return l.ctx }, ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is not the program's
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.serve(w, r, handle) }),
	}
	l.alive++
	l.waiting.Go(func() {
		stop := context.AfterFunc(l.ctx, func() { _ = server.Close() })
		defer stop()
		_ = server.Serve(listener) // it ends when the program closes it, or with the program
	})
	_, text, _ := net.SplitHostPort(listener.Addr().String())
	number, _ := strconv.Atoi(text)
	closed := false
	return map[string]any{
		"port": number, "closeAll": func() { _ = server.Close() },
		"close": func(then goja.Callable) {
			if closed {
				l.later(func() { l.call(then) })
				return
			}
			closed = true
			l.waiting.Go(func() {
				_ = server.Shutdown(l.ctx) // it ends with the program at the latest
				l.hand(func() {
					l.alive--
					l.call(then)
				})
			})
		},
	}
}

// serve hands one request to the program and sends what it answers.
func (l *loop) serve(w http.ResponseWriter, r *http.Request, handle goja.Callable) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "", http.StatusRequestEntityTooLarge)
		return
	}
	host, port, _ := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); ip.To4() != nil {
		host = "::ffff:" + host // a dual-stack socket's form of an IPv4 address
	}
	number, _ := strconv.Atoi(port)
	in := incoming{Method: r.Method, URL: r.RequestURI, HTTPVersion: fmt.Sprintf("%d.%d", r.ProtoMajor, r.ProtoMinor), Body: string(body), Headers: headers(r.Header), RemoteAddress: host, RemotePort: number}
	in.Headers["host"] = r.Host
	answer := &response{w: w, wake: make(chan struct{}, 1)}
	l.hand(func() { l.call(handle, in.object(), answer.object()) })
	for {
		select {
		case <-answer.wake:
			if answer.send() {
				return
			}
		case <-r.Context().Done(): // the client gives up, or the program ends
			panic(http.ErrAbortHandler)
		}
	}
}

func headers(all http.Header) map[string]string {
	h := map[string]string{}
	for name, list := range all {
		h[strings.ToLower(name)] = strings.Join(list, ", ")
	}
	return h
}

// response is what the program has answered and the server has not yet sent.
type response struct {
	w    http.ResponseWriter
	wake chan struct{}

	mu    sync.Mutex
	parts []func(http.ResponseWriter)
	ended bool
}

func (a *response) add(part func(http.ResponseWriter), last bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.parts = append(a.parts, part)
	a.ended = a.ended || last
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// send sends what there is and reports whether that was all.
func (a *response) send() bool {
	a.mu.Lock()
	parts, ended := a.parts, a.ended
	a.parts = nil
	a.mu.Unlock()
	for _, part := range parts {
		part(a.w)
	}
	if !ended {
		_ = http.NewResponseController(a.w).Flush() // a client that is gone is told by the request's context
	}
	return ended
}

func (a *response) object() map[string]any {
	return map[string]any{
		"head": func(status int, list [][]any) {
			a.add(func(w http.ResponseWriter) {
				h := w.Header()
				h["Content-Type"] = nil // Node.js does not guess
				for _, kv := range list {
					if values, ok := kv[1].([]any); ok {
						for _, v := range values {
							h.Add(fmt.Sprint(kv[0]), fmt.Sprint(v))
						}
					}
				}
				if list := h.Values("Content-Type"); len(list) > 0 {
					h.Set("Content-Type", list[len(list)-1])
				}
				if status < 200 || status > 999 {
					status = http.StatusInternalServerError
				}
				w.WriteHeader(status)
			}, false)
		},
		"write": func(text string) { a.add(func(w http.ResponseWriter) { _, _ = io.WriteString(w, text) }, false) }, // as for Flush
		"end":   func() { a.add(func(http.ResponseWriter) {}, true) },
	}
}

// outgoing is a request of the program.
type outgoing struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Body    string            `json:"body"`
	Headers map[string]string `json:"headers"`
}

// request sends a request and calls a function with an error or the answer. It returns what gives it up.
func (l *loop) request(o outgoing, then goja.Callable) func() {
	ctx, cancel := context.WithCancel(l.ctx)
	l.alive++
	done := false
	finish := func(args ...any) {
		if done {
			return
		}
		done = true
		l.alive--
		l.call(then, args...)
	}
	l.waiting.Go(func() {
		defer cancel()
		answer, err := l.roundTrip(ctx, o)
		l.hand(func() {
			if err != nil {
				finish(dialFailure(err))
				return
			}
			finish(nil, answer)
		})
	})
	return cancel
}

func (l *loop) roundTrip(ctx context.Context, o outgoing) (map[string]any, error) {
	transport := &http.Transport{DialContext: l.p.Dial, DisableKeepAlives: true, DisableCompression: true}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(ctx, o.Method, o.URL, strings.NewReader(o.Body))
	if err != nil {
		return nil, err
	}
	r.Header["User-Agent"] = nil // Node.js sends none
	for name, value := range o.Headers {
		r.Header.Set(name, value)
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return nil, err
	}
	_, reason, _ := strings.Cut(resp.Status, " ")
	return map[string]any{"statusCode": resp.StatusCode, "statusMessage": reason, "headers": headers(resp.Header), "body": string(body)}, nil
}

// connect opens a connection, and closes it at once: that it could be opened is all that programs here ask.
func (l *loop) connect(port int, host string, then goja.Callable) {
	l.alive++
	l.waiting.Go(func() {
		const patience = 2 * time.Minute
		ctx, cancel := context.WithTimeout(l.ctx, patience)
		defer cancel()
		conn, err := l.p.Dial(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			_ = conn.Close()
		}
		l.hand(func() {
			l.alive--
			if err != nil {
				l.call(then, dialFailure(err))
				return
			}
			l.call(then)
		})
	})
}

// dialFailure describes why a connection failed.
func dialFailure(err error) failure {
	f := failure{Code: "ETIMEDOUT", Errno: -110, Syscall: "connect"}
	var name *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &name):
		return failure{Message: "getaddrinfo ENOTFOUND " + name.Name, Code: "ENOTFOUND", Errno: -3008, Syscall: "getaddrinfo"}
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Code, f.Errno = "ECONNREFUSED", -111
	case errors.Is(err, syscall.EHOSTUNREACH):
		f.Code, f.Errno = "EHOSTUNREACH", -113
	case !errors.Is(err, context.DeadlineExceeded):
		return failure{Message: "socket hang up", Code: "ECONNRESET"}
	}
	f.Message = "connect " + f.Code
	if errors.As(err, &op) && op.Addr != nil {
		host, port, _ := net.SplitHostPort(op.Addr.String())
		f.Address = host
		f.Port, _ = strconv.Atoi(port)
		f.Message += " " + op.Addr.String()
	}
	return f
}
