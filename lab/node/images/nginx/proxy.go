package nginx

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
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

// pool is an upstream block.
type pool struct {
	peers  []*peer
	turn   atomic.Uint32
	method string // least_conn, ip_hash or random; empty: in turn
}

type peer struct {
	address string
	weight  int
	backup  bool
	down    bool
	active  atomic.Int64 // requests under way
}

func (c *compiler) pool(d *directive) error {
	p := &pool{}
	for _, e := range d.block {
		switch e.name {
		case "least_conn", "ip_hash", "random":
			if len(e.args) > 0 {
				return e.fault("\"random %s\" is not supported here", e.args[0])
			}
			p.method = e.name
		}
		if e.name != "server" {
			continue
		}
		one := &peer{address: e.args[0], weight: 1}
		for _, a := range e.args[1:] {
			name, value, _ := strings.Cut(a, "=")
			switch name {
			case "weight":
				n, err := strconv.Atoi(value)
				if err != nil || n < 1 {
					return e.fault("invalid parameter %q", a)
				}
				one.weight = min(n, 1000)
			case "backup":
				one.backup = true
			case "down":
				one.down = true
			case "max_fails", "fail_timeout", "max_conns", "resolve":
			default:
				return e.fault("invalid parameter %q", a)
			}
		}
		if strings.HasPrefix(one.address, "unix:") {
			return e.fault("%s is not supported here", one.address)
		}
		host, _, err := net.SplitHostPort(one.address)
		if err != nil {
			host, one.address = one.address, net.JoinHostPort(strings.Trim(one.address, "[]"), "80")
		}
		if err := c.findHost(e, host, e.args[0]); err != nil {
			return err
		}
		p.peers = append(p.peers, one)
	}
	if len(p.peers) == 0 {
		return d.fault("no servers are inside upstream")
	}
	c.cfg.pools[d.args[0]] = p
	return nil
}

// findHost looks a name up, as nginx does when it starts. Dialing tells whether there is the name: whether the port
// answers does not matter.
func (c *compiler) findHost(d *directive, host, said string) error {
	if net.ParseIP(strings.Trim(host, "[]")) != nil || host == "localhost" {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
	defer cancel()
	conn, err := c.p.Dial(ctx, "tcp", net.JoinHostPort(host, "0"))
	if err == nil {
		_ = conn.Close()
	}
	var unknown *net.DNSError
	if errors.As(err, &unknown) {
		return d.fault("host not found in upstream %q", said)
	}
	return nil
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

// order returns the servers of a name in the order in which they are tried: the one that the pool's method chooses first,
// backups last.
func (e *exchange) order(host string, secure bool) []*peer {
	p := e.cfg.pools[host]
	if p == nil {
		if _, _, err := net.SplitHostPort(host); err != nil {
			port := "80"
			if secure {
				port = "443"
			}
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		return []*peer{{address: host}}
	}
	var turns, backups, once []*peer
	for _, one := range p.peers {
		switch {
		case one.down:
		case one.backup:
			backups = append(backups, one)
		default:
			turns = append(turns, slices.Repeat([]*peer{one}, one.weight)...)
		}
	}
	if len(turns) > 0 {
		first := p.first(len(turns), e.client())
		turns = append(slices.Clone(turns[first:]), turns[:first]...)
	}
	for _, one := range turns {
		if !slices.Contains(once, one) {
			once = append(once, one)
		}
	}
	if p.method == "least_conn" {
		slices.SortStableFunc(once, func(a, b *peer) int {
			return cmp.Compare(a.active.Load()*int64(b.weight), b.active.Load()*int64(a.weight))
		})
	}
	return append(once, backups...)
}

// first chooses one of n turns for a client.
func (p *pool) first(n int, client string) int {
	switch p.method {
	case "random":
		return rand.IntN(n) //nolint:gosec // nobody is to be surprised
	case "ip_hash": // of the network that the client is in (ngx_http_upstream_ip_hash_module.c)
		addr, err := netip.ParseAddr(client)
		if err != nil {
			return 0
		}
		bytes := addr.Unmap().AsSlice()
		if len(bytes) == net.IPv4len {
			bytes = bytes[:3]
		}
		hash := 89
		for _, b := range bytes {
			hash = (hash*113 + int(b)) % 6271
		}
		return hash % n
	}
	return int(p.turn.Add(1)-1) % n
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
