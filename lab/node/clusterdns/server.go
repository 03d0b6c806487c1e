package clusterdns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/netutil"

	"healthlab/lab/node/services"
)

const (
	// ttl of all records, in seconds.
	ttl = 30
	// answerTime is how long an answer may take; only the first ones wait, for the cluster to be read.
	answerTime = 5 * time.Second
	// maxQuestions is how many questions are answered at a time, and maxStreams how many connections of TCP there are.
	maxQuestions, maxStreams = 256, 64
	// maxPayload bounds a datagram, whatever the client says it takes.
	maxPayload = 4096
)

// Config is what a Server answers from.
type Config struct {
	Objects *services.Objects
	Domain  string // such as cluster.local
	Log     *slog.Logger
}

// Server is a running name server.
type Server struct {
	answerer answerer
	log      *slog.Logger
	slots    chan struct{}
	servers  []*dns.Server
	ctx      context.Context
	cancel   context.CancelFunc
	serving  sync.WaitGroup
	close    func()
}

// Start answers what comes on both sockets, which it closes in the end.
func Start(cfg Config, packets net.PacketConn, streams net.Listener) *Server {
	s := &Server{
		answerer: answerer{cfg.Objects, dns.CanonicalName(cfg.Domain)},
		log:      cfg.Log, slots: make(chan struct{}, maxQuestions),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.servers = []*dns.Server{
		{PacketConn: packets},
		{Listener: netutil.LimitListener(streams, maxStreams), MaxTCPQueries: 128},
	}
	s.close = sync.OnceFunc(s.shutDown)
	for _, server := range s.servers {
		server.Handler = s
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		ended := make(chan struct{})
		s.serving.Go(func() {
			defer close(ended)
			if err := server.ActivateAndServe(); err != nil && !errors.Is(err, net.ErrClosed) && s.ctx.Err() == nil {
				s.log.Error("serve cluster DNS", "err", err)
			}
		})
		select { // before that it cannot be shut down
		case <-started:
		case <-ended:
		}
	}
	return s
}

// Close stops the server and waits for its goroutines.
func (s *Server) Close() { s.close() }

func (s *Server) shutDown() {
	s.cancel()
	for _, server := range s.servers {
		// It waits for answers under way, which the context has just ended. One that is not started has ended by itself.
		_ = server.Shutdown()
		if server.PacketConn != nil {
			_ = server.PacketConn.Close()
		} else {
			_ = server.Listener.Close()
		}
	}
	s.serving.Wait()
}

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	var reply *dns.Msg
	select {
	case s.slots <- struct{}{}:
		ctx, cancel := context.WithTimeout(s.ctx, answerTime)
		reply = s.answerer.answer(ctx, request)
		cancel()
		<-s.slots
	default: // clients ask again
		reply = new(dns.Msg).SetRcode(request, dns.RcodeServerFailure)
	}
	size := dns.MaxMsgSize
	if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
		size = dns.MinMsgSize
	}
	if option := request.IsEdns0(); option != nil {
		if size == dns.MinMsgSize {
			size = min(max(size, int(option.UDPSize())), maxPayload)
		}
		reply.SetEdns0(maxPayload, option.Do())
	}
	reply.Truncate(size)
	if err := w.WriteMsg(reply); err != nil && s.ctx.Err() == nil {
		s.log.Debug("answer cluster DNS", "err", err)
	}
}

// answerer finds the answers. It keeps nothing.
type answerer struct {
	objects *services.Objects
	domain  string // canonical: with a dot at the end
}

// errNoName says that there is no such name.
var errNoName = errors.New("no such name")

// answer returns the reply to a request, whatever that holds.
func (a answerer) answer(ctx context.Context, request *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(request)
	m.RecursionAvailable = true
	m.Compress = true
	switch {
	case request.Opcode != dns.OpcodeQuery:
		return m.SetRcode(request, dns.RcodeNotImplemented)
	case len(request.Question) != 1:
		return m.SetRcode(request, dns.RcodeFormatError)
	}
	q := request.Question[0]
	name := dns.CanonicalName(q.Name)
	switch {
	case q.Qclass != dns.ClassINET:
		m.Rcode = dns.RcodeRefused
		return m
	case dns.IsSubDomain("in-addr.arpa.", name), dns.IsSubDomain("ip6.arpa.", name):
		a.reverse(ctx, m, q, name)
		return m
	case !dns.IsSubDomain(a.domain, name):
		m.Rcode = dns.RcodeServerFailure // there is nobody to ask
		return m
	}
	m.Authoritative = true
	answer, extra, err := a.lookUp(ctx, q, name, 0)
	switch {
	case errors.Is(err, errNoName):
		m.Rcode = dns.RcodeNameError
		m.Ns = []dns.RR{a.soa()}
	case err != nil:
		m.Authoritative, m.Rcode = false, dns.RcodeServerFailure
	case len(answer) == 0:
		m.Ns = []dns.RR{a.soa()}
	default:
		m.Answer, m.Extra = shuffled(answer), extra
	}
	return m
}

// shuffled mixes addresses, as CoreDNS's loadbalance plugin does: CNAMEs stay first.
func shuffled(records []dns.RR) []dns.RR {
	first := 0
	for first < len(records) && records[first].Header().Rrtype == dns.TypeCNAME {
		first++
	}
	rest := records[first:]
	rand.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return records
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
}

func (a answerer) soa() *dns.SOA {
	return &dns.SOA{
		Hdr: header(a.domain, dns.TypeSOA), Ns: "ns.dns." + a.domain, Mbox: "hostmaster." + a.domain,
		Serial: uint32(time.Now().Unix()), Refresh: 7200, Retry: 1800, Expire: 86400, Minttl: ttl,
	}
}

// lookUp returns the records of a name in the domain. depth counts the CNAMEs that led here.
func (a answerer) lookUp(ctx context.Context, q dns.Question, name string, depth int) (answer, extra []dns.RR, err error) {
	if name == a.domain {
		switch q.Qtype {
		case dns.TypeSOA:
			return []dns.RR{a.soa()}, nil, nil
		case dns.TypeNS:
			return a.nameServer(ctx, q.Name)
		}
	}
	base := strings.TrimSuffix(strings.TrimSuffix(name, a.domain), ".")
	switch {
	case base == "dns-version" && q.Qtype == dns.TypeTXT:
		return []dns.RR{&dns.TXT{Hdr: header(q.Name, dns.TypeTXT), Txt: []string{"1.1.0"}}}, nil, nil
	case base == "ns.dns":
		at, _, err := a.nameServer(ctx, q.Name)
		if err != nil || len(at) == 0 || q.Qtype != dns.TypeA {
			return nil, nil, err
		}
		return a.lookUp(ctx, q, dnsService+"."+a.domain, depth)
	}
	hosts, err := a.find(ctx, base)
	if err != nil {
		return nil, nil, err
	}
	if len(hosts) == 1 && hosts[0].cname != "" {
		return a.alias(ctx, q, hosts[0].cname, depth)
	}
	switch q.Qtype {
	case dns.TypeA, dns.TypeAAAA:
		return addresses(q, hosts), nil, nil
	case dns.TypeSRV:
		answer, extra = a.serviceRecords(q, hosts)
		return answer, extra, nil
	}
	return nil, nil, nil
}

// dnsService is the name of the service that leads to this server, in the zone svc.
const dnsService = "kube-dns.kube-system.svc"

// nameServer returns the domain's name server.
func (a answerer) nameServer(ctx context.Context, owner string) (answer, extra []dns.RR, err error) {
	name := dnsService + "." + a.domain
	extra, _, err = a.lookUp(ctx, dns.Question{Name: name, Qtype: dns.TypeA}, name, 0)
	if err != nil || len(extra) == 0 {
		return nil, nil, nil //nolint:nilerr // somebody has deleted the service: there is no such record
	}
	return []dns.RR{&dns.NS{Hdr: header(owner, dns.TypeNS), Ns: name}}, extra, nil
}

// maxAliases is how many CNAMEs are followed.
const maxAliases = 7

// alias returns the records of an ExternalName: its CNAME, and what that leads to where it is one of the domain's own.
func (a answerer) alias(ctx context.Context, q dns.Question, target string, depth int) (answer, extra []dns.RR, err error) {
	target = dns.Fqdn(target)
	if q.Qtype != dns.TypeA && q.Qtype != dns.TypeAAAA && q.Qtype != dns.TypeCNAME ||
		depth > maxAliases || strings.EqualFold(target, q.Name) {
		return nil, nil, nil
	}
	answer = []dns.RR{&dns.CNAME{Hdr: header(q.Name, dns.TypeCNAME), Target: target}}
	canonical := dns.CanonicalName(target)
	if q.Qtype == dns.TypeCNAME || !dns.IsSubDomain(a.domain, canonical) {
		return answer, nil, nil
	}
	more, extra, err := a.lookUp(ctx, dns.Question{Name: target, Qtype: q.Qtype}, canonical, depth+1)
	if err != nil || len(more) == 0 { // as CoreDNS: an alias that leads nowhere is left out
		return nil, nil, ignoreNoName(err)
	}
	return append(answer, more...), extra, nil
}

func ignoreNoName(err error) error {
	if errors.Is(err, errNoName) {
		return nil
	}
	return err
}

func addresses(q dns.Question, hosts []host) []dns.RR {
	var records []dns.RR
	seen := map[string]bool{}
	for _, h := range hosts {
		if text := h.ip.String(); !seen[text] && h.ip.Is4() == (q.Qtype == dns.TypeA) {
			seen[text] = true
			records = append(records, addressRecord(q.Name, h))
		}
	}
	return records
}

func addressRecord(owner string, h host) dns.RR {
	if h.ip.Is4() {
		return &dns.A{Hdr: header(owner, dns.TypeA), A: h.ip.AsSlice()}
	}
	return &dns.AAAA{Hdr: header(owner, dns.TypeAAAA), AAAA: h.ip.AsSlice()}
}

// serviceRecords are the SRV records of hosts, all with the same weight, and their addresses.
func (a answerer) serviceRecords(q dns.Question, hosts []host) (answer, extra []dns.RR) {
	weights := map[string]bool{}
	for _, h := range hosts {
		weights[fmt.Sprint(h.name, h.port)] = true
	}
	weight := uint16(max(1, 100/max(1, len(weights))))
	seen := map[string]bool{}
	for _, h := range hosts {
		if h.port <= 0 {
			continue
		}
		target := h.name + "." + a.domain
		if key := fmt.Sprint(target, h.port); !seen[key] {
			seen[key] = true
			answer = append(answer, &dns.SRV{Hdr: header(q.Name, dns.TypeSRV), Weight: weight, Port: uint16(h.port), Target: target})
		}
		if key := target + h.ip.String(); !seen[key] {
			seen[key] = true
			extra = append(extra, addressRecord(target, h))
		}
	}
	return answer, extra
}
