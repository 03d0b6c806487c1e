package probes_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/probes"
)

// answer is what a test asks of an attempt.
type answer struct {
	Outcome    probes.Outcome
	Warning    bool
	Message    string
	ErrorState probes.Outcome
}

// try makes one attempt and fails the test if there is none.
func try(t *testing.T, spec probes.Spec, target probes.Target) answer {
	t.Helper()
	a, err := probes.Try(t.Context(), spec, target)
	if err != nil {
		t.Fatalf("try: %v", err)
	}
	if a.Mechanism != spec.Mechanism() || a.Start.IsZero() || a.Took < 0 {
		t.Errorf("attempt %+v: want the mechanism %s, a start and a duration", a, spec.Mechanism())
	}
	// That nothing was answered in time is told from the kubelet's event as well.
	a.Key.Kind = probes.Liveness
	if _, message, ok := a.Event(); ok {
		if told, _ := probes.ReadEvent(message); told.TimedOut != a.TimedOut {
			t.Errorf("timed out: %v, but by its event %v: %s", a.TimedOut, told.TimedOut, message)
		}
	}
	return answer{a.Outcome, a.Warning, a.Message, a.ErrorState}
}

func wantAnswer(t *testing.T, want, got answer) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// address returns the host and port of a listener's URL or address.
func address(t *testing.T, s string) (host string, port int) {
	t.Helper()
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		s = u.Host
	}
	host, p, err := net.SplitHostPort(s)
	if err != nil {
		t.Fatal(err)
	}
	port, err = strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// httpProbe returns a spec and target for the server.
func httpProbe(t *testing.T, server *httptest.Server, path string) (probes.Spec, probes.Target) {
	t.Helper()
	host, port := address(t, server.URL)
	scheme := "HTTP"
	if server.TLS != nil {
		scheme = "HTTPS"
	}
	return probes.Spec{
		Kind: probes.Liveness, Timeout: 10 * time.Second,
		HTTP: &probes.HTTPAction{Scheme: scheme, Port: probes.Port{Number: port}, Path: path},
	}, probes.Target{Host: host}
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestHTTPStatus(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.URL.Query().Get("code"))
		w.WriteHeader(code)
		if code != http.StatusNoContent && code != http.StatusNotModified {
			_, _ = fmt.Fprintf(w, "body of %d", code)
		}
	})
	failure := func(code int) answer {
		return answer{Outcome: probes.Failure, Message: fmt.Sprintf("HTTP probe failed with statuscode: %d", code)}
	}
	tests := map[int]answer{
		200: {Outcome: probes.Success, Message: "body of 200"},
		204: {Outcome: probes.Success},
		299: {Outcome: probes.Success, Message: "body of 299"},
		300: {
			Outcome: probes.Success, Warning: true,
			Message: "Probe terminated redirects, Response body: body of 300",
		},
		304: {Outcome: probes.Success, Warning: true, Message: "Probe terminated redirects, Response body: "},
		400: failure(400),
		404: failure(404),
		500: failure(500),
		503: failure(503),
	}
	for code, want := range tests {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			spec, target := httpProbe(t, server, fmt.Sprintf("/?code=%d", code))
			wantAnswer(t, want, try(t, spec, target))
		})
	}
}

func TestHTTPRequest(t *testing.T) {
	var got *http.Request
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r })
	host, port := address(t, server.URL)
	hostPort := fmt.Sprintf("%s:%d", host, port)
	tests := []struct {
		name       string
		path       string
		headers    []probes.Header
		userAgent  string
		wantURI    string // default: /
		wantHost   string // default: host:port
		wantHeader http.Header
	}{
		{name: "defaults", wantHeader: http.Header{
			"User-Agent": {"kube-probe/1.37"}, "Accept": {"*/*"}, "Connection": {"close"},
		}},
		{name: "the target's user agent", userAgent: "probe/2", wantHeader: http.Header{
			"User-Agent": {"probe/2"}, "Accept": {"*/*"}, "Connection": {"close"},
		}},
		{name: "headers of one's own", wantHeader: http.Header{
			"User-Agent": {"mine"}, "Accept": {"text/plain"}, "X-Two": {"1", "2"}, "Connection": {"close"},
		}, headers: []probes.Header{
			{Name: "user-agent", Value: "mine"},
			{Name: "Accept", Value: "text/plain"},
			{Name: "x-two", Value: "1"},
			{Name: "X-Two", Value: "2"},
		}},
		{name: "empty headers suppress", wantHeader: http.Header{"Connection": {"close"}}, headers: []probes.Header{
			{Name: "User-Agent"}, {Name: "Accept"},
		}},
		{name: "host", wantHost: "app.example", headers: []probes.Header{{Name: "Host", Value: "app.example"}}},
		{name: "query", path: "/a/b?c=d&e=%20", wantURI: "/a/b?c=d&e=%20"},
		{name: "fragment is not sent", path: "/a#b", wantURI: "/a"},
		{name: "no leading slash", path: "healthz", wantURI: "/healthz"},
		{name: "not a URL", path: "/%zz", wantURI: "/%25zz"},
		{name: "a path that looks like another host", path: "//elsewhere.example/x", wantURI: "/x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			spec, target := httpProbe(t, server, test.path)
			spec.HTTP.Headers = test.headers
			target.UserAgent = test.userAgent
			wantAnswer(t, answer{Outcome: probes.Success}, try(t, spec, target))
			if want := cmpOr(test.wantURI, "/"); got.RequestURI != want {
				t.Errorf("request URI = %q, want %q", got.RequestURI, want)
			}
			if want := cmpOr(test.wantHost, hostPort); got.Host != want {
				t.Errorf("host = %q, want %q", got.Host, want)
			}
			if test.wantHeader != nil {
				if diff := cmp.Diff(test.wantHeader, got.Header); diff != "" {
					t.Errorf("header (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func cmpOr(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func TestHTTPRedirects(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/local", http.RedirectHandler("/end", http.StatusFound))
	mux.HandleFunc("/end", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "from %s", r.URL.Query().Get("n"))
	})
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://elsewhere.example/")
		w.WriteHeader(http.StatusFound)
		_, _ = io.WriteString(w, "go away")
	})
	mux.HandleFunc("/port", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:"+r.URL.Query().Get("to")+"/end", http.StatusFound)
	})
	mux.Handle("/loop", http.RedirectHandler("/loop", http.StatusFound))
	mux.HandleFunc("/countdown", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("n"))
		if n == 0 {
			http.Redirect(w, r, "/end?n=countdown", http.StatusFound)
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/countdown?n=%d", n-1), http.StatusFound)
	})
	mux.HandleFunc("/nowhere", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) })
	mux.Handle("/broken", http.RedirectHandler("/missing", http.StatusFound))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	secure := httptest.NewTLSServer(mux)
	t.Cleanup(secure.Close)
	_, securePort := address(t, secure.URL)
	mux.HandleFunc("/secure", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, fmt.Sprintf("https://127.0.0.1:%d/end?n=tls", securePort), http.StatusFound)
	})
	_, port := address(t, server.URL)

	stopped := "Probe terminated redirects, Response body: "
	tests := []struct {
		path string
		want answer
	}{
		{path: "/local", want: answer{Outcome: probes.Success, Message: "from "}},
		{path: fmt.Sprintf("/port?to=%d", port), want: answer{Outcome: probes.Success, Message: "from "}},
		{path: "/secure", want: answer{Outcome: probes.Success, Message: "from tls"}},
		{path: "/elsewhere", want: answer{Outcome: probes.Success, Warning: true, Message: stopped + "go away"}},
		{path: "/countdown?n=8", want: answer{Outcome: probes.Success, Message: "from countdown"}},
		{path: "/countdown?n=9", want: answer{
			Outcome: probes.Failure, Message: `Get "/end?n=countdown": stopped after 10 redirects`,
		}},
		{path: "/loop", want: answer{Outcome: probes.Failure, Message: `Get "/loop": stopped after 10 redirects`}},
		{path: "/broken", want: answer{Outcome: probes.Failure, Message: "HTTP probe failed with statuscode: 404"}},
		// Without a Location, the redirect itself is the answer.
		{path: "/nowhere", want: answer{Outcome: probes.Success, Warning: true, Message: stopped}},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			spec, target := httpProbe(t, server, test.path)
			wantAnswer(t, test.want, try(t, spec, target))
		})
	}
}

// The answers of servers that do not speak HTTP well come from a raw listener.
func TestHTTPRawAnswers(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
	tests := []struct {
		name string
		// answer is what the server sends; then it goes on as ending says.
		answer  string
		ending  func(net.Conn)
		timeout time.Duration
		want    answer // Message may contain {address}
	}{
		{
			name: "closes without an answer",
			want: answer{Outcome: probes.Failure, Message: `Get "http://{address}/": EOF`},
		},
		{
			name: "is reset without an answer", ending: reset,
			want: answer{
				Outcome: probes.Failure, Message: `Get "http://{address}/": read tcp: connection reset by peer`,
			},
		},
		{
			name: "is reset half-way through the header", answer: "HTTP/1.1 200 OK\r\nX-", ending: reset,
			want: answer{Outcome: probes.Failure, Message: `Get "http://{address}/": net/http: HTTP/1.x transport ` +
				`connection broken: malformed MIME header: missing colon: "X-"`},
		},
		{
			name: "ends half-way through the body", answer: head + "half",
			want: answer{Outcome: probes.Unknown, Message: "unexpected EOF", ErrorState: probes.Failure},
		},
		{
			name:   "is reset half-way through the body of a failure",
			answer: strings.Replace(head, "200 OK", "500 No", 1) + "half", ending: reset,
			want: answer{
				Outcome: probes.Unknown, Message: "read tcp: connection reset by peer", ErrorState: probes.Failure,
			},
		},
		{
			name: "never answers", timeout: time.Second, ending: linger,
			want: answer{Outcome: probes.Failure, Message: `Get "http://{address}/": context deadline exceeded ` +
				`(Client.Timeout exceeded while awaiting headers)`},
		},
		{
			name: "never ends its body", timeout: time.Second, answer: head + "half", ending: linger,
			want: answer{Outcome: probes.Unknown, ErrorState: probes.Failure, Message: "context deadline exceeded " +
				"(Client.Timeout or context cancellation while reading body)"},
		},
		{
			name: "speaks something else", answer: "+OK ready\r\n\r\n",
			want: answer{Outcome: probes.Failure, Message: `Get "http://{address}/": net/http: HTTP/1.x transport ` +
				`connection broken: malformed HTTP status code "ready"`},
		},
		{
			name: "empty body", answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			want: answer{Outcome: probes.Success},
		},
		{
			name: "HTTP/1.0 without a length", answer: "HTTP/1.0 200 OK\r\n\r\nold",
			want: answer{Outcome: probes.Success, Message: "old"},
		},
		{
			name: "body without end", answer: "HTTP/1.1 200 OK\r\n\r\n",
			ending: func(c net.Conn) {
				for write(c, strings.Repeat("x", 4096)) {
				}
			},
			want: answer{Outcome: probes.Success, Message: strings.Repeat("x", 10<<10)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			heard := make(chan struct{}, 1) // the client has read the answer: a reset cannot overtake it
			listener := listenRaw(t, "127.0.0.1:0", func(c net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					t.Errorf("read request: %v", err)
				}
				if test.answer != "" {
					write(c, test.answer)
					<-heard
				}
				if test.ending != nil {
					test.ending(c)
				}
			})
			host, port := address(t, listener)
			spec := probes.Spec{
				Kind: probes.Readiness, Timeout: 20 * time.Second,
				HTTP: &probes.HTTPAction{Port: probes.Port{Number: port}},
			}
			if test.timeout != 0 {
				spec.Timeout = test.timeout
			}
			dial := func(ctx context.Context, network, address string) (net.Conn, error) {
				var dialer net.Dialer
				conn, err := dialer.DialContext(ctx, network, address)
				return &hearing{Conn: conn, heard: heard}, err
			}
			got := try(t, spec, probes.Target{Host: host, Dial: dial})
			// The local port differs each time.
			if strings.HasSuffix(got.Message, "connection reset by peer") {
				before, _, _ := strings.Cut(got.Message, "read tcp")
				got.Message = before + "read tcp: connection reset by peer"
			}
			test.want.Message = strings.ReplaceAll(test.want.Message, "{address}", listener)
			wantAnswer(t, test.want, got)
		})
	}
}

// hearing is a connection that tells when its first bytes have been read.
type hearing struct {
	net.Conn
	once  sync.Once
	heard chan<- struct{}
}

func (h *hearing) Read(p []byte) (int, error) {
	n, err := h.Conn.Read(p)
	if n > 0 {
		h.once.Do(func() { h.heard <- struct{}{} })
	}
	return n, err
}

// linger keeps the connection open until the other side closes it.
func linger(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func write(c net.Conn, s string) bool {
	_, err := io.WriteString(c, s)
	return err == nil
}

// reset makes the connection end with RST.
func reset(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }

// listenRaw serves every connection with handle, then closes it. It returns the address.
func listenRaw(t *testing.T, at string, handle func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handle(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// closedPort returns the port of a listener that is no more.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port := address(t, listener.Addr().String())
	_ = listener.Close()
	return port
}

func TestHTTPRefused(t *testing.T) {
	port := closedPort(t)
	spec := probes.Spec{Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/ok", Port: probes.Port{Number: port}}}
	wantAnswer(t, answer{
		Outcome: probes.Failure,
		Message: fmt.Sprintf(
			`Get "http://127.0.0.1:%[1]d/ok": dial tcp 127.0.0.1:%[1]d: connect: connection refused`, port),
	}, try(t, spec, probes.Target{Host: "127.0.0.1"}))
}

func TestHTTP2WithoutTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	spec, target := httpProbe(t, server, "/")
	wantAnswer(t, answer{Outcome: probes.Success, Message: "HTTP/1.1"}, try(t, spec, target))
	spec.HTTP.H2C = true
	wantAnswer(t, answer{Outcome: probes.Success, Message: "HTTP/2.0"}, try(t, spec, target))
}

func TestHTTPS(t *testing.T) {
	protocol := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }
	t.Run("HTTP/2 where the server offers it", func(t *testing.T) {
		server := httptest.NewUnstartedServer(http.HandlerFunc(protocol))
		server.EnableHTTP2 = true
		server.StartTLS()
		t.Cleanup(server.Close)
		spec, target := httpProbe(t, server, "/")
		wantAnswer(t, answer{Outcome: probes.Success, Message: "HTTP/2.0"}, try(t, spec, target))
	})
	t.Run("HTTP/1.1 otherwise", func(t *testing.T) {
		server := httptest.NewTLSServer(http.HandlerFunc(protocol))
		t.Cleanup(server.Close)
		spec, target := httpProbe(t, server, "/")
		wantAnswer(t, answer{Outcome: probes.Success, Message: "HTTP/1.1"}, try(t, spec, target))
	})
	t.Run("a server without TLS", func(t *testing.T) {
		server := serve(t, protocol)
		spec, target := httpProbe(t, server, "/")
		spec.HTTP.Scheme = "HTTPS"
		wantAnswer(t, answer{
			Outcome: probes.Failure,
			Message: fmt.Sprintf(`Get "https://127.0.0.1:%s/": http: server gave HTTP response to HTTPS client`,
				spec.HTTP.Port),
		}, try(t, spec, target))
	})
	t.Run("handshake that breaks off", func(t *testing.T) {
		listener := listenRaw(t, "127.0.0.1:0", func(c net.Conn) {
			_ = tls.Server(c, &tls.Config{}).HandshakeContext(context.Background()) // it has no certificate
		})
		host, port := address(t, listener)
		spec := probes.Spec{Kind: probes.Liveness, Timeout: 20 * time.Second, HTTP: &probes.HTTPAction{
			Scheme: "HTTPS", Port: probes.Port{Number: port},
		}}
		got := try(t, spec, probes.Target{Host: host})
		want := `Get "https://` + listener + `/": remote error: tls:`
		if got.Outcome != probes.Failure || !strings.HasPrefix(got.Message, want) {
			t.Errorf("answer = %+v, want a failure that tells of TLS", got)
		}
	})
}

func TestHTTPConnections(t *testing.T) {
	remotes := map[string]bool{}
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { remotes[r.RemoteAddr] = true })
	spec, target := httpProbe(t, server, "/")
	dials := 0
	var dialer net.Dialer
	target.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		dials++
		return dialer.DialContext(ctx, network, address)
	}
	// A proxy would be asked for any address but a loopback one.
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	prober, err := probes.NewProber(spec, target)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if a, err := prober.Try(t.Context()); err != nil || a.Outcome != probes.Success {
			t.Fatalf("attempt = %+v, %v", a, err)
		}
	}
	if dials != 3 || len(remotes) != 3 {
		t.Errorf("%d dials, %d connections in 3 attempts; want 3 of each", dials, len(remotes))
	}
}

func TestHTTPNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://proxy.example:3128")
	var dialed string
	target := probes.Target{Host: "192.0.2.1", Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialed = address
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: io.ErrUnexpectedEOF}
	}}
	spec := probes.Spec{Kind: probes.Liveness, HTTP: &probes.HTTPAction{Port: probes.Port{Number: 80}}}
	wantAnswer(t, answer{
		Outcome: probes.Failure, Message: `Get "http://192.0.2.1:80/": dial tcp: unexpected EOF`,
	}, try(t, spec, target))
	if dialed != "192.0.2.1:80" {
		t.Errorf("dialed %s, want the target itself", dialed)
	}
}

func TestPorts(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	host, port := address(t, server.URL)
	ports := map[string]int{"web": port, "zero": 0}
	tests := []struct {
		name string
		want answer
	}{
		{name: "web", want: answer{Outcome: probes.Success}},
		{name: "metrics", want: answer{
			Outcome: probes.Unknown, ErrorState: probes.Unknown, Message: `port "metrics" not found`,
		}},
		{name: "zero", want: answer{
			Outcome: probes.Unknown, ErrorState: probes.Unknown, Message: "invalid port number: 0",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target := probes.Target{Host: "192.0.2.1", Ports: ports} // the spec's host is the one that counts
			http := probes.Spec{Kind: probes.Liveness, Timeout: 10 * time.Second, HTTP: &probes.HTTPAction{
				Host: host, Port: probes.Port{Name: test.name},
			}}
			wantAnswer(t, test.want, try(t, http, target))
			tcp := probes.Spec{Kind: probes.Liveness, Timeout: 10 * time.Second, TCP: &probes.TCPAction{
				Host: host, Port: probes.Port{Name: test.name},
			}}
			wantAnswer(t, test.want, try(t, tcp, target))
		})
	}
}

func TestIPv6Literals(t *testing.T) {
	var dialed []string
	target := probes.Target{Host: "fd00::5", Dial: func(_ context.Context, _, address string) (net.Conn, error) {
		dialed = append(dialed, address)
		return nil, io.ErrUnexpectedEOF
	}}
	try(t, probes.Spec{Kind: probes.Liveness, HTTP: &probes.HTTPAction{Port: probes.Port{Number: 80}}}, target)
	try(t, probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{Port: probes.Port{Number: 81}}}, target)
	try(t, probes.Spec{
		Kind: probes.Liveness, TCP: &probes.TCPAction{Host: "::1", Port: probes.Port{Number: 82}},
	}, target)
	if diff := cmp.Diff([]string{"[fd00::5]:80", "[fd00::5]:81", "[::1]:82"}, dialed); diff != "" {
		t.Errorf("dialed addresses (-want +got):\n%s", diff)
	}
}

func FuzzHTTPPathAndHeader(f *testing.F) {
	f.Add("/", "X-A", "b")
	f.Add("/a?b#c", "Host", "example")
	f.Add("%zz", "Accept", "")
	f.Add("//host:99999999/", "Content-Length", "7")
	f.Add("http://user:pw@other/", "Connection", "upgrade")
	f.Add("\x00\r\nX: y", "user-agent", "\r\n")
	f.Fuzz(func(t *testing.T, path, name, value string) {
		dials := map[string]bool{}
		target := probes.Target{Host: "192.0.2.1", Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dials[address] = true
			return nil, io.ErrUnexpectedEOF
		}}
		spec := probes.Spec{Kind: probes.Liveness, HTTP: &probes.HTTPAction{
			Port: probes.Port{Number: 80}, Path: path, Headers: []probes.Header{{Name: name, Value: value}},
		}}
		if err := spec.Defaulted().Validate(); err != nil {
			return
		}
		if got := try(t, spec, target); got.Outcome == probes.Success {
			t.Errorf("%+v without a connection", got)
		}
		// Whatever the path says, nobody but the target is dialed.
		delete(dials, "192.0.2.1:80")
		if len(dials) > 0 {
			t.Errorf("path %q made it dial %v", path, dials)
		}
	})
}
