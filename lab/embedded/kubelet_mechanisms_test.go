package embedded_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	grpcstatus "google.golang.org/grpc/status"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/component-base/version"
	remote "k8s.io/cri-client/pkg"
	"k8s.io/kubernetes/pkg/probe"
	execprobe "k8s.io/kubernetes/pkg/probe/exec"
	grpcprobe "k8s.io/kubernetes/pkg/probe/grpc"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	tcpprobe "k8s.io/kubernetes/pkg/probe/tcp"
	utilexec "k8s.io/utils/exec"

	"healthlab/lab/podspec"
	"healthlab/probes"
)

// These tests let the kubelet's mechanisms and the engine's meet the same servers and commands, and compare what both
// make of them, and what the servers saw. Those that wait for a timeout are left out under -short.

// met is what came of an attempt and what the other side saw of it.
type met struct {
	Outcome    probes.Outcome
	Warning    bool
	Message    string
	ErrorState probes.Outcome
	Seen       []string
}

// witness keeps what a server has seen since it was last asked.
type witness struct {
	mu   sync.Mutex
	seen []string
}

func (w *witness) see(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, s)
}

func (w *witness) tell() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen := w.seen
	w.seen = nil
	return seen
}

// kubeletMet makes an attempt as the kubelet's prober does: up to three tries while they err.
func kubeletMet(w *witness, try func() (probe.Result, string, error)) met {
	var result probe.Result
	var m met
	for range 3 {
		var err error
		if result, m.Message, err = try(); err == nil {
			m.Outcome, m.ErrorState = probes.Outcome(result), ""
			if result == probe.Warning {
				m.Outcome, m.Warning = probes.Success, true
			}
			break
		}
		m.Outcome, m.ErrorState, m.Message = probes.Unknown, probes.Outcome(result), err.Error()
	}
	return normal(m, w)
}

func engineMet(t *testing.T, w *witness, spec probes.Spec, target probes.Target) met {
	t.Helper()
	target.UserAgent = fmt.Sprintf("kube-probe/%s.%s", version.Get().Major, version.Get().Minor)
	a, err := probes.Try(t.Context(), spec, target)
	if err != nil {
		t.Fatal(err)
	}
	return normal(met{Outcome: a.Outcome, Warning: a.Warning, Message: a.Message, ErrorState: a.ErrorState}, w)
}

var (
	// ownPort is the client's end of a connection in an error. It is another one each time.
	ownPort = regexp.MustCompile(`(127\.0\.0\.1|\[::1\]):\d+->`)
	// tooLate is what the kubelet says, by chance, of an HTTPS request that was too slow.
	tooLate = regexp.MustCompile(`^(Get "https://[^"]*": )?(net/http: request canceled( while waiting for connection)?|` +
		`context deadline exceeded)( \(Client.Timeout [^)]*\))?$`)
)

func normal(m met, w *witness) met {
	if parts := tooLate.FindStringSubmatch(m.Message); parts != nil {
		why := " (Client.Timeout exceeded while awaiting headers)"
		if parts[1] == "" {
			why = " (Client.Timeout or context cancellation while reading body)"
		}
		m.Message = parts[1] + "context deadline exceeded" + why
	}
	m.Message = ownPort.ReplaceAllString(m.Message, "$1:own->")
	m.Seen = w.tell()
	return m
}

func wantSame(t *testing.T, kubelet, engine met) {
	t.Helper()
	if diff := gocmp.Diff(kubelet, engine); diff != "" {
		t.Errorf("(-kubelet +engine):\n%s", diff)
	}
}

func hostPort(t testing.TB, address string) (string, int) {
	t.Helper()
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// server starts a server and returns its address.
type server func(*testing.T, *witness) string

func witnessed(w *witness, handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		dump, err := httputil.DumpRequest(r, true)
		w.see(fmt.Sprintf("%s %v", dump, err))
		handler(rw, r)
	})
}

func plain(handler http.HandlerFunc) server {
	return func(t *testing.T, w *witness) string {
		s := httptest.NewUnstartedServer(witnessed(w, handler))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.Start()
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
}

// h2c serves HTTP/2 without TLS, and nothing else.
func h2c(handler http.HandlerFunc) server {
	return func(t *testing.T, w *witness) string {
		s := httptest.NewUnstartedServer(witnessed(w, handler))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.Config.Protocols = new(http.Protocols)
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
}

// secure serves with a certificate that nobody trusts.
func secure(http2 bool, handler http.HandlerFunc) server {
	return func(t *testing.T, w *witness) string {
		s := httptest.NewUnstartedServer(witnessed(w, handler))
		s.EnableHTTP2 = http2
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.Listener.Addr().String()
	}
}

// raw serves each connection with handle, then closes it.
func raw(at string, handle func(net.Conn, *witness)) server {
	return func(t *testing.T, w *witness) string {
		listener, err := net.Listen("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		var accepting, wg sync.WaitGroup
		var open []net.Conn
		accepting.Go(func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				open = append(open, conn)
				wg.Go(func() {
					defer conn.Close()
					handle(conn, w)
				})
			}
		})
		t.Cleanup(func() {
			_ = listener.Close()
			accepting.Wait()
			for _, conn := range open {
				_ = conn.Close() // a client goes on with a handshake for ten seconds
			}
			wg.Wait()
		})
		return listener.Addr().String()
	}
}

// says reads a request and answers with bytes; then the connection ends as the ending has it.
func says(answer string, ending func(net.Conn)) server {
	return raw("127.0.0.1:0", func(c net.Conn, w *witness) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			w.see(err.Error())
			return
		}
		w.see(r.Method + " " + r.RequestURI)
		_, _ = io.WriteString(c, answer)
		ending(c)
	})
}

func closes(net.Conn) {}

// waits keeps the connection open until the client closes it.
func waits(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// resets ends the connection with RST. What was sent before may or may not arrive, so it is for silent servers.
func resets(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }

// floods sends bytes until the client closes the connection.
func floods(c net.Conn) {
	for block := bytes.Repeat([]byte("x"), 4096); ; {
		if _, err := c.Write(block); err != nil {
			return
		}
	}
}

func silent(t *testing.T, w *witness) string {
	return raw("127.0.0.1:0", func(c net.Conn, _ *witness) { waits(c) })(t, w)
}

// refuses is the address of a listener that is no more.
func refuses(t *testing.T, _ *witness) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return listener.Addr().String()
}

func text(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

func code(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
}

func redirect(location string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(n)
		_, _ = io.WriteString(w, "elsewhere")
	}
}

// chain redirects /n to /n-1, and /0 answers.
func chain(w http.ResponseWriter, r *http.Request) {
	if n, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/")); n > 0 {
		http.Redirect(w, r, fmt.Sprintf("/%d", n-1), http.StatusFound)
		return
	}
	_, _ = io.WriteString(w, "arrived")
}

func hangs(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func hangsInBody(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, "begun")
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func abortsInBody(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = io.WriteString(w, "begun")
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func zipped(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = io.WriteString(z, "zipped")
	_ = z.Close()
}

func TestKubeletHTTP(t *testing.T) {
	type test struct {
		name    string
		server  server
		action  v1.HTTPGetAction // Port is the server's unless it is set
		podIP   string           // the server's by default
		timeout time.Duration    // 20 s by default
	}
	path := func(p string) v1.HTTPGetAction { return v1.HTTPGetAction{Path: p} }
	headers := func(pairs ...string) (a v1.HTTPGetAction) {
		for i := 0; i < len(pairs); i += 2 {
			a.HTTPHeaders = append(a.HTTPHeaders, v1.HTTPHeader{Name: pairs[i], Value: pairs[i+1]})
		}
		return a
	}
	https := v1.HTTPGetAction{Scheme: v1.URISchemeHTTPS}
	http2 := v1.HTTPGetAction{Protocol: new(v1.HTTPProtocolHTTP2)}
	const (
		head    = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
		chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		upgrade = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
	)
	tests := []test{
		// Where and how it is asked.
		{name: "path", server: plain(text("ok")), action: path("/a/b?c=d&e=%20")},
		{name: "path without slash", server: plain(text("ok")), action: path("healthz")},
		{name: "path with a fragment", server: plain(text("ok")), action: path("/a#b")},
		{name: "path that is no URL", server: plain(text("ok")), action: path("/%zz?a=b")},
		{name: "path with a colon", server: plain(text("ok")), action: path("a:b")},
		{name: "path that looks like a host", server: plain(text("ok")), action: path("//elsewhere.example/x")},
		{name: "path that is a whole URL", server: plain(text("ok")), action: path("http://u:p@elsewhere.example/x")},
		{name: "path with dots and doubled slashes", server: plain(text("ok")), action: path("/a/../b//c/./d")},
		{name: "path with odd letters", server: plain(text("ok")), action: path("/건강 상태?질문=답 하나")},
		{name: "path with a control character", server: plain(text("ok")), action: path("/a\nb")},
		{name: "headers", server: plain(text("ok")), action: headers("x-a", "1", "X-A", "2", "X-B", "")},
		{name: "agent and accept", server: plain(text("ok")), action: headers("user-agent", "me", "accept", "text/plain")},
		{name: "empty agent and accept", server: plain(text("ok")), action: headers("User-Agent", "", "Accept", "")},
		{name: "first accept empty", server: plain(text("ok")), action: headers("Accept", "", "Accept", "text/html")},
		{name: "HTTP/2 without TLS", server: h2c(text("ok")), action: http2},
		{name: "HTTP/2 without TLS, redirected", server: h2c(redirect("/", 302)), action: http2},
		{name: "HTTP/2 without TLS, refused", server: refuses, action: http2},
		{name: "HTTP/1.1 asked of HTTP/2 without TLS", server: h2c(text("ok"))},
		{name: "HTTP/2 without TLS asked of HTTP/1.1", server: plain(text("ok")), action: http2},
		{name: "host header", server: plain(text("ok")), action: headers("Host", "app.example:99")},
		{name: "host header twice", server: plain(text("ok")), action: headers("host", "a.example", "HOST", "b.example")},
		{name: "odd host header", server: plain(text("ok")), action: headers("Host", "a b/c")},
		{name: "hop-by-hop headers", server: plain(text("ok")), action: headers(
			"Connection", "keep-alive", "Content-Length", "5", "Transfer-Encoding", "chunked", "Trailer", "X", "TE", "x")},
		{name: "expect", server: plain(text("ok")), action: headers("Expect", "100-continue")},
		{name: "header value that cannot be sent", server: plain(text("ok")), action: headers("X-A", "a\nb")},
		{name: "accept-encoding", server: plain(zipped), action: headers("Accept-Encoding", "gzip")},
		{name: "another host", server: plain(text("ok")), podIP: "192.0.2.1", action: v1.HTTPGetAction{Host: "127.0.0.1"}},
		{name: "host by name", server: plain(text("ok")), podIP: "192.0.2.1", action: v1.HTTPGetAction{Host: "localhost"}},
		{name: "host that is none", server: plain(text("ok")), action: v1.HTTPGetAction{Host: "no host"}},
		{name: "host in brackets", server: plain(text("ok")), action: v1.HTTPGetAction{Host: "[::1]"}},
		{name: "named port", server: plain(text("ok")), action: v1.HTTPGetAction{Port: intstr.FromString("web")}},
		{name: "unknown port", server: plain(text("ok")), action: v1.HTTPGetAction{Port: intstr.FromString("none")}},
		{name: "IPv6", server: raw("[::1]:0", func(c net.Conn, w *witness) {
			r, err := http.ReadRequest(bufio.NewReader(c))
			if err == nil {
				w.see(r.Host)
			}
			_, _ = io.WriteString(c, "HTTP/1.0 500 No\r\n\r\n")
		})},

		// Redirects.
		{name: "redirect without end", server: plain(redirect("/", 302))},
		{name: "nine redirects", server: plain(chain), action: path("/9")},
		{name: "ten redirects", server: plain(chain), action: path("/10")},
		{name: "redirect keeps headers", server: plain(chain), action: v1.HTTPGetAction{
			Path: "/1", HTTPHeaders: headers("Host", "app.example", "Authorization", "Basic eDp5", "Cookie", "a=b").HTTPHeaders,
		}},
		{name: "redirect to another host", server: plain(redirect("http://elsewhere.example/", 302))},
		{name: "redirect to the same host by name", server: plain(redirect("http://localhost/", 307))},
		{name: "redirect to a closed port", server: plain(redirect("http://127.0.0.1:1/", 308))},
		{name: "redirect to HTTPS that is none", server: plain(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://"+r.Host+"/", http.StatusMovedPermanently)
		})},
		{name: "redirect to another scheme", server: plain(redirect("ftp://127.0.0.1/", 302))},
		{name: "redirect to nonsense", server: plain(redirect("http://%zz/", 302))},
		{name: "redirect without a location", server: plain(code(302))},

		// Bodies and connections.
		{name: "body at the limit", server: plain(text(strings.Repeat("x", 10<<10)))},
		{name: "body over the limit", server: plain(text(strings.Repeat("x", 10<<10+1)))},
		{name: "large body", server: plain(text(strings.Repeat("x", 4<<20)))},
		{name: "body that is no text", server: plain(text("\xff\x00\xfe"))},
		{name: "zipped body", server: plain(zipped)},
		{name: "body without end", server: says("HTTP/1.1 200 OK\r\n\r\n", floods)},
		{name: "failure with a body without end", server: says("HTTP/1.1 500 No\r\n\r\n", floods)},
		{name: "body that ends too early", server: says(head+"half", closes)},
		{name: "failure whose body ends too early", server: says(strings.Replace(head, "200", "500", 1)+"half", closes)},
		{name: "redirect whose body ends too early", server: says("HTTP/1.1 304 Not\r\n\r\n", closes)},
		{name: "broken chunk", server: says(chunked+"zz\r\n", closes)},
		{name: "chunks without the last", server: says(chunked+"2\r\nab\r\n", closes)},
		{name: "unknown transfer encoding", server: says("HTTP/1.1 200 OK\r\nTransfer-Encoding: odd\r\n\r\nx", closes)},
		{name: "two lengths", server: says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", closes)},
		{name: "HTTP/1.0", server: says("HTTP/1.0 200 OK\r\n\r\nold", closes)},
		{name: "early hints", server: says("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"+"HTTP/1.1 200 OK\r\n\r\nok", closes)},
		{name: "switching protocols", server: says(upgrade, closes)},
		{name: "status out of range", server: says("HTTP/1.1 999 Odd\r\n\r\n", closes)},
		{name: "status without a reason", server: says("HTTP/1.1 404\r\n\r\n", closes)},
		{name: "status that is no number", server: says("HTTP/1.1 abc OK\r\n\r\n", closes)},
		{name: "not HTTP", server: says("+OK ready\r\n\r\n", closes)},
		{name: "half a header", server: says("HTTP/1.1 200 OK\r\nX-", closes)},
		{name: "no answer", server: says("", closes)},
		{name: "reset", server: says("", resets)},
		{name: "refused", server: refuses, action: path("/ok")},

		// HTTPS.
		{name: "HTTPS", server: secure(false, text("ok")), action: https},
		{name: "HTTP/2", server: secure(true, text("ok")), action: https},
		{name: "HTTP/2 with headers", server: secure(true, text("ok")), action: v1.HTTPGetAction{
			Scheme:      v1.URISchemeHTTPS,
			HTTPHeaders: headers("Host", "app.example", "Connection", "keep-alive", "X-A", "1").HTTPHeaders,
		}},
		{name: "HTTP/2 failure", server: secure(true, code(503)), action: https},
		{name: "HTTP/2 large body", server: secure(true, text(strings.Repeat("x", 4<<20))), action: https},
		{name: "HTTP/2 body broken off", server: secure(true, abortsInBody), action: https},
		{name: "HTTP/2 broken off", server: secure(true, func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}), action: https},
		{name: "HTTP/1.1 body broken off", server: secure(false, abortsInBody), action: https},
		{name: "HTTPS redirect without end", server: secure(true, redirect("/", 302)), action: https},
		{name: "HTTPS of a server without", server: plain(text("ok")), action: https},
		{name: "HTTP of a server with TLS", server: secure(true, text("ok"))},
		{name: "handshake broken off", server: raw("127.0.0.1:0", func(c net.Conn, _ *witness) {
			_, _ = io.ReadFull(c, make([]byte, 5))
			resets(c)
		}), action: https},
		{name: "handshake that is no TLS", server: raw("127.0.0.1:0", func(c net.Conn, _ *witness) {
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.9\r\n")
			waits(c)
		}), action: https},

		// Timeouts.
		{name: "never answers", server: silent, timeout: time.Second},
		{name: "never ends its header", server: says("HTTP/1.1 200 OK\r\nX: y\r\n", waits), timeout: time.Second},
		{name: "never ends its body", server: says(head+"half", waits), timeout: 3 * time.Second},
		{name: "never ends the body of a failure", server: says("HTTP/1.1 500 No\r\n\r\nhalf", waits), timeout: 3 * time.Second},
		{name: "never greets", server: silent, action: https, timeout: time.Second},
		{name: "HTTP/2 never answers", server: secure(true, hangs), action: https, timeout: time.Second},
		{name: "HTTP/2 never ends its body", server: secure(true, hangsInBody), action: https, timeout: 3 * time.Second},
		{
			name: "redirects to a server that never answers", timeout: time.Second,
			server: func(t *testing.T, w *witness) string {
				return plain(redirect("http://"+silent(t, w)+"/", 302))(t, w)
			},
		},
	}
	for _, n := range []int{
		200, 201, 204, 205, 299, 300, 303, 304, 305, 399, 400, 401, 404, 418, 429, 500, 503, 599, 600,
	} {
		tests = append(tests, test{name: fmt.Sprint("status ", n), server: plain(code(n))})
	}
	for _, test := range tests {
		if testing.Short() && test.timeout > 0 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &witness{}
			host, port := hostPort(t, test.server(t, w))
			if test.podIP != "" {
				host = test.podIP
			}
			if test.timeout == 0 {
				test.timeout = 20 * time.Second
			}
			action := test.action
			if action.Port == (intstr.IntOrString{}) {
				action.Port = intstr.FromInt(port)
			}
			if action.Path == "" {
				action.Path = "/"
			}
			container := &v1.Container{Ports: []v1.ContainerPort{{Name: "web", ContainerPort: int32(port)}}}
			kubelet := kubeletMet(w, func() (probe.Result, string, error) {
				r, err := httpprobe.NewRequestForHTTPGetAction(&action, container, host, "probe")
				if err != nil {
					return probe.Unknown, "", err
				}
				if action.Protocol != nil {
					return httpprobe.New(false).ProbeH2C(r, test.timeout)
				}
				return httpprobe.New(false).Probe(r, test.timeout)
			})
			container.ReadinessProbe = &v1.Probe{
				ProbeHandler: v1.ProbeHandler{HTTPGet: &action}, TimeoutSeconds: int32(test.timeout / time.Second),
			}
			target := probes.Target{Host: host, Ports: podspec.Ports(container)}
			wantSame(t, oneComplaint(kubelet), oneComplaint(engineMet(t, w, podspec.Probes(container)[0], target)))
		})
	}
}

// oneComplaint has net/http say one thing of a server that answers HTTP/2 with HTTP/1.1: which of two it says depends on
// which of its goroutines is first.
func oneComplaint(m met) met {
	const tooLarge = "failed reading the frame payload: http2: frame too large, note that the frame header looked like an HTTP/1.1 header"
	m.Message = strings.ReplaceAll(m.Message, tooLarge, "client conn could not be established")
	return m
}

func TestKubeletTCP(t *testing.T) {
	open := raw("127.0.0.1:0", func(c net.Conn, _ *witness) { waits(c) })
	tests := []struct {
		name   string
		server server
		host   string // the server's by default
	}{
		{name: "open", server: open},
		{name: "by name", server: open, host: "localhost"},
		{name: "closes at once", server: raw("127.0.0.1:0", func(net.Conn, *witness) {})},
		{name: "refused", server: refuses},
		{name: "refused by name", server: refuses, host: "localhost"},
		{name: "IPv6", server: raw("[::1]:0", func(net.Conn, *witness) {})},
		{name: "IPv6 refused", server: refuses, host: "::1"},
		{name: "host that is none", server: open, host: "no host"},
		{name: "host in brackets", server: open, host: "[::1]"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			host, port := hostPort(t, test.server(t, &witness{}))
			if test.host != "" {
				host = test.host
			}
			wantSameTCP(t, host, port)
		})
	}
}

func wantSameTCP(t *testing.T, host string, port int) {
	t.Helper()
	w := &witness{}
	kubelet := kubeletMet(w, func() (probe.Result, string, error) {
		return tcpprobe.New().Probe(host, port, time.Second)
	})
	spec := probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{Port: probes.Port{Number: port}}}
	wantSame(t, kubelet, engineMet(t, w, spec, probes.Target{Host: host}))
}

// selfSigned has a certificate that nobody trusts.
func selfSigned(t *testing.T) *tls.Config {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return &tls.Config{Certificates: s.TLS.Certificates}
}

// healthService answers as its function does.
type healthService struct {
	grpc_health_v1.UnimplementedHealthServer
	check func(context.Context) (*grpc_health_v1.HealthCheckResponse, error)
}

func (s healthService) Check(
	ctx context.Context, _ *grpc_health_v1.HealthCheckRequest,
) (*grpc_health_v1.HealthCheckResponse, error) {
	return s.check(ctx)
}

func grpcServer(service grpc_health_v1.HealthServer, options ...grpc.ServerOption) server {
	return func(t *testing.T, w *witness) string { return serveGRPC(t, w, service, options...) }
}

func serveGRPC(t testing.TB, w *witness, service grpc_health_v1.HealthServer, options ...grpc.ServerOption) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if w != nil {
		options = append(options, grpc.UnaryInterceptor(func(
			ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
		) (any, error) {
			header, _ := metadata.FromIncomingContext(ctx)
			w.see(fmt.Sprintf("%v %v", request, header))
			return handle(ctx, request)
		}))
	}
	s := grpc.NewServer(options...)
	if service != nil {
		grpc_health_v1.RegisterHealthServer(s, service)
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Serve(listener) })
	t.Cleanup(func() {
		s.Stop()
		wg.Wait()
	})
	return listener.Addr().String()
}

func TestKubeletGRPC(t *testing.T) {
	standard := health.NewServer()
	for service, status := range grpc_health_v1.HealthCheckResponse_ServingStatus_value {
		standard.SetServingStatus(service, grpc_health_v1.HealthCheckResponse_ServingStatus(status))
	}
	standard.SetServingStatus("odd", 77)
	errs := func(err error) server {
		return grpcServer(healthService{check: func(context.Context) (*grpc_health_v1.HealthCheckResponse, error) {
			return nil, err
		}})
	}
	tests := []struct {
		name    string
		server  server
		service string
		host    string        // the server's by default
		timeout time.Duration // 20 s by default
		tls     bool
	}{
		{name: "serving", server: grpcServer(standard)},
		{name: "serving over TLS", server: grpcServer(standard, grpc.Creds(credentials.NewTLS(selfSigned(t)))), tls: true},
		{name: "TLS asked of plain text", server: grpcServer(standard), timeout: time.Second, tls: true},
		{name: "by name", server: grpcServer(standard), host: "localhost"},
		{name: "not serving", server: grpcServer(standard), service: "NOT_SERVING"},
		{name: "unknown", server: grpcServer(standard), service: "UNKNOWN"},
		{name: "service unknown", server: grpcServer(standard), service: "SERVICE_UNKNOWN"},
		{name: "odd status", server: grpcServer(standard), service: "odd"},
		{name: "service that is not there", server: grpcServer(standard), service: "nobody"},
		{name: "no health service", server: grpcServer(nil)},
		{name: "plain error", server: errs(errors.New("disk on fire"))},
		{name: "unavailable", server: errs(grpcstatus.Error(codes.Unavailable, "later"))},
		{name: "unauthenticated", server: errs(grpcstatus.Error(codes.Unauthenticated, "who?"))},
		{name: "deadline of the server's own", server: errs(grpcstatus.Error(codes.DeadlineExceeded, "mine"))},
		{name: "cancelled by the server", server: errs(grpcstatus.Error(codes.Canceled, "mine"))},
		{name: "hangs", timeout: time.Second, server: grpcServer(healthService{
			check: func(ctx context.Context) (*grpc_health_v1.HealthCheckResponse, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		})},
		{name: "refused", server: refuses, timeout: time.Second},
		{name: "never greets", server: silent, timeout: time.Second},
		{name: "closes at once", server: raw("127.0.0.1:0", func(net.Conn, *witness) {}), timeout: time.Second},
		{name: "HTTP/1.1", server: plain(text("ok")), timeout: time.Second},
		{name: "TLS", server: grpcServer(standard, grpc.Creds(credentials.NewTLS(selfSigned(t)))), timeout: time.Second},
		{name: "host that is none", server: refuses, host: "no host", timeout: time.Second},
	}
	for _, test := range tests {
		if testing.Short() && test.timeout > 0 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := &witness{}
			host, port := hostPort(t, test.server(t, w))
			if test.host != "" {
				host = test.host
			}
			if test.timeout == 0 {
				test.timeout = 20 * time.Second
			}
			kubelet := kubeletMet(w, func() (probe.Result, string, error) {
				return grpcprobe.New().Probe(host, test.service, port, test.timeout, grpcprobe.ProbeOptions{UseTLS: test.tls})
			})
			spec := probes.Spec{
				Kind: probes.Liveness, Timeout: test.timeout,
				GRPC: &probes.GRPCAction{Port: port, Service: test.service, TLS: test.tls},
			}
			engine := engineMet(t, w, spec, probes.Target{Host: host})
			if strings.HasPrefix(test.name, "HTTP/1.1") {
				kubelet.Seen, engine.Seen = nil, nil // how often they try within a second is chance
			}
			wantSame(t, kubelet, engine)
		})
	}
}

func TestKubeletExec(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		timeout time.Duration // 20 s by default
	}{
		{name: "success", command: []string{"echo", "fine"}},
		{name: "success without output", command: []string{"true"}},
		{name: "failure", command: []string{"sh", "-c", "echo out; echo err >&2; exit 3"}},
		{name: "failure without output", command: []string{"false"}},
		{name: "exit code 137", command: []string{"sh", "-c", "echo killed; exit 137"}},
		{name: "output that is no text", command: []string{"sh", "-c", `printf '\377\000\376'; exit 1`}},
		{name: "output at the limit", command: []string{"sh", "-c", "head -c 10240 /dev/zero | tr '\\0' x; exit 1"}},
		{name: "output over the limit", command: []string{"sh", "-c", "head -c 10241 /dev/zero | tr '\\0' x; exit 1"}},
		{name: "much output", command: []string{"sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; exit 1"}},
		{name: "much output of a success", command: []string{"sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x"}},
		{name: "too slow", command: []string{"sleep", "60"}, timeout: time.Second},
		{name: "too slow after output", command: []string{"sh", "-c", "echo begun; exec sleep 60"}, timeout: time.Second},
		{name: "too slow in two seconds", command: []string{"sleep", "60"}, timeout: 2 * time.Second},
		{name: "not there", command: []string{"/no/such/command"}},
	}
	for _, test := range tests {
		if testing.Short() && test.timeout > 0 {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.timeout == 0 {
				test.timeout = 20 * time.Second
			}
			w := &witness{}
			kubelet := kubeletMet(w, func() (probe.Result, string, error) {
				w.see("run")
				return execprobe.New().Probe(&runtimeCommand{run: func() ([]byte, error) {
					return runAsRuntime(t.Context(), test.command, test.timeout)
				}})
			})
			spec := probes.Spec{
				Kind: probes.Liveness, Timeout: test.timeout, Exec: &probes.ExecAction{Command: test.command},
			}
			target := probes.Target{Exec: func(ctx context.Context, command []string, limit int) ([]byte, int, error) {
				w.see("run")
				return runCommand(ctx, command, limit)
			}}
			wantSame(t, kubelet, engineMet(t, w, spec, target))
		})
	}
}

// runCommand runs the command on this machine, as a Target's Exec must.
func runCommand(ctx context.Context, command []string, limit int) ([]byte, int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = 3 * time.Second
	output, err := cmd.CombinedOutput()
	output = output[:min(len(output), limit)]
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return output, 0, ctx.Err()
	case errors.As(err, &exit):
		return output, exit.ExitCode(), nil
	default:
		return output, 0, err
	}
}

// runAsRuntime runs the command on this machine with the errors that the kubelet's runtime manager returns.
func runAsRuntime(ctx context.Context, command []string, timeout time.Duration) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	output, code, err := runCommand(ctx, command, 16<<20)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%w: %q timed out after %s", remote.ErrCommandTimedOut, strings.Join(command, " "), timeout)
	case code != 0:
		return output, utilexec.CodeExitError{Err: errors.New("exited"), Code: code}
	default:
		return output, err
	}
}

// runtimeCommand hands over a command's whole output when it has ended, as the kubelet's prober does.
type runtimeCommand struct {
	utilexec.Cmd
	run func() ([]byte, error)
	out io.Writer
}

func (c *runtimeCommand) SetStdout(out io.Writer) { c.out = out }
func (c *runtimeCommand) SetStderr(out io.Writer) { c.out = out }
func (c *runtimeCommand) Wait() error             { return nil }

func (c *runtimeCommand) Start() error {
	data, err := c.run()
	_, _ = c.out.Write(data) // it tells when it has had enough
	return err
}
