package cluster

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientauth "k8s.io/client-go/pkg/apis/clientauthentication/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"healthlab/lab"
)

// porter is an API server with TLS that notes who asks it, by which way.
type porter struct {
	*httptest.Server

	mu      sync.Mutex
	token   string // the only one it takes; empty: any
	callers map[string]string
}

func newPorter(t *testing.T) *porter {
	t.Helper()
	stop := make(chan struct{})
	p := &porter{callers: map[string]string{}}
	p.Server = secure(t, p.admit(kubelet{stop}), func(c *tls.Config) { c.ClientAuth = tls.RequestClientCert })
	t.Cleanup(func() { close(stop) })
	return p
}

// admit notes the caller of each kind of request.
func (p *porter) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), "Bearer ")
		who := token
		if len(r.TLS.PeerCertificates) > 0 {
			who += " cert:" + r.TLS.PeerCertificates[0].Subject.CommonName
		}
		if as := r.Header.Get("Impersonate-User"); as != "" {
			who += " as:" + as + " of " + strings.Join(r.Header.Values("Impersonate-Group"), "+")
		}
		p.mu.Lock()
		p.callers[filepath.Base(r.URL.Path)] = strings.TrimSpace(who)
		refused := p.token != "" && p.token != token
		p.mu.Unlock()
		switch {
		case refused:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/version":
			_, _ = io.WriteString(w, `{"gitVersion":"v1.37.2"}`)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (p *porter) demand(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token = token
}

// proxy is a way to servers that notes what it was asked to connect to. It always connects to the same one.
type proxy struct {
	target string
	mu     sync.Mutex
	asked  []string
}

func (p *proxy) note(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, address)
}

// join connects both ends until one of them is closed.
func (p *proxy) join(near net.Conn, from io.Reader) {
	far, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		return
	}
	defer far.Close()
	var back sync.WaitGroup
	back.Go(func() {
		_, _ = io.Copy(near, far)
		_ = near.Close()
	})
	_, _ = io.Copy(far, from)
	_ = far.Close()
	back.Wait()
}

// http serves HTTP's CONNECT.
func (p *proxy) http(conn net.Conn) {
	from := bufio.NewReader(conn)
	request, err := http.ReadRequest(from)
	if err != nil || request.Method != http.MethodConnect {
		return
	}
	p.note(request.Host)
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	p.join(conn, from)
}

// socks serves SOCKS 5 without authentication (RFC 1928).
func (p *proxy) socks(conn net.Conn) {
	var head [2]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return
	}
	_, _ = io.CopyN(io.Discard, conn, int64(head[1]))
	_, _ = conn.Write([]byte{5, 0})
	var request [5]byte // version, command, reserved, kind of address, its first byte
	if _, err := io.ReadFull(conn, request[:]); err != nil {
		return
	}
	var host string
	switch request[3] {
	case 1:
		rest := make([]byte, 3)
		_, _ = io.ReadFull(conn, rest)
		host = net.IP(append([]byte{request[4]}, rest...)).String()
	case 3:
		name := make([]byte, request[4])
		_, _ = io.ReadFull(conn, name)
		host = string(name)
	}
	var port [2]byte
	_, _ = io.ReadFull(conn, port[:])
	p.note(net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port[:])))))
	_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	p.join(conn, conn)
}

// everyWay makes each kind of request that a session makes.
func everyWay(t *testing.T, c *Client) {
	t.Helper()
	if _, err := c.Version(t.Context()); err != nil {
		t.Errorf("Version: %v", err)
	}
	if _, _, err := c.Exec(t.Context(), "p", "app", []string{"true"}, 100, func(time.Duration) {}); err != nil {
		t.Errorf("Exec: %v", err)
	}
	if err := c.Logs(t.Context(), "p", "app", time.Time{}, func(lab.LogLine) {}); err != nil {
		t.Errorf("Logs: %v", err)
	}
	_, port, err := net.SplitHostPort(listen(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "hello") }))
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := c.Dial(t.Context(), "p", number)
	if err != nil {
		t.Errorf("Dial: %v", err)
		return
	}
	defer conn.Close()
	if said, err := io.ReadAll(conn); string(said) != "hello" {
		t.Errorf("read %q, %v through the port-forward", said, err)
	}
}

func TestEveryRequestGoesTheKubeconfigsWay(t *testing.T) {
	cert, key := certificate(t, "kim", time.Now().Add(time.Hour))
	tokenFile := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(tokenFile, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		cluster clientcmdapi.Cluster // the server and its authority are added, unless given
		user    clientcmdapi.AuthInfo
		proxy   string // its scheme
		who     string
	}{
		{name: "a token", user: clientcmdapi.AuthInfo{Token: "secret"}, who: "secret"},
		{name: "a token file", user: clientcmdapi.AuthInfo{TokenFile: tokenFile}, who: "from-a-file"},
		{name: "a client certificate", user: clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}, who: "cert:kim"},
		{name: "a credential plug-in", user: clientcmdapi.AuthInfo{Exec: plugin("token", "from-a-plugin")}, who: "from-a-plugin"},
		{
			name: "impersonation", who: "secret as:lee of students+seoul",
			user: clientcmdapi.AuthInfo{Token: "secret", Impersonate: "lee", ImpersonateGroups: []string{"students", "seoul"}},
		},
		{name: "another name of the server", cluster: clientcmdapi.Cluster{TLSServerName: "example.com"}},
		{name: "any certificate", cluster: clientcmdapi.Cluster{InsecureSkipTLSVerify: true}},
		{name: "an HTTP proxy", proxy: "http", user: clientcmdapi.AuthInfo{Token: "secret"}, who: "secret"},
		{name: "a SOCKS proxy", proxy: "socks5", user: clientcmdapi.AuthInfo{Token: "secret"}, who: "secret"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := newPorter(t)
			cluster := test.cluster
			cluster.Server = server.URL
			if !cluster.InsecureSkipTLSVerify {
				cluster.CertificateAuthorityData = authority(server.Server)
			}
			way := &proxy{target: server.Listener.Addr().String()}
			if test.proxy != "" {
				// Only the proxy knows the way to this server.
				cluster.Server, cluster.TLSServerName = "https://api.workshop.invalid:6443", "example.com"
				talk := map[string]func(net.Conn){"http": way.http, "socks5": way.socks}[test.proxy]
				cluster.ProxyURL = test.proxy + "://" + listen(t, talk)
			}
			c, err := Open(Config{Kubeconfig: kubeconfig(t, cluster, test.user)})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			everyWay(t, c)
			server.mu.Lock()
			defer server.mu.Unlock()
			want := map[string]string{"version": test.who, "exec": test.who, "log": test.who, "portforward": test.who}
			if diff := cmp.Diff(want, server.callers); diff != "" {
				t.Errorf("callers (-want +got):\n%s", diff)
			}
			way.mu.Lock()
			defer way.mu.Unlock()
			for _, address := range way.asked {
				if address != "api.workshop.invalid:6443" {
					t.Errorf("the proxy was asked for %s", address)
				}
			}
			if (len(way.asked) > 0) != (test.proxy != "") {
				t.Errorf("%d connections through the proxy", len(way.asked))
			}
		})
	}
}

// plugin is a credential plug-in: this test binary, which then does what asPlugin says.
func plugin(args ...string) *clientcmdapi.ExecConfig {
	return &clientcmdapi.ExecConfig{
		Command: os.Args[0], Args: append([]string{"as-plugin"}, args...), APIVersion: clientauth.SchemeGroupVersion.String(),
		InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
	}
}

func asPlugin(args []string) int {
	token, expires := args[1], (*metav1.Time)(nil)
	switch args[0] {
	case "fail":
		fmt.Fprintln(os.Stderr, token)
		return 7
	case "garbage":
		fmt.Print(token)
		return 0
	case "hang": // until the other side has closed the connection
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", token)
		if err != nil {
			return 1
		}
		_, _ = io.Copy(io.Discard, conn)
		return 1
	case "once": // a login that nothing is kept of
		content, err := os.ReadFile(token)
		if err == nil {
			err = os.Remove(token)
		}
		if err != nil {
			return 1
		}
		token = string(content)
	case "file", "expiring":
		content, err := os.ReadFile(token)
		if err != nil {
			return 1
		}
		token = string(content)
		if args[0] == "expiring" {
			expires = &metav1.Time{Time: time.Now()}
		}
	}
	err := json.NewEncoder(os.Stdout).Encode(clientauth.ExecCredential{
		TypeMeta: metav1.TypeMeta{Kind: "ExecCredential", APIVersion: clientauth.SchemeGroupVersion.String()},
		Status:   &clientauth.ExecCredentialStatus{Token: token, ExpirationTimestamp: expires},
	})
	if err != nil {
		return 1
	}
	return 0
}

func TestCredentialPlugins(t *testing.T) {
	with := func(server *porter, exec *clientcmdapi.ExecConfig) *Client {
		c, err := Open(Config{NoPrompt: true, Kubeconfig: kubeconfig(t, clientcmdapi.Cluster{
			Server: server.URL, CertificateAuthorityData: authority(server.Server),
		}, clientcmdapi.AuthInfo{Exec: exec})})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	missing := plugin()
	missing.Command = "no-such-plugin"
	missing.InstallHint = "install \x1b[31mit"
	for _, test := range []struct {
		name string
		exec *clientcmdapi.ExecConfig
		want string
	}{
		{"missing", missing, "executable no-such-plugin not found"},
		{"fails", plugin("fail", "token expired"), "failed with exit code 7"},
		{"says nothing that makes sense", plugin("garbage", "\x1b[31mlog in\n"), "the credential plug-in failed"},
		{"gives no credentials", plugin("token", ""), "the credential plug-in failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := with(newPorter(t), test.exec).Version(t.Context())
			told(t, err, test.want)
		})
	}
	t.Run("hangs", func(t *testing.T) {
		asked := make(chan struct{})
		var once sync.Once
		address := listen(t, func(conn net.Conn) {
			once.Do(func() { close(asked) })
			_, _ = io.Copy(io.Discard, conn)
		})
		c := with(newPorter(t), plugin("hang", address))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-asked
			cancel()
		}()
		_, err := c.Version(ctx)
		told(t, err, "does not answer")
		if !errors.Is(err, ErrHangs) {
			t.Errorf("error %v, want ErrHangs", err)
		}
	})
	for _, kind := range []string{"file", "expiring"} {
		t.Run("gives new credentials, "+kind, func(t *testing.T) {
			token := filepath.Join(t.TempDir(), "token")
			renew := func(text string) {
				if err := os.WriteFile(token, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			renew("first")
			server := newPorter(t)
			server.demand("first")
			c := with(server, plugin(kind, token))
			everyWay(t, c)
			server.demand("second")
			renew("second")
			// Whoever is refused has the plug-in called again for the next request; what has expired is not even tried.
			if _, err := c.Version(t.Context()); (err != nil) != (kind == "file") {
				t.Errorf("Version after the change: %v", err)
			}
			everyWay(t, c)
		})
	}
}
