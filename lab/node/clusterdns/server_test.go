package clusterdns

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"healthlab/lab/node/services"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const domain = "cluster.local."

// cluster is what the tests ask about.
func cluster() []runtime.Object {
	meta := func(namespace, name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: namespace, Name: name}
	}
	service := func(namespace, name, ip string, ports ...v1.ServicePort) *v1.Service {
		return &v1.Service{ObjectMeta: meta(namespace, name), Spec: v1.ServiceSpec{
			Type: v1.ServiceTypeClusterIP, ClusterIP: ip, ClusterIPs: []string{ip}, Ports: ports,
		}}
	}
	external := func(name, target string) *v1.Service {
		return &v1.Service{ObjectMeta: meta("default", name), Spec: v1.ServiceSpec{
			Type: v1.ServiceTypeExternalName, ExternalName: target,
		}}
	}
	slice := func(service string, endpoints []discoveryv1.Endpoint, ports ...discoveryv1.EndpointPort) *discoveryv1.EndpointSlice {
		s := &discoveryv1.EndpointSlice{
			ObjectMeta: meta("default", service+"-x1"), AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints, Ports: ports,
		}
		s.Labels = map[string]string{discoveryv1.LabelServiceName: service}
		return s
	}
	endpoint := func(ip, hostname string, ready bool) discoveryv1.Endpoint {
		e := discoveryv1.Endpoint{Addresses: []string{ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}
		if hostname != "" {
			e.Hostname = &hostname
		}
		return e
	}
	web := discoveryv1.EndpointPort{Name: new("web"), Port: new(int32(8080)), Protocol: new(v1.ProtocolTCP)}
	both := service("default", "dual", "10.96.0.8", v1.ServicePort{Port: 1})
	both.Spec.ClusterIPs = append(both.Spec.ClusterIPs, "fd00::8")
	return []runtime.Object{
		&v1.Namespace{ObjectMeta: meta("", "default")}, &v1.Namespace{ObjectMeta: meta("", "kube-system")},
		service("kube-system", "kube-dns", "10.96.0.10", v1.ServicePort{Name: "dns", Port: 53, Protocol: v1.ProtocolUDP}),
		service("default", "kubernetes", "10.96.0.1", v1.ServicePort{Name: "https", Port: 443, Protocol: v1.ProtocolTCP}),
		service("default", "web", "10.96.0.7",
			v1.ServicePort{Name: "web", Port: 80, Protocol: v1.ProtocolTCP}, v1.ServicePort{Name: "stats", Port: 81, Protocol: v1.ProtocolUDP}),
		slice("web", []discoveryv1.Endpoint{endpoint("10.244.0.2", "", true)}, web),
		both,
		service("default", "head", v1.ClusterIPNone, v1.ServicePort{Name: "web", Port: 80, Protocol: v1.ProtocolTCP}),
		slice("head", []discoveryv1.Endpoint{
			endpoint("10.244.0.2", "db-0", true), endpoint("10.244.0.3", "", true), endpoint("10.244.0.4", "db-2", false),
		}, web),
		service("default", "down", v1.ClusterIPNone, v1.ServicePort{Name: "web", Port: 80}),
		slice("down", []discoveryv1.Endpoint{endpoint("10.244.0.4", "", false)}, web),
		service("default", "empty", v1.ClusterIPNone),
		service("default", "portless", v1.ClusterIPNone),
		slice("portless", []discoveryv1.Endpoint{endpoint("10.244.0.6", "", true)}),
		external("out", "example.com"), external("in", "web.default.svc.cluster.local"), external("self", "self.default.svc.cluster.local"),
		external("lost", "nothing.default.svc.cluster.local"), external("a", "b.default.svc.cluster.local"), external("b", "a.default.svc.cluster.local"),
	}
}

func newAnswerer(t testing.TB) answerer {
	t.Helper()
	objects, err := services.NewObjects(fake.NewClientset(cluster()...))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	objects.Start(ctx)
	t.Cleanup(func() {
		cancel()
		objects.Wait()
	})
	return answerer{objects, domain}
}

func TestAnswer(t *testing.T) {
	a := newAnswerer(t)
	const svc = ".default.svc.cluster.local."
	const nodata, nxdomain, servfail, refused = "NODATA", "NXDOMAIN", "SERVFAIL", "REFUSED"
	for _, c := range []struct {
		name string
		kind uint16
		want string // sorted records in short, or how there are none
	}{
		{"web" + svc, dns.TypeA, "A 10.96.0.7"},
		{"WeB.Default.SVC.cluster.LOCAL.", dns.TypeA, "A 10.96.0.7"},
		{"web" + svc, dns.TypeAAAA, nodata},
		{"web" + svc, dns.TypeMX, nodata},
		{"web" + svc, dns.TypeTXT, nodata},
		{"web" + svc, dns.TypeANY, nodata},
		{"kubernetes.default.svc.cluster.local.", dns.TypeA, "A 10.96.0.1"},
		{"kube-dns.kube-system.svc.cluster.local.", dns.TypeA, "A 10.96.0.10"},
		{"dual" + svc, dns.TypeA, "A 10.96.0.8"},
		{"dual" + svc, dns.TypeAAAA, "AAAA fd00::8"},
		{"nothing" + svc, dns.TypeA, nxdomain},
		{"nothing" + svc, dns.TypeMX, nxdomain},
		{"web.other.svc.cluster.local.", dns.TypeA, nxdomain},
		{"web.default.cluster.local.", dns.TypeA, nxdomain},
		{"web.cluster.local.", dns.TypeA, nxdomain},
		{"cluster.local.", dns.TypeA, nodata},
		{"svc.cluster.local.", dns.TypeA, nodata},
		{"pod.cluster.local.", dns.TypeA, nodata},
		{"default.svc.cluster.local.", dns.TypeA, nodata},
		{"other.svc.cluster.local.", dns.TypeA, nxdomain},
		{"a.b.c.web" + svc, dns.TypeA, nxdomain},

		{"head" + svc, dns.TypeA, "A 10.244.0.2, A 10.244.0.3"},
		{"db-0.head" + svc, dns.TypeA, "A 10.244.0.2"},
		{"10-244-0-3.head" + svc, dns.TypeA, "A 10.244.0.3"},
		{"10-244-0-2.head" + svc, dns.TypeA, nxdomain}, // it has a hostname
		{"db-2.head" + svc, dns.TypeA, nxdomain},       // not ready
		{"10-244-0-2.web" + svc, dns.TypeA, "A 10.244.0.2"},
		{"down" + svc, dns.TypeA, nxdomain},
		{"empty" + svc, dns.TypeA, nxdomain},
		{"portless" + svc, dns.TypeA, "A 10.244.0.6"},
		{"portless" + svc, dns.TypeSRV, nodata},

		{"_web._tcp.web" + svc, dns.TypeSRV, "SRV 0 100 80 web" + svc},
		{"_stats._udp.web" + svc, dns.TypeSRV, "SRV 0 100 81 web" + svc},
		{"_web._udp.web" + svc, dns.TypeSRV, nxdomain},
		{"_none._tcp.web" + svc, dns.TypeSRV, nxdomain},
		{"_web._tcp.web" + svc, dns.TypeA, "A 10.96.0.7"},
		{"web" + svc, dns.TypeSRV, "SRV 0 50 80 web" + svc + ", SRV 0 50 81 web" + svc},
		{"_web._tcp.head" + svc, dns.TypeSRV, "SRV 0 50 8080 10-244-0-3.head" + svc + ", SRV 0 50 8080 db-0.head" + svc},

		{"out" + svc, dns.TypeA, "CNAME example.com."},
		{"out" + svc, dns.TypeCNAME, "CNAME example.com."},
		{"out" + svc, dns.TypeSRV, nodata},
		{"x.out" + svc, dns.TypeA, nxdomain},
		{"in" + svc, dns.TypeA, "CNAME web" + svc + ", A 10.96.0.7"},
		{"in" + svc, dns.TypeAAAA, nodata},
		{"self" + svc, dns.TypeA, nodata},
		{"lost" + svc, dns.TypeA, nodata},
		{"a" + svc, dns.TypeA, nodata},

		{"10-244-0-9.default.pod.cluster.local.", dns.TypeA, "A 10.244.0.9"},
		{"10-244-0-9.default.pod.cluster.local.", dns.TypeAAAA, nodata},
		{"fd00--9.default.pod.cluster.local.", dns.TypeAAAA, "AAAA fd00::9"},
		{"10-244-0-9.other.pod.cluster.local.", dns.TypeA, nxdomain},
		{"10-244-0.default.pod.cluster.local.", dns.TypeA, nxdomain},
		{"10-244-0-256.default.pod.cluster.local.", dns.TypeA, nxdomain},
		{"web.default.pod.cluster.local.", dns.TypeA, nxdomain},
		{"default.pod.cluster.local.", dns.TypeA, nodata},

		{"7.0.96.10.in-addr.arpa.", dns.TypePTR, "PTR web" + svc},
		{"3.0.244.10.in-addr.arpa.", dns.TypePTR, "PTR 10-244-0-3.head" + svc},
		{"2.0.244.10.in-addr.arpa.", dns.TypePTR, "PTR 10-244-0-2.web" + svc + ", PTR db-0.head" + svc},
		{"9.0.244.10.in-addr.arpa.", dns.TypePTR, servfail},
		{"x.0.244.10.in-addr.arpa.", dns.TypePTR, servfail},
		{"in-addr.arpa.", dns.TypePTR, servfail},
		{"8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa.", dns.TypePTR, "PTR dual" + svc},

		{"cluster.local.", dns.TypeNS, "NS kube-dns.kube-system.svc.cluster.local."},
		{"ns.dns.cluster.local.", dns.TypeA, "A 10.96.0.10"},
		{"dns-version.cluster.local.", dns.TypeTXT, "TXT \"1.1.0\""},

		{"example.com.", dns.TypeA, servfail},
		{"local.", dns.TypeA, servfail},
		{"notcluster.local.", dns.TypeA, servfail},
		{".", dns.TypeNS, servfail},
		{"web" + svc + "cluster.local.", dns.TypeA, nxdomain},
	} {
		t.Run(c.name+" "+dns.TypeToString[c.kind], func(t *testing.T) {
			m := a.answer(t.Context(), new(dns.Msg).SetQuestion(c.name, c.kind))
			var got []string
			for _, r := range m.Answer {
				text := strings.TrimPrefix(r.String(), r.Header().String())
				got = append(got, dns.TypeToString[r.Header().Rrtype]+" "+text)
				if r.Header().Ttl != ttl {
					t.Errorf("ttl %d", r.Header().Ttl)
				}
			}
			if first := len(got) > 1 && strings.HasPrefix(got[0], "CNAME"); !first {
				slices.Sort(got)
			}
			text := strings.Join(got, ", ")
			hasSOA := len(m.Ns) == 1 && m.Ns[0].Header().Rrtype == dns.TypeSOA
			switch {
			case m.Rcode == dns.RcodeSuccess && text == "" && hasSOA && m.Authoritative:
				text = nodata
			case m.Rcode == dns.RcodeNameError && hasSOA && m.Authoritative:
				text = nxdomain
			case m.Rcode == dns.RcodeServerFailure && len(m.Ns) == 0:
				text = servfail
			}
			if text != c.want {
				t.Errorf("%s, want %s\n%v", text, c.want, m)
			}
		})
	}
	chaos := new(dns.Msg).SetQuestion("version.bind.", dns.TypeTXT)
	chaos.Question[0].Qclass = dns.ClassCHAOS
	if m := a.answer(t.Context(), chaos); m.Rcode != dns.RcodeRefused {
		t.Errorf("%s, want %s", dns.RcodeToString[m.Rcode], refused)
	}
	extra := a.answer(t.Context(), new(dns.Msg).SetQuestion("_web._tcp.head"+svc, dns.TypeSRV)).Extra
	if len(extra) != 2 {
		t.Errorf("with SRV come the addresses %v", extra)
	}
}

// startServer serves on this machine's own ports.
func startServer(t *testing.T) (udp, tcp string) {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	streams, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := newAnswerer(t)
	s := Start(Config{Objects: a.objects, Domain: "cluster.local", Log: slog.New(slog.DiscardHandler)}, packets, streams)
	t.Cleanup(s.Close)
	return packets.LocalAddr().String(), streams.Addr().String()
}

func TestServer(t *testing.T) {
	udp, tcp := startServer(t)
	question := new(dns.Msg).SetQuestion("web.default.svc.cluster.local.", dns.TypeA)
	for network, address := range map[string]string{"udp": udp, "tcp": tcp} {
		m, _, err := (&dns.Client{Net: network}).Exchange(question, address)
		if err != nil || len(m.Answer) != 1 || m.Answer[0].(*dns.A).A.String() != "10.96.0.7" {
			t.Errorf("%s: %v, %v", network, m, err)
		}
	}
	question.SetEdns0(1232, false)
	if m, _, err := new(dns.Client).Exchange(question, udp); err != nil || m.IsEdns0() == nil {
		t.Errorf("EDNS: %v, %v", m, err)
	}
}

// Hostile packets get an answer that says no, or none, and the next question is answered.
func TestHostilePackets(t *testing.T) {
	udp, tcp := startServer(t)
	pack := func(change func(*dns.Msg)) []byte {
		m := new(dns.Msg).SetQuestion("web.default.svc.cluster.local.", dns.TypeA)
		change(m)
		data, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	header := []byte{0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	packets := map[string][]byte{
		"empty":           {},
		"short":           {1, 2, 3},
		"header only":     header,
		"pointer loop":    append(slices.Clone(header), 0xc0, 0x0c, 0, 1, 0, 1),
		"label too long":  append(slices.Clone(header), 0x80, 'a', 0, 0, 1, 0, 1),
		"no question":     pack(func(m *dns.Msg) { m.Question = nil }),
		"two questions":   pack(func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }),
		"a response":      pack(func(m *dns.Msg) { m.Response = true }),
		"an update":       pack(func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }),
		"zone transfer":   pack(func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAXFR }),
		"large and empty": make([]byte, 60_000),
	}
	for name, packet := range packets {
		for network, address := range map[string]string{"udp": udp, "tcp": tcp} {
			conn, err := net.Dial(network, address)
			if err != nil {
				t.Fatal(err)
			}
			data := packet
			if network == "tcp" {
				data = append([]byte{byte(len(packet) >> 8), byte(len(packet))}, packet...)
			}
			if _, err := conn.Write(data); err != nil {
				t.Errorf("%s by %s: %v", name, network, err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			buf := make([]byte, 4096)
			if n, err := conn.Read(buf); err == nil {
				if network == "tcp" {
					buf, n = buf[2:], n-2
				}
				m := new(dns.Msg)
				if err := m.Unpack(buf[:n]); err != nil || len(m.Answer) > 0 {
					t.Errorf("%s by %s is answered with %v, %v", name, network, m, err)
				}
			}
			_ = conn.Close()
		}
	}
	m, _, err := new(dns.Client).Exchange(new(dns.Msg).SetQuestion("web.default.svc.cluster.local.", dns.TypeA), udp)
	if err != nil || len(m.Answer) != 1 {
		t.Errorf("afterwards: %v, %v", m, err)
	}
}

// A headless service of many pods does not fit into a datagram of 512 bytes: the client asks again by TCP.
func TestTruncation(t *testing.T) {
	many := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "many", Labels: map[string]string{discoveryv1.LabelServiceName: "empty"},
		}, AddressType: discoveryv1.AddressTypeIPv4,
	}
	for i := range 100 {
		many.Endpoints = append(many.Endpoints, discoveryv1.Endpoint{Addresses: []string{fmt.Sprintf("10.244.1.%d", i)}})
	}
	objects, err := services.NewObjects(fake.NewClientset(append(cluster(), many)...))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	objects.Start(ctx)
	defer objects.Wait()
	defer cancel()
	s := &Server{answerer: answerer{objects, domain}, log: slog.New(slog.DiscardHandler), slots: make(chan struct{}, 1), ctx: ctx}
	for _, c := range []struct {
		name      string
		from      net.Addr
		edns      uint16
		most      int
		truncated bool
	}{
		{"UDP", &net.UDPAddr{}, 0, 512, true},
		{"UDP with EDNS", &net.UDPAddr{}, 4096, 4096, false},
		{"UDP with EDNS that says too much", &net.UDPAddr{}, 65535, 4096, false},
		{"TCP", &net.TCPAddr{}, 0, 65535, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := new(dns.Msg).SetQuestion("empty.default.svc.cluster.local.", dns.TypeA)
			if c.edns > 0 {
				request.SetEdns0(c.edns, false)
			}
			w := &recorded{from: c.from}
			s.ServeDNS(w, request)
			if size := w.reply.Len(); size > c.most || w.reply.Truncated != c.truncated {
				t.Errorf("%d bytes, truncated %v", size, w.reply.Truncated)
			}
		})
	}
}

// recorded keeps what is answered.
type recorded struct {
	dns.ResponseWriter
	from  net.Addr
	reply *dns.Msg
}

func (r *recorded) RemoteAddr() net.Addr          { return r.from }
func (r *recorded) WriteMsg(reply *dns.Msg) error { r.reply = reply; return nil }

// FuzzAnswer gives the handler whatever a packet may hold.
func FuzzAnswer(f *testing.F) {
	a := newAnswerer(f)
	for _, name := range []string{"web.default.svc.cluster.local.", "a.b.c.d.e.svc.cluster.local.", ".", "7.0.96.10.in-addr.arpa.", "1-2-3-4.default.pod.cluster.local.", "in.default.svc.cluster.local.", "_web._tcp.head.default.svc.cluster.local."} {
		for _, kind := range []uint16{dns.TypeA, dns.TypeSRV, dns.TypePTR, dns.TypeANY} {
			packet, err := new(dns.Msg).SetQuestion(name, kind).SetEdns0(1232, true).Pack()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(packet)
		}
	}
	s := &Server{answerer: a, log: slog.New(slog.DiscardHandler), slots: make(chan struct{}, 1), ctx: f.Context()}
	f.Fuzz(func(t *testing.T, packet []byte) {
		request := new(dns.Msg)
		if request.Unpack(packet) != nil {
			return // the library answers these
		}
		w := &recorded{from: &net.UDPAddr{}}
		s.ServeDNS(w, request)
		if w.reply == nil || w.reply.Id != request.Id || !w.reply.Response {
			t.Fatalf("%v is answered with %v", request, w.reply)
		}
		if data, err := w.reply.Pack(); err != nil || len(data) > maxPayload {
			t.Errorf("%d bytes, %v: %v", len(data), err, w.reply)
		}
	})
}
