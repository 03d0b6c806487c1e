package tools

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"healthlab/lab/node/sandbox"
)

// nslookup asks one name server and shows what it says. As BusyBox's, it tries the search list for names without a dot only,
// and all of it.
func nslookup(ctx context.Context, p *sandbox.Process) int {
	kinds := []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	var args []string
	for _, a := range p.Args[1:] {
		name, value, _ := strings.Cut(a, "=")
		switch {
		case a == "-debug":
		case name == "-type", name == "-querytype":
			kind, known := queryTypes()[strings.ToLower(value)]
			if !known {
				return failf(p, "invalid query type \"%s\"", value)
			}
			kinds = []dnsmessage.Type{kind}
		case len(a) > 1 && a[0] == '-':
			unknownOption(p, strings.TrimLeft(a, "-"))
			return 1
		default:
			args = append(args, a)
		}
	}
	if len(args) == 0 || len(args) > 2 {
		return usage(p)
	}
	servers, search := p.NameServers()
	names := []string{args[0]}
	if addr, err := netip.ParseAddr(args[0]); err == nil && addr.Is4() {
		names = []string{reverseName(addr)}
		kinds = []dnsmessage.Type{dnsmessage.TypePTR}
	} else if !strings.Contains(args[0], ".") && len(search) > 0 {
		names = nil
		for _, domain := range search {
			names = append(names, args[0]+"."+strings.Trim(domain, "."))
		}
	}
	server, ok := serverFor(ctx, p, servers, args)
	if !ok {
		return failf(p, "bad address '%s'", args[1])
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return (&dnsQuestion{p: p, server: server, named: args[len(args)-1]}).ask(ctx, names, kinds, len(args) > 1)
}

// serverFor is the address of the server to ask: that of the second argument, or the first that the container has. It is not
// ok where that argument is a name which nobody knows.
func serverFor(ctx context.Context, p *sandbox.Process, servers, args []string) (server string, ok bool) {
	if len(args) < 2 {
		return servers[0], true
	}
	addr, ok := resolve(ctx, p, args[1])
	return addr.String(), ok
}

func queryTypes() map[string]dnsmessage.Type {
	return map[string]dnsmessage.Type{
		"a": dnsmessage.TypeA, "aaaa": dnsmessage.TypeAAAA, "cname": dnsmessage.TypeCNAME, "mx": dnsmessage.TypeMX,
		"ns": dnsmessage.TypeNS, "ptr": dnsmessage.TypePTR, "soa": dnsmessage.TypeSOA, "srv": dnsmessage.TypeSRV,
		"txt": dnsmessage.TypeTXT, "any": dnsmessage.TypeALL,
	}
}

// dnsQuestion is a conversation with one server.
type dnsQuestion struct {
	p             *sandbox.Process
	server, named string
	conn          net.Conn
}

func (q *dnsQuestion) ask(ctx context.Context, names []string, kinds []dnsmessage.Type, chosen bool) int {
	at := net.JoinHostPort(q.server, "53")
	unreachable := func() int {
		failf(q.p, "write to '%s': Connection refused", q.server)
		fmt.Fprint(q.p.Stdout, ";; connection timed out; no servers could be reached\n\n")
		return 1
	}
	end, ok := q.connect(ctx)
	if !ok {
		return unreachable()
	}
	defer end()
	code := 0
	for i, name := range names {
		for j, kind := range kinds {
			m, err := q.exchange(name, kind)
			if err != nil {
				return unreachable()
			}
			if i == 0 && j == 0 {
				shown := q.server
				if chosen {
					shown = q.named
				}
				fmt.Fprintf(q.p.Stdout, "Server:\t\t%s\nAddress:\t%s\n\n", shown, at)
			}
			code = max(code, q.show(name, m))
		}
	}
	return code
}

func (q *dnsQuestion) exchange(name string, kind dnsmessage.Type) (*dnsmessage.Message, error) {
	full, err := dnsmessage.NewName(strings.TrimSuffix(name, ".") + ".")
	if err != nil {
		return nil, err
	}
	query := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: uint16(rand.Uint32()), RecursionDesired: true},
		Questions: []dnsmessage.Question{{Name: full, Type: kind, Class: dnsmessage.ClassINET}},
	}
	packet, err := query.Pack()
	if err != nil {
		return nil, err
	}
	if _, err := q.conn.Write(packet); err != nil {
		return nil, err
	}
	buf := make([]byte, 4096)
	for {
		n, err := q.conn.Read(buf)
		if err != nil {
			return nil, err
		}
		m := new(dnsmessage.Message)
		if m.Unpack(buf[:n]) == nil && m.ID == query.ID && m.Response {
			return m, nil
		}
	}
}

// show prints a reply and returns the exit code.
func (q *dnsQuestion) show(name string, m *dnsmessage.Message) int {
	out := q.p.Stdout
	defer fmt.Fprintln(out)
	if m.RCode != dnsmessage.RCodeSuccess {
		fmt.Fprintf(out, "** server can't find %s: %s\n", name, rcodeName(m.RCode))
		return 1
	}
	if !m.Authoritative {
		fmt.Fprintln(out, "Non-authoritative answer:")
	}
	bare := func(n dnsmessage.Name) string { return strings.TrimSuffix(n.String(), ".") }
	for _, r := range m.Answers {
		owner := bare(r.Header.Name)
		switch b := r.Body.(type) {
		case *dnsmessage.AResource:
			fmt.Fprintf(out, "Name:\t%s\nAddress: %s\n", owner, netip.AddrFrom4(b.A))
		case *dnsmessage.AAAAResource:
			fmt.Fprintf(out, "Name:\t%s\nAddress: %s\n", owner, netip.AddrFrom16(b.AAAA))
		case *dnsmessage.CNAMEResource:
			fmt.Fprintf(out, "%s\tcanonical name = %s\n", owner, bare(b.CNAME))
		case *dnsmessage.PTRResource:
			fmt.Fprintf(out, "%s\tname = %s\n", owner, bare(b.PTR))
		case *dnsmessage.NSResource:
			fmt.Fprintf(out, "%s\tnameserver = %s\n", owner, bare(b.NS))
		case *dnsmessage.SRVResource:
			fmt.Fprintf(out, "%s\tservice = %d %d %d %s\n", owner, b.Priority, b.Weight, b.Port, bare(b.Target))
		case *dnsmessage.TXTResource:
			fmt.Fprintf(out, "%s\ttext = \"%s\"\n", owner, strings.Join(b.TXT, ""))
		}
	}
	return 0
}

func rcodeName(code dnsmessage.RCode) string {
	names := []string{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"}
	if int(code) < len(names) {
		return names[code]
	}
	return fmt.Sprint(int(code))
}
