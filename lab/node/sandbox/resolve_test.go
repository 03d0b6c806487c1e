package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"

	"healthlab/lab/node/network"
)

// nameServer answers on the node's address, and remembers what it was asked.
type nameServer struct {
	mu    sync.Mutex
	asked []string
}

func (s *nameServer) ServeDNS(w dns.ResponseWriter, request *dns.Msg) {
	q := request.Question[0]
	s.mu.Lock()
	if q.Qtype == dns.TypeA {
		s.asked = append(s.asked, q.Name)
	}
	s.mu.Unlock()
	m := new(dns.Msg).SetReply(request)
	a := func(ip ...byte) {
		if q.Qtype == dns.TypeA {
			h := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}
			m.Answer = append(m.Answer, &dns.A{Hdr: h, A: net.IP(ip)})
		}
	}
	_, udp := w.RemoteAddr().(*net.UDPAddr)
	switch q.Name {
	case "web.default.svc.cluster.local.", "two.dots.example.":
		a(10, 96, 0, 7)
	case "alias.default.svc.cluster.local.":
		m.Answer = append(m.Answer, &dns.CNAME{Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "x."})
		a(10, 96, 0, 8)
	case "none.default.svc.cluster.local.": // it exists without an address
	case "late.svc.cluster.local.":
		a(10, 96, 0, 9)
	case "broken.default.svc.cluster.local.":
		m.Rcode = dns.RcodeServerFailure
	case "large.default.svc.cluster.local.":
		if udp {
			m.Truncated = true
			break
		}
		for i := range byte(60) {
			a(10, 96, 1, i)
		}
	case "strange.default.svc.cluster.local.": // somebody else's answer comes first
		m.Id++
		_ = w.WriteMsg(m)
		m.Id--
		a(10, 96, 0, 10)
	case "silent.default.svc.cluster.local.":
		return
	default:
		m.Rcode = dns.RcodeNameError
	}
	_ = w.WriteMsg(m)
}

// startNameServer serves port 53 of the node.
func startNameServer(t *testing.T, r *Runtime) *nameServer {
	t.Helper()
	server := network.Server{Pod: r.host, Bound: r.host, Port: 53}
	packets, err := network.ListenPacket(t.Context(), r.own, server)
	if err != nil {
		t.Fatal(err)
	}
	streams, err := network.Listen(t.Context(), r.own, new(network.Claims), server)
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{}
	for _, d := range []*dns.Server{{PacketConn: packets, Handler: s}, {Listener: streams, Handler: s}} {
		started := make(chan struct{})
		d.NotifyStartedFunc = func() { close(started) }
		ended := make(chan struct{})
		go func() {
			_ = d.ActivateAndServe() // it ends with its socket
			close(ended)
		}()
		<-started
		t.Cleanup(func() {
			if err := d.Shutdown(); err != nil {
				t.Error(err)
			}
			<-ended
		})
	}
	t.Cleanup(func() { _ = packets.Close() })
	return s
}

func TestLookupHost(t *testing.T) {
	const conf = "search default.svc.cluster.local svc.cluster.local\nnameserver 10.244.0.1\noptions ndots:2\n"
	for _, c := range []struct {
		name, host, conf string
		want             string // addresses, or how the error ends
		asked            string // by A
	}{
		{"an address", "10.9.9.9", conf, "10.9.9.9", ""},
		{"localhost", "localhost", conf, "127.0.0.1 ::1", ""},
		{"below localhost", "a.localhost", conf, "127.0.0.1", ""},
		{"its own name", "pod", conf, "10.244.0.5", ""},
		{"/etc/hosts", "db.example", conf, "10.1.1.1", ""},
		{"in the first domain", "web", conf, "10.96.0.7", "web.default.svc.cluster.local."},
		{"in the second domain", "late", conf, "10.96.0.9", "late.default.svc.cluster.local. late.svc.cluster.local."},
		{"an alias", "alias", conf, "10.96.0.8", "alias.default.svc.cluster.local."},
		{"nowhere", "gone", conf, "lookup gone on 10.244.0.1:53: no such host", "gone.default.svc.cluster.local. gone.svc.cluster.local. gone."},
		{"a name without an address ends the search", "none", conf, "no such host", "none.default.svc.cluster.local."},
		{"as many dots as ndots: as it is", "two.dots.example", conf, "10.96.0.7", "two.dots.example."},
		{"a dot at the end: as it is", "web.default.svc.cluster.local.", conf, "10.96.0.7", "web.default.svc.cluster.local."},
		{"a dot at the end without a domain", "web.", conf, "no such host", "web."},
		{"a server that fails ends the search", "broken", conf, "server misbehaving", "broken.default.svc.cluster.local."},
		{"too large for a datagram", "large", conf, fmt.Sprint(maxAddresses, " addresses"), "large.default.svc.cluster.local. large.default.svc.cluster.local."},
		{"another question's answer", "strange", conf, "10.96.0.10", "strange.default.svc.cluster.local."},
		{"no answer", "silent", conf + "options timeout:1 attempts:1\n", "i/o timeout", "silent.default.svc.cluster.local."},
		{"no search list", "web", "nameserver 10.244.0.1\n", "no such host", "web."},
		{"the root as search list", "web", "search .\nnameserver 10.244.0.1\n", "no such host", "web. web."},
		{"a server that does not listen", "web", "search default.svc.cluster.local\nnameserver 10.244.0.5\n", "connection refused", ""},
		{"a server that is not there", "web", "nameserver 10.244.0.99\n", "no route to host", ""},
		{"the second of three servers", "web", conf + "nameserver 10.244.0.99\nnameserver 10.244.0.5\n", "10.96.0.7", "web.default.svc.cluster.local."},
		{"no server", "web", "", "connection refused", ""},
		{"nonsense in the file", "web", "nameserver\nnameserver x\noptions ndots:x ndots:-1 attempts:0\nsearch\n" + conf, "10.96.0.7", "web.default.svc.cluster.local."},
		{"no name", "", conf, "no such host", ""},
		{"not a name", "a b", conf, "no such host", ""},
		{"too long", strings.Repeat("a", 300), conf, "no such host", ""},
		{"a label that is too long", strings.Repeat("a", 70), conf, "no such host", ""},
		{"only a dot", ".", conf, "no such host", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRuntime(t)
			server := startNameServer(t, r)
			pod := newPod(t, r, "10.244.0.5")
			var (
				addrs []netip.Addr
				err   error
			)
			programs := map[string]Program{"lookup": func(ctx context.Context, p *Process) int {
				addrs, err = p.LookupHost(ctx, c.host)
				return 0
			}}
			i := image(programs)
			i.Files = map[string]ImageFile{"/etc/resolv.conf": {Data: []byte(c.conf)}}
			container := start(t, pod, ContainerConfig{Image: i, Command: []string{"wait"}})
			hosts := "127.0.0.1\tlocalhost\n::1\tlocalhost\n10.244.0.5\tpod\n10.1.1.1 a db.example # b\nx y\n"
			if err := container.FS().WriteFile("/etc/hosts", []byte(hosts), 0o644); err != nil {
				t.Fatal(err)
			}
			run(t, container, "lookup")
			got := strings.Trim(fmt.Sprint(addrs), "[]")
			if len(addrs) > 10 {
				got = fmt.Sprint(len(addrs), " addresses")
			}
			if err != nil {
				var failed *net.DNSError
				if got = err.Error(); !errors.As(err, &failed) {
					t.Errorf("%T", err)
				}
			}
			if !strings.HasSuffix(got, c.want) {
				t.Errorf("%s, want %s", got, c.want)
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			if asked := strings.Join(server.asked, " "); asked != c.asked {
				t.Errorf("asked %s, want %s", asked, c.asked)
			}
		})
	}
}

// A lookup ends with its context, and with its process.
func TestLookupEnds(t *testing.T) {
	r := newRuntime(t)
	startNameServer(t, r)
	i := image(map[string]Program{"lookup": func(ctx context.Context, p *Process) int {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		begin := time.Now()
		_, err := p.LookupHost(ctx, "silent.default.svc.cluster.local.")
		var failed *net.DNSError
		if !errors.As(err, &failed) || !failed.IsTimeout || time.Since(begin) > 2*time.Second {
			return 1
		}
		return 0
	}})
	i.Files = map[string]ImageFile{"/etc/resolv.conf": {Data: []byte("nameserver 10.244.0.1\n")}}
	c := start(t, newPod(t, r, "10.244.0.5"), ContainerConfig{Image: i, Command: []string{"wait"}})
	if _, _, code := run(t, c, "lookup"); code != 0 {
		t.Error("the lookup does not end in time")
	}
}

func TestDialByName(t *testing.T) {
	r := newRuntime(t)
	startNameServer(t, r)
	pod := newPod(t, r, "10.244.0.5")
	var errs []error
	i := image(map[string]Program{"dial": func(ctx context.Context, p *Process) int {
		for _, address := range []string{"pod:80", "web:80", "gone:80", "nonsense", "pod:x"} {
			conn, err := p.Dial(ctx, "tcp", address)
			if err == nil {
				_ = conn.Close()
			}
			errs = append(errs, err)
		}
		packets, err := p.ListenPacket("udp", ":5353")
		if err != nil {
			errs = append(errs, err)
			return 1
		}
		defer func() { _ = packets.Close() }()
		conn, err := p.Dial(ctx, "udp", "pod:5353")
		if err != nil {
			errs = append(errs, err)
			return 1
		}
		defer conn.Close()
		buf := make([]byte, 10)
		_, _ = conn.Write([]byte("ping"))
		n, from, err := packets.ReadFrom(buf)
		if err != nil || string(buf[:n]) != "ping" {
			return 1
		}
		_, _ = packets.WriteTo([]byte("pong"), from)
		if n, err = conn.Read(buf); err != nil || string(buf[:n]) != "pong" {
			return 1
		}
		return 0
	}})
	i.Files = map[string]ImageFile{"/etc/resolv.conf": {Data: []byte("search default.svc.cluster.local\nnameserver 10.244.0.1\n")}}
	c := start(t, pod, ContainerConfig{Image: i, Command: []string{"wait"}})
	if _, _, code := run(t, c, "dial"); code != 0 {
		t.Errorf("UDP within the pod: %v", errs)
	}
	want := []string{
		"dial tcp 10.244.0.5:80: connect: connection refused", "dial tcp 10.96.0.7:80: connect: no route to host",
		"dial tcp: lookup gone on 10.244.0.1:53: no such host", "dial tcp nonsense: address nonsense: missing port in address",
		"dial tcp: address x: invalid port",
	}
	for i, err := range errs {
		if err == nil || err.Error() != want[i] {
			t.Errorf("%v, want %s", err, want[i])
		}
	}
}

// FuzzParseReply gives the resolver what a server might send.
func FuzzParseReply(f *testing.F) {
	name := dnsmessage.MustNewName("web.default.svc.cluster.local.")
	q := dnsmessage.Question{Name: name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET}
	m := dnsmessage.Message{
		Header: dnsmessage.Header{ID: 7, Response: true}, Questions: []dnsmessage.Question{q},
		Answers: []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: name, Class: dnsmessage.ClassINET}, Body: &dnsmessage.AResource{A: [4]byte{10, 96, 0, 7}},
		}},
	}
	packet, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packet)
	f.Fuzz(func(t *testing.T, packet []byte) {
		got, _, ok := parseReply(packet, 7, q)
		if len(got.addrs) > maxAddresses || !ok && len(got.addrs) > 0 {
			t.Errorf("%d addresses, %v", len(got.addrs), ok)
		}
	})
}
