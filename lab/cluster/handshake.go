package cluster

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/client-go/rest"
)

// alertWithin is how long a server's word on a client certificate may take after the handshake.
const alertWithin = 3 * time.Second

// broken reports whether a connection was ended by the other side. client-go says at the end of an error how the attempt
// before went, but does not wrap it.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		slices.ContainsFunc([]string{
			": EOF", "connection reset by peer", "broken pipe", "http2: client conn could not be established",
		}, func(end string) bool { return strings.HasSuffix(err.Error(), end) })
}

// whyBroken returns what the server has against the client's certificate if that is why a request failed with err, and err
// otherwise. With TLS 1.3 the client's side of the handshake is over before the server has looked at the certificate. What
// the client writes meanwhile makes it chance whether it reads the server's alert or only finds the connection closed; on a
// connection on which it writes nothing more, the alert arrives.
func (c *Client) whyBroken(ctx context.Context, err error) error {
	if err == nil || !broken(err) {
		return err
	}
	server, _, failed := rest.DefaultServerUrlFor(c.rest)
	if failed != nil || server.Scheme != "https" || c.proxied(server) {
		return err
	}
	config, failed := rest.TLSConfigFor(c.rest)
	if failed != nil || config == nil || len(config.Certificates) == 0 && config.GetClientCertificate == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, alertWithin)
	defer cancel()
	address := server.Host
	if server.Port() == "" {
		address += ":https"
	}
	conn, failed := c.rest.Dial(ctx, "tcp", address)
	if failed != nil {
		return err
	}
	defer conn.Close()
	if config.ServerName == "" {
		config.ServerName = server.Hostname()
	}
	quiet := tls.Client(conn, config)
	failed = quiet.HandshakeContext(ctx)
	if failed == nil {
		deadline, _ := ctx.Deadline()
		_ = conn.SetReadDeadline(deadline)
		defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
		_, failed = quiet.Read(make([]byte, 1))
	}
	if failed != nil && clientCertificate(failed) {
		return failed
	}
	return err
}

// proxied reports whether something stands between this machine and the server on purpose.
func (c *Client) proxied(server *url.URL) bool {
	through := c.rest.Proxy
	if through == nil {
		through = utilnet.NewProxierWithNoProxyCIDR(http.ProxyFromEnvironment)
	}
	proxy, err := through(&http.Request{URL: server})
	return err != nil || proxy != nil
}
