package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// LookupHost returns the addresses of a name, as musl's getaddrinfo finds them (src/network/lookup_name.c): an address
// itself, what /etc/hosts says, or what the name servers of /etc/resolv.conf say, with its search list. A search domain where
// the name exists ends the search even without an address. Other than musl, it gives up at once where no server can be
// reached or all fail. The error is a *net.DNSError.
func (p *Process) LookupHost(ctx context.Context, name string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{addr}, nil
	}
	if !validHostname(name) {
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	}
	if addrs := p.hosts(name); len(addrs) > 0 {
		return addrs, nil
	}
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	return p.resolver().search(ctx, name)
}

// NameServers returns what /etc/resolv.conf says: the addresses of the servers, never none, and the search list.
func (p *Process) NameServers() (servers, search []string) {
	r := p.resolver()
	return r.servers, r.domains
}

// SearchNames returns the full names that stand for a name, in the order in which LookupHost asks for them: below each domain
// of the search list, and as it is; only as it is where it has as many dots as ndots says or ends with one.
func (p *Process) SearchNames(name string) []string { return p.resolver().names(name) }

// validHostname is musl's is_valid_hostname.
func validHostname(name string) bool {
	if name == "" || len(name) > 254 {
		return false
	}
	for _, c := range []byte(name) {
		if c < 0x80 && c != '.' && c != '-' && c != '_' &&
			(c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// maxNetFile bounds what is read of /etc/hosts and /etc/resolv.conf, in bytes.
const maxNetFile = 64 << 10

// hosts returns the addresses that /etc/hosts gives a name.
func (p *Process) hosts(name string) []netip.Addr {
	data, err := p.FS().ReadFile("/etc/hosts", maxNetFile)
	if err != nil {
		return nil
	}
	var addrs []netip.Addr
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		for i, f := range fields {
			if i == 0 || f != name {
				continue
			}
			if addr, err := netip.ParseAddr(fields[0]); err == nil {
				addrs = append(addrs, addr)
			}
			break
		}
	}
	// Programs ask for IPv4 first, as the pod network has nothing else.
	for i, a := range addrs {
		if a.Is4() {
			addrs[0], addrs[i] = addrs[i], addrs[0]
			break
		}
	}
	return addrs
}

// resolver is what /etc/resolv.conf says.
type resolver struct {
	p        *Process
	servers  []string // at most three
	domains  []string
	ndots    int
	attempts int
	timeout  time.Duration // for all attempts
}

// resolver reads /etc/resolv.conf (musl's src/network/resolvconf.c).
func (p *Process) resolver() resolver {
	r := resolver{p: p, ndots: 1, attempts: 2, timeout: 5 * time.Second}
	data, err := p.FS().ReadFile("/etc/resolv.conf", maxNetFile)
	if err != nil {
		data = nil
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "nameserver":
			if addr, err := netip.ParseAddr(fields[1]); err == nil && len(r.servers) < 3 {
				r.servers = append(r.servers, addr.String())
			}
		case "search", "domain":
			r.domains = fields[1:]
		case "options":
			for _, o := range fields[1:] {
				r.option(o)
			}
		}
	}
	if len(r.servers) == 0 {
		r.servers = []string{"127.0.0.1"}
	}
	return r
}

func (r *resolver) option(text string) {
	name, value, _ := strings.Cut(text, ":")
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return
	}
	switch name {
	case "ndots":
		r.ndots = min(n, 15)
	case "attempts":
		r.attempts = max(1, min(n, 10))
	case "timeout":
		r.timeout = time.Duration(max(1, min(n, 60))) * time.Second
	}
}

// names are a name in the search domains, and then as it is, each with a dot at the end.
func (r resolver) names(name string) []string {
	domains := r.domains
	if strings.Count(name, ".") >= r.ndots || strings.HasSuffix(name, ".") {
		domains = nil
	}
	var names []string
	for _, domain := range append(domains[:len(domains):len(domains)], "") {
		full := strings.TrimSuffix(name, ".")
		if domain = strings.Trim(domain, "."); domain != "" {
			full += "." + domain
		}
		names = append(names, full+".")
	}
	return names
}

// search asks for the names that a name stands for, one after another.
func (r resolver) search(ctx context.Context, name string) ([]netip.Addr, error) {
	notFound := &net.DNSError{Err: "no such host", Name: name, Server: r.servers[0] + ":53", IsNotFound: true}
	for _, full := range r.names(name) {
		addrs, exists, err := r.addresses(ctx, full)
		switch {
		case err != nil:
			return nil, r.failed(ctx, name, err)
		case len(addrs) > 0:
			return addrs, nil
		case exists:
			return nil, notFound
		}
	}
	return nil, notFound
}

func (r resolver) failed(ctx context.Context, name string, err error) error {
	var timeout net.Error
	late := errors.As(err, &timeout) && timeout.Timeout() || errors.Is(ctx.Err(), context.DeadlineExceeded)
	return &net.DNSError{
		Err: err.Error(), Name: name, Server: r.servers[0] + ":53", IsTimeout: late, IsTemporary: true,
	}
}

// addresses asks for both kinds of addresses of a full name. exists is false when there is no such name.
func (r resolver) addresses(ctx context.Context, full string) (addrs []netip.Addr, exists bool, err error) {
	question, err := dnsmessage.NewName(full)
	for label := range strings.SplitSeq(strings.TrimSuffix(full, "."), ".") {
		if err != nil || label == "" || len(label) > 63 { // no server can have it: musl does not ask
			return nil, false, nil
		}
	}
	kinds := []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	replies := make([]reply, len(kinds))
	var asking sync.WaitGroup
	for i, kind := range kinds {
		asking.Go(func() {
			replies[i] = r.ask(ctx, dnsmessage.Question{Name: question, Type: kind, Class: dnsmessage.ClassINET})
		})
	}
	asking.Wait()
	for _, got := range replies {
		switch {
		case got.err != nil:
			return nil, false, got.err
		case got.code == dnsmessage.RCodeNameError:
			return nil, false, nil
		}
		addrs = append(addrs, got.addrs...)
	}
	return addrs, true, nil
}

// reply is what a name server said.
type reply struct {
	code  dnsmessage.RCode // success or name error
	addrs []netip.Addr
	err   error
}

// ask asks all name servers at the same time and takes the first good reply.
func (r resolver) ask(ctx context.Context, q dnsmessage.Question) reply {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	replies := make(chan reply, len(r.servers))
	for _, server := range r.servers {
		asking.Go(func() { replies <- r.askServer(ctx, net.JoinHostPort(server, "53"), q) })
	}
	var last reply
	for range r.servers {
		if last = <-replies; last.err == nil {
			break
		}
	}
	return last
}

var errServer = errors.New("server misbehaving")

func (r resolver) askServer(ctx context.Context, server string, q dnsmessage.Question) reply {
	id := uint16(rand.Uint32())
	query := dnsmessage.Message{
		Header: dnsmessage.Header{ID: id, RecursionDesired: true}, Questions: []dnsmessage.Question{q},
	}
	packet, err := query.Pack()
	if err != nil {
		return reply{err: err}
	}
	conn, err := r.p.dial(ctx, "udp", server)
	if err != nil {
		return reply{err: err}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	buf := make([]byte, 4096)
	for range r.attempts {
		if _, err = conn.Write(packet); err != nil {
			return reply{err: err}
		}
		if err = conn.SetReadDeadline(time.Now().Add(r.timeout / time.Duration(r.attempts))); err != nil || ctx.Err() != nil {
			return reply{err: errors.Join(err, ctx.Err())}
		}
		for {
			var n int
			if n, err = conn.Read(buf); err != nil {
				break
			}
			got, truncated, ok := parseReply(buf[:n], id, q)
			switch {
			case !ok: // of another question
			case truncated:
				return r.askStream(ctx, server, packet, id, q)
			default:
				return got
			}
		}
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || ctx.Err() != nil {
			break
		}
	}
	return reply{err: err}
}

// askStream asks over TCP, for replies that no datagram can hold.
func (r resolver) askStream(ctx context.Context, server string, packet []byte, id uint16, q dnsmessage.Question) reply {
	conn, err := r.p.dial(ctx, "tcp", server)
	if err != nil {
		return reply{err: err}
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	if _, err := conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packet))), packet...)); err != nil {
		return reply{err: err}
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return reply{err: err}
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, buf); err != nil {
		return reply{err: err}
	}
	if got, _, ok := parseReply(buf, id, q); ok {
		return got
	}
	return reply{err: errServer}
}

// maxAddresses is how many addresses of a name are kept (musl's MAXADDRS).
const maxAddresses = 48

// parseReply reads a name server's packet. ok is false when it is no reply to the question.
func parseReply(packet []byte, id uint16, q dnsmessage.Question) (got reply, truncated, ok bool) {
	var parser dnsmessage.Parser
	head, err := parser.Start(packet)
	if err != nil || head.ID != id || !head.Response {
		return reply{}, false, false
	}
	asked, err := parser.AllQuestions()
	if err != nil || len(asked) > 1 ||
		len(asked) == 1 && (asked[0].Type != q.Type || !strings.EqualFold(asked[0].Name.String(), q.Name.String())) {
		return reply{}, false, false
	}
	switch got.code = head.RCode; got.code {
	case dnsmessage.RCodeSuccess:
	case dnsmessage.RCodeNameError:
		return got, false, true
	default:
		return reply{err: errServer}, false, true
	}
	if head.Truncated {
		return got, true, true
	}
	for len(got.addrs) < maxAddresses {
		record, err := parser.Answer()
		if err != nil { // the last one, or what cannot be read
			break
		}
		switch body := record.Body.(type) {
		case *dnsmessage.AResource:
			got.addrs = append(got.addrs, netip.AddrFrom4(body.A))
		case *dnsmessage.AAAAResource:
			got.addrs = append(got.addrs, netip.AddrFrom16(body.AAAA))
		}
	}
	return got, false, true
}
