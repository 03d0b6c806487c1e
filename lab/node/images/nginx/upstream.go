package nginx

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

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
