package tools

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"healthlab/lab/node/sandbox"
)

// NslookupBefore129 is nslookup of BusyBox up to 1.28 (networking/nslookup.c, FEATURE_NSLOOKUP_BIG not set): it looks a name up
// as every program does, with the search list, and shows the names of the addresses.
func NslookupBefore129(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) == 0 || len(args) > 2 || strings.HasPrefix(args[0], "-") {
		return usage(p)
	}
	servers, _ := p.NameServers()
	server, ok := serverFor(ctx, p, servers, args)
	if !ok {
		return failf(p, "can't resolve '%s'", args[1])
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	q := &dnsQuestion{p: p, server: server}
	if end, ok := q.connect(ctx); ok {
		defer end()
	}
	print := func(header, host string, addrs []netip.Addr) {
		fmt.Fprintf(p.Stdout, "%-10s %s\n", header, host)
		for i, a := range addrs {
			fmt.Fprintf(p.Stdout, "Address %d: %s\n", i+1, strings.TrimSpace(a.String()+" "+q.nameOf(a)))
		}
	}
	if addr, err := netip.ParseAddr(server); err == nil {
		print("Server:", server, []netip.Addr{addr})
		fmt.Fprintln(p.Stdout)
	}
	addrs, err := p.LookupHost(ctx, args[0])
	if err != nil || len(addrs) == 0 {
		return failf(p, "can't resolve '%s'", args[0])
	}
	print("Name:", args[0], addrs)
	return 0
}

// NslookupOfBIND is nslookup of BIND, which agnhost has, for one name: it goes through the search list until a name is there.
// It refuses options.
func NslookupOfBIND(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) == 0 || len(args) > 2 || strings.HasPrefix(args[0], "-") {
		return failf(p, "this nslookup takes a name and a server, and no options")
	}
	servers, _ := p.NameServers()
	server, ok := serverFor(ctx, p, servers, args)
	if !ok {
		return failf(p, "couldn't get address for '%s': not found", args[1])
	}
	shown := server
	if len(args) > 1 {
		shown = args[1]
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	q := &dnsQuestion{p: p, server: server}
	unreachable := func() int {
		fmt.Fprintf(p.Stdout, ";; communications error to %s#53: connection refused\n;; no servers could be reached\n\n", server)
		return 1
	}
	end, ok := q.connect(ctx)
	if !ok {
		return unreachable()
	}
	defer end()
	names, kinds := p.SearchNames(args[0]), []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	if addr, err := netip.ParseAddr(args[0]); err == nil && addr.Is4() {
		names, kinds = []string{reverseName(addr)}, []dnsmessage.Type{dnsmessage.TypePTR}
	}
	fmt.Fprintf(p.Stdout, "Server:\t\t%s\nAddress:\t%s#53\n\n", shown, server)
	for i, name := range names {
		m, err := q.exchange(name, kinds[0])
		if err != nil {
			return unreachable()
		}
		if m.RCode == dnsmessage.RCodeNameError && i < len(names)-1 {
			continue
		}
		if m.RCode != dnsmessage.RCodeSuccess {
			return q.show(args[0], m)
		}
		if len(kinds) > 1 {
			if more, err := q.exchange(name, kinds[1]); err == nil && more.RCode == dnsmessage.RCodeSuccess {
				m.Answers = append(m.Answers, more.Answers...)
			}
		}
		if len(m.Answers) == 0 {
			fmt.Fprintf(p.Stdout, "*** Can't find %s: No answer\n\n", args[0])
			return 1
		}
		return q.show(name, m)
	}
	return 1
}

// connect opens the conversation. end closes it; ok is false where the server does not listen.
func (q *dnsQuestion) connect(ctx context.Context) (end func(), ok bool) {
	conn, err := q.p.Dial(ctx, "udp", net.JoinHostPort(q.server, "53"))
	if err != nil {
		return nil, false
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	q.conn = conn
	return func() { stop(); _ = conn.Close() }, true
}

// nameOf returns the name of an address, empty where it has none.
func (q *dnsQuestion) nameOf(addr netip.Addr) string {
	if q.conn == nil || !addr.Is4() {
		return ""
	}
	m, err := q.exchange(reverseName(addr), dnsmessage.TypePTR)
	if err != nil {
		return ""
	}
	for _, r := range m.Answers {
		if ptr, ok := r.Body.(*dnsmessage.PTRResource); ok {
			return strings.TrimSuffix(ptr.PTR.String(), ".")
		}
	}
	return ""
}

// reverseName is the name under which an IPv4 address is looked up.
func reverseName(addr netip.Addr) string {
	b := addr.As4()
	return fmt.Sprintf("%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0])
}
