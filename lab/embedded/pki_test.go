package embedded

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPKI(t *testing.T) {
	dir := t.TempDir()
	p, err := newPKI(dir)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(p.ca) {
		t.Fatal("the authority's certificate cannot be read")
	}
	for _, c := range []struct {
		name   string
		pair   keyPair
		host   string
		usage  x509.ExtKeyUsage
		denied x509.ExtKeyUsage
	}{
		{"server", p.server, "127.0.0.1", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning},
		{"server by service address", p.server, serviceIP, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning},
		{"node serving", p.nodeServing, "127.0.0.1", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning},
		{"internal", p.internal, "127.0.0.1", x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageCodeSigning},
		{"admin", p.admin, "", x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		{"node client", p.nodeClient, "", x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := tls.X509KeyPair(c.pair.cert, c.pair.key); err != nil {
				t.Fatal(err)
			}
			block, _ := pem.Decode(c.pair.cert)
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			options := x509.VerifyOptions{Roots: roots, DNSName: c.host, KeyUsages: []x509.ExtKeyUsage{c.usage}}
			if _, err := cert.Verify(options); err != nil {
				t.Errorf("not good for its purpose: %v", err)
			}
			for _, clock := range []time.Time{time.Unix(1, 0), time.Now().Add(-time.Hour * 24 * 365), time.Now().AddDate(9, 0, 0)} {
				options.CurrentTime = clock
				if _, err := cert.Verify(options); err != nil {
					t.Errorf("not good any more when the clock jumps to %v: %v", clock, err)
				}
			}
			options.KeyUsages = []x509.ExtKeyUsage{c.denied}
			if _, err := cert.Verify(options); err == nil {
				t.Error("good for another purpose too")
			}
		})
	}
	for _, name := range files(t, dir) {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("mode of %s is %o, want 600", name, got)
		}
	}
}
