package nginx

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

func (c *compiler) server(outer *scope, d *directive) error {
	s, err := c.scope(outer, d.block)
	if err != nil {
		return err
	}
	srv := &server{scope: s, at: d}
	if srv.locations, err = c.locations(s, d.block); err != nil {
		return err
	}
	if srv.steps, err = c.steps(s, d.block); err != nil {
		return err
	}
	var listens []*directive
	for _, e := range d.block {
		switch e.name {
		case "server_name":
			for _, text := range e.args {
				n := serverName{text: strings.ToLower(text)}
				if pattern, ok := strings.CutPrefix(text, "~"); ok {
					if n.re, err = c.regex(e, pattern, true); err != nil {
						return err
					}
				}
				srv.names = append(srv.names, n)
			}
		case "listen":
			listens = append(listens, e)
		case "http2":
			srv.h2 = e.args[0] == "on"
		case "ssl_certificate":
			srv.cert = c.path(e.args[0])
		case "ssl_certificate_key":
			srv.key = c.path(e.args[0])
		}
	}
	if len(srv.names) > 0 {
		srv.name = srv.names[0].text
	}
	if len(listens) == 0 {
		listens = []*directive{{name: "listen", args: []string{"80"}, file: d.file, line: d.line}}
	}
	for _, e := range listens {
		if err := c.listen(srv, e); err != nil {
			return err
		}
	}
	return nil
}

func (c *compiler) listen(srv *server, d *directive) error {
	host, portText := "", "80"
	switch text := d.args[0]; {
	case strings.HasPrefix(text, "unix:"):
		return d.fault("%s is not supported here", text)
	case strings.HasPrefix(text, "["):
		if h, p, err := net.SplitHostPort(text); err == nil {
			host, portText = h, p
		} else {
			host = strings.Trim(text, "[]")
		}
	case strings.Trim(text, "0123456789") == "":
		portText = text
	case strings.Contains(text, ":"):
		host, portText, _ = strings.Cut(text, ":")
	default:
		host = text
	}
	port, err := strconv.Atoi(portText)
	if err != nil || port < 1 || port > 65535 {
		return d.fault("invalid port in %q of the \"listen\" directive", d.args[0])
	}
	address := net.JoinHostPort(host, portText)
	switch host {
	case "", "*", "0.0.0.0":
		host, address = "", "0.0.0.0:"+portText
	case "::":
		host = ""
	case "localhost":
		host = "127.0.0.1"
	default:
		if net.ParseIP(host) == nil {
			return d.fault("host not found in %q of the \"listen\" directive", d.args[0])
		}
	}
	first, tls, h2 := false, false, srv.h2
	for _, a := range d.args[1:] {
		name, _, _ := strings.Cut(a, "=")
		switch name {
		case "default_server", "default":
			first = true
		case "ssl":
			tls = true
		case "http2":
			h2 = true
		case "backlog", "rcvbuf", "sndbuf", "reuseport", "deferred", "bind", "ipv6only", "so_keepalive", "fastopen", "setfib", "accept_filter":
		default:
			return d.fault("invalid parameter %q", a)
		}
	}
	i := slices.IndexFunc(c.cfg.sockets, func(s *socket) bool { return s.host == host && s.port == port })
	if i < 0 {
		c.cfg.sockets = append(c.cfg.sockets, &socket{address: address, host: host, port: port, first: srv})
		i = len(c.cfg.sockets) - 1
	}
	s := c.cfg.sockets[i]
	s.tls, s.h2 = s.tls || tls, s.h2 || h2
	if first {
		if s.chosen && s.first != srv {
			return d.fault("a duplicate default server for %s", address)
		}
		s.chosen, s.first = true, srv
	}
	if !slices.Contains(s.servers, srv) {
		s.servers = append(s.servers, srv)
	} else if s.address == address {
		return d.fault("a duplicate listen %s", address)
	}
	return nil
}

// checkNames warns of names that two servers of a socket have, and demands certificates.
func (c *compiler) checkNames(s *socket) error {
	seen := map[string]bool{}
	for _, srv := range s.servers {
		names := srv.names
		if len(names) == 0 {
			names = []serverName{{}}
		}
		for _, n := range names {
			if n.re == nil && seen[n.text] {
				c.warn(fmt.Sprintf("conflicting server name %q on %s, ignored", n.text, s.address))
			}
			seen[n.text] = true
		}
		if s.tls && srv.cert == "" {
			return srv.at.fault(`no "ssl_certificate" is defined for the "listen ... ssl" directive`)
		}
		if s.tls && srv.key == "" {
			return srv.at.fault(`no "ssl_certificate_key" is defined for the "listen ... ssl" directive`)
		}
	}
	return nil
}

// find returns the server that a Host header means.
func (s *socket) find(host string) *server {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	best, rank := s.first, 0
	for _, srv := range s.servers {
		for _, n := range srv.names {
			r := n.rank(host)
			if r > rank {
				best, rank = srv, r
			}
		}
	}
	return best
}

// nameCaptures keeps the groups of a server name that is a regular expression.
func (e *exchange) nameCaptures(host string) {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	for _, n := range e.server.names {
		if n.re == nil {
			continue
		}
		if found := n.re.FindStringSubmatch(host); found != nil {
			e.capture(n.re, found)
			return
		}
	}
}

// rank says how well a server's name fits: exactly, by a wildcard in front, by one at the end, by a regular expression.
func (n serverName) rank(host string) int {
	const exact, front, end, regex = 4000, 3000, 2000, 1000
	switch {
	case n.re != nil:
		if n.re.MatchString(host) {
			return regex
		}
	case n.text == host:
		return exact
	case strings.HasPrefix(n.text, "*."):
		if strings.HasSuffix(host, n.text[1:]) {
			return front + len(n.text)%1000
		}
	case strings.HasPrefix(n.text, "."):
		if host == n.text[1:] || strings.HasSuffix(host, n.text) {
			return front + len(n.text)%1000
		}
	case strings.HasSuffix(n.text, ".*"):
		if strings.HasPrefix(host, n.text[:len(n.text)-1]) {
			return end + len(n.text)%1000
		}
	}
	return 0
}
