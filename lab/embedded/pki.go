package embedded

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// certificateLifetime is how long after their making the certificates of a run are valid; they are from the beginning of
// the clock on. Their keys go when the run does, so there is nothing to gain from less; and the clock of a laptop may jump,
// from 1970 to today as well as back.
const certificateLifetime = 10 * 365 * 24 * time.Hour

// pki holds the keys and certificates of one run. They are made anew for each run, so the administrator's certificate is
// that run's random credential. What only file names can be given for is in a directory that only the user can read.
type pki struct {
	ca          []byte // PEM
	server      keyPair
	admin       keyPair
	nodeServing keyPair
	nodeClient  keyPair
	internal    keyPair // the API server towards the kubelet API and etcd, and etcd itself

	caFile            string
	internalCert      string
	internalKey       string
	serviceAccountKey string
}

// keyPair is a certificate and its private key, both PEM.
type keyPair struct{ cert, key []byte }

// newPKI makes all keys and certificates of a run and writes those that are needed as files into dir, which must exist.
func newPKI(dir string) (*pki, error) {
	authority, err := newAuthority()
	if err != nil {
		return nil, err
	}
	loopback := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	p := &pki{
		ca:                authority.pem,
		caFile:            filepath.Join(dir, "ca.crt"),
		internalCert:      filepath.Join(dir, "internal.crt"),
		internalKey:       filepath.Join(dir, "internal.key"),
		serviceAccountKey: filepath.Join(dir, "service-account.key"),
	}
	for _, c := range []struct {
		into *keyPair
		name pkix.Name
		dns  []string
		ips  []net.IP
	}{
		{
			&p.server,
			pkix.Name{CommonName: "kube-apiserver"},
			[]string{
				"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
				"kubernetes.default.svc.cluster.local",
			},
			append(loopback, net.ParseIP(serviceIP)),
		},
		{&p.admin, pkix.Name{CommonName: "healthlab-admin", Organization: []string{"system:masters"}}, nil, nil},
		{&p.nodeServing, pkix.Name{CommonName: "system:node:" + NodeName}, []string{NodeName}, append(loopback, nodeAddress().AsSlice())},
		{
			&p.nodeClient,
			pkix.Name{CommonName: "system:node:" + NodeName, Organization: []string{"system:masters"}},
			nil, nil,
		},
		{&p.internal, pkix.Name{CommonName: "healthlab-internal"}, []string{"localhost"}, loopback},
	} {
		if *c.into, err = authority.issue(c.name, c.dns, c.ips); err != nil {
			return nil, err
		}
	}
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the service account key: %w", err)
	}
	signerPEM, err := encodeKey(signer)
	if err != nil {
		return nil, err
	}
	for name, content := range map[string][]byte{
		p.caFile: p.ca, p.internalCert: p.internal.cert, p.internalKey: p.internal.key, p.serviceAccountKey: signerPEM,
	} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			return nil, fmt.Errorf("write the keys of this run: %w", err)
		}
	}
	return p, nil
}

// clientConfig is how a component of this process reaches the API server. It is not limited on the client's side: the
// server is on this machine.
func (p *pki) clientConfig(server string, as keyPair) *rest.Config {
	return &rest.Config{
		Host:            server,
		TLSClientConfig: rest.TLSClientConfig{CAData: p.ca, CertData: as.cert, KeyData: as.key},
		QPS:             -1,
	}
}

// kubeconfig is the administrator's.
func (p *pki) kubeconfig(server string) ([]byte, error) {
	content, err := clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{
			ContextName: {Server: server, CertificateAuthorityData: p.ca},
		},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{
			ContextName: {ClientCertificateData: p.admin.cert, ClientKeyData: p.admin.key},
		},
		Contexts:       map[string]*clientcmdapi.Context{ContextName: {Cluster: ContextName, AuthInfo: ContextName}},
		CurrentContext: ContextName,
	})
	if err != nil {
		return nil, fmt.Errorf("write the kubeconfig: %w", err)
	}
	return content, nil
}

// authority is the certificate authority of one run.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
	pem  []byte
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the authority's key: %w", err)
	}
	template, err := template(pkix.Name{CommonName: "healthlab"})
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the authority's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the authority's certificate back: %w", err)
	}
	return &authority{cert: cert, key: key, pem: encode("CERTIFICATE", der)}, nil
}

// issue makes a certificate that is good for clients and, where it has names or addresses, for servers too.
func (a *authority) issue(name pkix.Name, dns []string, ips []net.IP) (keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keyPair{}, fmt.Errorf("make the key of %s: %w", name.CommonName, err)
	}
	template, err := template(name)
	if err != nil {
		return keyPair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if len(dns)+len(ips) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	template.DNSNames, template.IPAddresses = dns, ips
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		return keyPair{}, fmt.Errorf("make the certificate of %s: %w", name.CommonName, err)
	}
	keyPEM, err := encodeKey(key)
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{cert: encode("CERTIFICATE", der), key: keyPEM}, nil
}

func template(name pkix.Name) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("choose a serial number: %w", err)
	}
	return &x509.Certificate{
		SerialNumber:          serial,
		Subject:               name,
		NotBefore:             time.Unix(0, 0),
		NotAfter:              time.Now().Add(certificateLifetime),
		BasicConstraintsValid: true,
	}, nil
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	return encode("EC PRIVATE KEY", der), nil
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
