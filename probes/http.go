package probes

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// maxRedirects is how many redirects are followed (pkg/probe/http, RedirectChecker).
const maxRedirects = 10

// httpMechanism sends a GET request (pkg/probe/http). The request is built once and only copied for each try.
type httpMechanism struct {
	request   *http.Request
	transport *http.Transport
}

func newHTTPMechanism(action *HTTPAction, target Target) mechanism {
	port, err := action.Port.Resolve(target.Ports)
	if err != nil {
		return erring{err}
	}
	request, err := newHTTPRequest(action, address(action.Host, target.Host, port), target.UserAgent)
	if err != nil {
		return erring{err}
	}
	// Unless it is asked for, HTTP/2 is negotiated over TLS only. Both schemes are needed: a redirect may lead from one to the other.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!action.H2C)
	protocols.SetHTTP2(!action.H2C)
	protocols.SetUnencryptedHTTP2(action.H2C)
	return httpMechanism{
		request: request,
		transport: &http.Transport{
			DialContext:         dialNoted(target.Dial),
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, // a probe asks for health, not for identity
			TLSHandshakeTimeout: 10 * time.Second,
			DisableKeepAlives:   true,
			DisableCompression:  true, // no Accept-Encoding header
			Protocols:           protocols,
		},
	}
}

// newHTTPRequest builds the request as the kubelet does (pkg/probe/http/request.go).
func newHTTPRequest(action *HTTPAction, address, userAgent string) (*http.Request, error) {
	// A path that is no URL reference is sent as a path, whatever it is. One that is may hold a query.
	u, err := url.Parse(action.Path)
	if err != nil {
		u = &url.URL{Path: action.Path}
	}
	u.Scheme = strings.ToLower(action.Scheme)
	u.Host = address
	request, err := http.NewRequest(http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	for _, h := range action.Headers {
		request.Header.Add(h.Name, h.Value)
	}
	if _, ok := request.Header["User-Agent"]; !ok {
		request.Header.Set("User-Agent", userAgent)
	}
	if _, ok := request.Header["Accept"]; !ok {
		request.Header.Set("Accept", "*/*")
	} else if request.Header.Get("Accept") == "" {
		request.Header.Del("Accept")
	}
	request.Host = request.Header.Get("Host")
	return request, nil
}

func (m httpMechanism) try(ctx context.Context, l limit) answer {
	// The client's own timeout rather than a deadline of ctx makes the message the one that the kubelet shows.
	client := http.Client{Transport: m.transport, CheckRedirect: checkRedirect, Timeout: l.total()}
	dialed := &dialed{}
	response, err := client.Do(m.request.WithContext(context.WithValue(ctx, dialedKey{}, dialed)))
	if err != nil {
		dialed.close()
		var timeout interface{ Timeout() bool }
		return answer{outcome: Failure, message: err.Error(), late: errors.As(err, &timeout) && timeout.Timeout()}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxOutput))
	if err != nil {
		// A body that breaks off makes the kubelet's probe err, whatever the status was.
		return answer{outcome: Unknown, message: err.Error(), state: Failure}
	}
	switch code := response.StatusCode; {
	case code < 200 || code >= 400:
		return failed(fmt.Sprintf("HTTP probe failed with statuscode: %d", code))
	case code >= 300:
		return answer{
			outcome: Success, warning: true,
			message: "Probe terminated redirects, Response body: " + string(body),
		}
	default:
		return passed(string(body))
	}
}

// dialed are the connections of one try. The transport goes on with a TLS handshake after the try has ended, which takes
// no longer once the connection is closed.
type dialed struct {
	mu     sync.Mutex
	conns  []net.Conn
	closed bool
}

type dialedKey struct{}

// dialNoted is dial, and adds the connection to the try that it is for.
func dialNoted(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if d, ok := ctx.Value(dialedKey{}).(*dialed); ok && err == nil {
			d.add(conn)
		}
		return conn, err
	}
}

func (d *dialed) add(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.conns = append(d.conns, conn)
	if d.closed {
		_ = conn.Close()
	}
}

func (d *dialed) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, conn := range d.conns {
		_ = conn.Close() // the transport may have done so
	}
}

// checkRedirect ends at a redirect to another host, with the redirect as the response.
func checkRedirect(request *http.Request, via []*http.Request) error {
	if request.URL.Hostname() != via[0].URL.Hostname() {
		return http.ErrUseLastResponse
	}
	if len(via) >= maxRedirects {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}
