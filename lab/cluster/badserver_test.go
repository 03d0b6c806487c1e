package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"healthlab/lab"
)

// listen serves every connection to a port of this machine with talk, and returns the port's address.
func listen(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			served.Go(func() {
				defer stop()
				defer conn.Close()
				talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		end()
		served.Wait()
	})
	return listener.Addr().String()
}

// banner is a server that speaks first, and then waits for an answer in its own language.
func banner(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn)
	}
}

// page answers every request with a web page.
func page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<html><h1>Welcome to the hotel's network</h1>\x1b[31m")
}

// secure starts an API server with TLS. change may alter its configuration first.
func secure(t *testing.T, handler http.Handler, change func(*tls.Config)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are to fail
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	if change != nil {
		change(s.TLS)
	}
	s.StartTLS()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// certificate makes one for host that is good until the given time, signed by itself.
func certificate(t testing.TB, host string, until time.Time) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: until.Add(-24 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})
}

// authority is the certificate that a client has to trust to believe a server.
func authority(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
}

// kubeconfig writes one with a single context.
func kubeconfig(t *testing.T, cluster clientcmdapi.Cluster, user clientcmdapi.AuthInfo) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["c"], config.AuthInfos["u"] = &cluster, &user
	config.Contexts["one"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}
	config.CurrentContext = "one"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// told checks that err says want, in both languages and with nothing that could steer a terminal.
func told(t *testing.T, err error, want string) {
	t.Helper()
	var e *lab.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a *lab.Error", err)
	}
	if !strings.Contains(e.Msg.En, want) || e.Msg.Ko == "" || e.Msg.Ko == e.Msg.En {
		t.Errorf("message %q / %q does not say %q", e.Msg.En, e.Msg.Ko, want)
	}
	for _, text := range []string{e.Msg.Ko, e.Msg.En} {
		if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("message %q contains control characters", text)
		}
	}
}

func TestWhatIsNoAPIServer(t *testing.T) {
	web := func(h http.HandlerFunc) string {
		s := httptest.NewServer(h)
		t.Cleanup(func() {
			s.CloseClientConnections()
			s.Close()
		})
		return s.URL
	}
	const noCluster = "does not seem to be a Kubernetes API server"
	tests := []struct{ name, server, want string }{
		{"a web page", web(page), noCluster},
		{"redirects without end", web(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/login?from="+r.URL.Path, http.StatusFound)
		}), noCluster},
		{"redirects to a web page", web(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/login" {
				http.Redirect(w, r, "/login", http.StatusFound)
				return
			}
			page(w, r)
		}), noCluster},
		{"nothing there", web(http.NotFound), noCluster},
		{"JSON of another kind", web(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"UP"}`) }), noCluster},
		{"another proxy's error", web(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>bad\x1b[31m gateway</html>")
		}), "API server http"},
		{"SSH, asked for TLS", "https://" + listen(t, banner("SSH-2.0-OpenSSH_9.6\r\n")), noCluster},
		{"SSH, asked for HTTP", "http://" + listen(t, banner("SSH-2.0-OpenSSH_9.6\r\n")), noCluster},
		{"SMTP, asked for TLS", "https://" + listen(t, banner("220 mail\x1b[31m.example ESMTP\r\n")), noCluster},
		{"SMTP, asked for HTTP", "http://" + listen(t, banner("220 mail\x1b[31m.example ESMTP\r\n")), noCluster},
		{"HTTP, asked for TLS", strings.Replace(web(page), "http://", "https://", 1), noCluster},
		{"TLS, asked for HTTP", strings.Replace(secure(t, http.HandlerFunc(page), nil).URL, "https://", "http://", 1), noCluster},
		{"hangs up", "https://" + listen(t, func(net.Conn) {}), "was closed"},
		{"never answers, asked for TLS", "https://" + listen(t, banner("")), "does not answer in time"},
		{"never answers, asked for HTTP", "http://" + listen(t, banner("")), "does not answer in time"},
		{"answers without end", web(func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, strings.Repeat(" ", 1<<10))
			}
		}), noCluster},
		{"no such name", "https://kubernetes.invalid", "cannot be found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := Open(Config{Kubeconfig: kubeconfig(t, clientcmdapi.Cluster{Server: test.server, InsecureSkipTLSVerify: true}, clientcmdapi.AuthInfo{})})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err = c.Version(ctx)
			told(t, err, test.want)
		})
	}
}

func TestCertificatesThatAreNoGood(t *testing.T) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"gitVersion":"v1.37.2"}`) })
	good := secure(t, answer, nil)
	other, otherKey := certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	old, oldKey := certificate(t, "kim", time.Now().Add(-time.Hour))
	with := func(cert, key []byte) func(*tls.Config) {
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		return func(c *tls.Config) { c.Certificates = []tls.Certificate{pair} }
	}
	expired := secure(t, answer, with(old, oldKey))
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(old)
	strict := secure(t, answer, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, clients })
	const distrusted = "cannot be trusted"
	tests := []struct {
		name    string
		cluster clientcmdapi.Cluster
		user    clientcmdapi.AuthInfo
		want    string // empty: it works
	}{
		{"good", clientcmdapi.Cluster{Server: good.URL, CertificateAuthorityData: authority(good)}, clientcmdapi.AuthInfo{}, ""},
		{"no authority", clientcmdapi.Cluster{Server: good.URL}, clientcmdapi.AuthInfo{}, distrusted},
		{"another authority", clientcmdapi.Cluster{Server: good.URL, CertificateAuthorityData: other}, clientcmdapi.AuthInfo{}, distrusted},
		{"another name", clientcmdapi.Cluster{
			Server: good.URL, CertificateAuthorityData: authority(good), TLSServerName: "kubernetes.workshop",
		}, clientcmdapi.AuthInfo{}, distrusted},
		{"its own name, given", clientcmdapi.Cluster{
			Server: good.URL, CertificateAuthorityData: authority(good), TLSServerName: "example.com",
		}, clientcmdapi.AuthInfo{}, ""},
		{"expired", clientcmdapi.Cluster{
			Server: expired.URL, CertificateAuthorityData: old, TLSServerName: "kim",
		}, clientcmdapi.AuthInfo{}, distrusted},
		{"expired, and not looked at", clientcmdapi.Cluster{Server: expired.URL, InsecureSkipTLSVerify: true}, clientcmdapi.AuthInfo{}, ""},
		{"the client's has expired", clientcmdapi.Cluster{Server: strict.URL, CertificateAuthorityData: authority(strict)}, clientcmdapi.AuthInfo{
			ClientCertificateData: old, ClientKeyData: oldKey,
		}, "does not accept the client certificate"},
		{"the client's is of another authority", clientcmdapi.Cluster{
			Server: strict.URL, CertificateAuthorityData: authority(strict),
		}, clientcmdapi.AuthInfo{ClientCertificateData: other, ClientKeyData: otherKey}, "does not accept the client certificate"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := Open(Config{Kubeconfig: kubeconfig(t, test.cluster, test.user)})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			version, err := c.Version(t.Context())
			if test.want == "" {
				if err != nil || version != "v1.37.2" {
					t.Errorf("got %q, %v", version, err)
				}
				return
			}
			told(t, err, test.want)
		})
	}
}

func TestKubeconfigsThatAreNoGood(t *testing.T) {
	dir := t.TempDir()
	huge := filepath.Join(dir, "huge")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, maxKubeconfig+1); err != nil {
		t.Fatal(err)
	}
	with := func(old, replacement string) string {
		return writeConfig(t, strings.ReplaceAll(twoContexts, old, replacement))
	}
	tests := []struct{ name, path, want string }{
		{"a directory", dir, "it is a directory"},
		{"too large", huge, "too large"},
		{"below a file", filepath.Join(huge, "config"), "cannot read"},
		{"empty", writeConfig(t, ""), "has no contexts"},
		{"not YAML", writeConfig(t, "a: ["), "cannot read"},
		{"not a kubeconfig", writeConfig(t, "apiVersion: v1\nkind: Secret\n"), "cannot read"},
		{"not text", writeConfig(t, "\x00\x01\x7fELF\x1b[31m"), "cannot read"},
		{"no such user", with("user: u}", "user: nobody}"), `refers to user "nobody"`},
		{"no such user, by an evil name", with("user: u}", `user: "no\e[31mbody"}`), `refers to user "no\x1b[31mbody"`},
		{"no such cluster, by an evil name", with("cluster: c,", `cluster: "g\e[31mone",`), `refers to cluster "g\x1b[31mone"`},
		{"an evil name", with("one", `"o\ane"`), `"o\ane" of the kubeconfig`},
		{"a name written backwards", with("one", `"\u202eeno"`), `"\u202eeno" of the kubeconfig`},
		{"an evil server", with("http://127.0.0.1:1", `http://\e]0;owned\a127.0.0.1:1`), "contains control characters"},
		{"an evil namespace", with("{cluster: c, user: u}", `{cluster: c, user: u, namespace: "a\e[2Jb"}`), "contains control characters"},
		{"a server that is none", with("http://127.0.0.1:1", "https://[::1"), "is not valid"},
		{"a certificate without end", with("user: {}", "user: {client-certificate: /dev/zero, client-key: /dev/zero}"), "cannot read the credentials file /dev/zero"},
		{"a token without end", with("user: {}", "user: {tokenFile: /dev/zero}"), "cannot read the credentials file /dev/zero"},
		{"an authority without end", with("cluster: {", "cluster: {certificate-authority: /dev/zero, "), "cannot read the credentials file /dev/zero"},
		{"an authority that is too large", with("cluster: {", "cluster: {certificate-authority: "+huge+", "), "too large"},
		{"an evil certificate", with("user: {}", `user: {client-certificate: "/no\e[31mwhere", client-key: /nowhere}`), "cannot be used"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(Config{Kubeconfig: test.path})
			told(t, err, test.want)
		})
	}
}
