package nginx

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// proxyPass is where proxy_pass sends requests.
type proxyPass struct {
	url    template
	fixed  *url.URL // nil: it has variables
	path   bool     // it has a path, which takes the place of the location's
	prefix string
}

func (c *compiler) proxyPass(s *scope, d *directive) (*proxyPass, error) {
	text := d.args[0]
	p := &proxyPass{prefix: s.prefix}
	var err error
	if p.url, err = c.template(d, text); err != nil {
		return nil, err
	}
	if strings.Contains(text, "$") {
		return p, nil
	}
	if !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://") {
		return nil, d.fault("invalid URL prefix")
	}
	if p.fixed, err = url.Parse(text); err != nil || p.fixed.Host == "" {
		return nil, d.fault("invalid host in upstream %q", text)
	}
	p.path = p.fixed.Path != "" || p.fixed.RawQuery != ""
	if p.path && (s.regex || strings.HasPrefix(s.prefix, "@") || d.in == inLocationIf) {
		return nil, d.fault(`"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block`)
	}
	if c.cfg.pools[p.fixed.Host] != nil {
		return p, nil
	}
	return p, c.findHost(d, p.fixed.Hostname(), p.fixed.Hostname())
}

// target returns where a request goes.
func (e *exchange) target(p *proxyPass) (*url.URL, error) {
	if p.fixed == nil {
		u, err := url.Parse(e.expand(p.url))
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("invalid URL prefix in %q", e.expand(p.url))
		}
		if u.Path == "" {
			u.Path, u.RawQuery = e.uri, e.args
		}
		return u, nil
	}
	u := *p.fixed
	u.RawQuery = e.args
	u.Path = e.uri
	if p.path {
		u.Path = p.fixed.Path + strings.TrimPrefix(e.uri, p.prefix)
	}
	return &u, nil
}

// proxy passes a request on and its answer back.
func (e *exchange) proxy(p *proxyPass) {
	u, err := e.target(p)
	if err != nil {
		e.errorf("%v", err)
		e.fail(http.StatusInternalServerError)
		return
	}
	e.proxyHost = u.Host
	if port := portOf(u.Host); port == "80" && u.Scheme == "http" {
		e.proxyHost = strings.TrimSuffix(u.Host, ":80")
	}
	peers := e.order(u.Host, u.Scheme == "https")
	if len(peers) == 0 {
		e.errorf("no live upstreams while connecting to upstream, %s, upstream: %q", e.about(), u)
		e.fail(http.StatusBadGateway)
		return
	}
	began := time.Now()
	for i, one := range peers {
		address := one.address
		one.active.Add(1)
		defer one.active.Add(-1) // few of them: each server once
		resp, err := e.pass(u, address)
		e.upstreamAddr, e.upstreamTime = address, fmt.Sprintf("%.3f", time.Since(began).Seconds())
		if err == nil && i < len(peers)-1 && slices.Contains(e.scope.next, "http_"+strconv.Itoa(resp.StatusCode)) {
			_ = resp.Body.Close()
			continue
		}
		if err == nil {
			defer resp.Body.Close()
			e.upstreamStatus, e.upstreamHeader = strconv.Itoa(resp.StatusCode), resp.Header
			e.passBack(resp, u)
			return
		}
		status := e.upstreamFailed(err, u, address)
		e.upstreamStatus = strconv.Itoa(status)
		if e.r.Context().Err() != nil {
			e.w.status = 499
			return
		}
		if i == len(peers)-1 {
			e.fail(status)
		}
	}
}

// pass sends the request to one server.
func (e *exchange) pass(u *url.URL, address string) (*http.Response, error) {
	method := e.r.Method
	if m := e.scope.proxyMethod; m != "" {
		method = m
	}
	out, err := http.NewRequestWithContext(e.r.Context(), method, u.String(), e.r.Body)
	if err != nil {
		return nil, err
	}
	out.ContentLength = e.r.ContentLength
	out.Header = e.r.Header.Clone()
	for _, h := range []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		out.Header.Del(h)
	}
	if _, given := out.Header["User-Agent"]; !given {
		out.Header["User-Agent"] = nil // Go would add its own
	}
	out.Host = e.proxyHost
	for _, h := range e.scope.proxyHeaders {
		v := e.expand(h.value)
		switch {
		case strings.EqualFold(h.name, "Host"):
			out.Host = v
		case v == "":
			out.Header.Del(h.name)
		default:
			out.Header.Set(h.name, v)
		}
	}
	transport := &http.Transport{
		DisableKeepAlives: true, DisableCompression: true, ResponseHeaderTimeout: e.scope.proxyRead,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // proxy_ssl_verify is off by default
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, e.scope.proxyConnect)
			defer cancel()
			return e.s.p.Dial(ctx, network, address)
		},
	}
	return transport.RoundTrip(out)
}

// upstreamFailed logs why a server did not answer, and returns the status that the client gets.
func (e *exchange) upstreamFailed(err error, u *url.URL, address string) int {
	say := func(format string, args ...any) {
		e.logError(fmt.Sprintf(format, args...) + ", " + e.about() + fmt.Sprintf(", upstream: \"%s://%s%s\"", u.Scheme, address, u.RequestURI()) + e.hostPart())
	}
	var timeout net.Error
	var name *net.DNSError
	switch {
	case errors.As(err, &name):
		say("%s could not be resolved (3: Host not found)", name.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		say("connect() failed (111: Connection refused) while connecting to upstream")
	case errors.Is(err, syscall.EHOSTUNREACH):
		say("connect() failed (113: No route to host) while connecting to upstream")
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		say("upstream timed out (110: Connection timed out) while reading response header from upstream")
		return http.StatusGatewayTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		say("upstream prematurely closed connection while reading response header from upstream")
	case errors.Is(err, syscall.ECONNRESET):
		say("recv() failed (104: Connection reset by peer) while reading response header from upstream")
	default:
		say("upstream sent invalid header while reading response header from upstream")
	}
	return http.StatusBadGateway
}

// passBack answers with what a server has answered.
func (e *exchange) passBack(resp *http.Response, u *url.URL) {
	if _, has := e.scope.errorPages[resp.StatusCode]; has && e.scope.proxyCatch && resp.StatusCode >= 300 {
		e.fail(resp.StatusCode)
		return
	}
	h := e.w.Header()
	for name, values := range resp.Header {
		hidden := slices.ContainsFunc(e.scope.proxyHide, func(n string) bool { return strings.EqualFold(n, name) })
		switch name {
		case "Date", "Server", "Connection", "Keep-Alive", "X-Pad", "X-Accel-Redirect", "X-Accel-Expires", "X-Accel-Limit-Rate", "X-Accel-Buffering", "X-Accel-Charset":
			continue
		}
		if !hidden {
			h[name] = values
		}
	}
	if location := h.Get("Location"); location != "" {
		h.Set("Location", e.movedBack(location, u))
	}
	if resp.ContentLength >= 0 {
		h.Set("Content-Length", strconv.FormatInt(resp.ContentLength, 10))
	}
	e.w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(e.w, resp.Body) // either end may leave; both know
}

// movedBack is the Location of a proxied answer as the client sees it (proxy_redirect).
func (e *exchange) movedBack(location string, u *url.URL) string {
	rule := e.scope.proxyRedirect
	from, to := u.Scheme+"://"+u.Host+"/", "/"
	switch {
	case len(rule) == 1 && rule[0] == "off":
		return location
	case len(rule) == 2:
		from, to = rule[0], rule[1]
	case e.scope.proxy != nil && e.scope.proxy.path:
		from, to = e.scope.proxy.fixed.String(), e.scope.prefix
	}
	rest, ok := strings.CutPrefix(location, from)
	if !ok {
		return location
	}
	if to += rest; strings.HasPrefix(to, "/") {
		host := e.r.Host
		return e.scheme() + "://" + host + to
	}
	return to
}
