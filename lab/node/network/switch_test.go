package network

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	host   = netip.MustParseAddr("10.244.0.1")
	client = netip.MustParseAddr("10.244.0.2")
	web    = netip.MustParseAddr("10.244.0.3")
)

// oneService leads 10.96.0.5:80, by UDP 10.96.0.6:80, and the node port 30080 to the web pod, and refuses all else below 10.96.
type oneService struct{}

func (oneService) Endpoint(_ context.Context, _ netip.Addr, to Socket, node bool) (Forward, error) {
	endpoint := netip.AddrPortFrom(web, 8080)
	switch {
	case node && to.Addr.Port() == 30080:
		return Forward{To: endpoint, Masquerade: true}, nil
	case node || !netip.MustParsePrefix("10.96.0.0/16").Contains(to.Addr.Addr()):
		return Forward{}, nil
	case to == Socket{netip.MustParseAddrPort("10.96.0.5:80"), TCP}, to == Socket{netip.MustParseAddrPort("10.96.0.6:80"), UDP}:
		return Forward{To: endpoint}, nil
	}
	return Forward{}, os.NewSyscallError("connect", syscall.ECONNREFUSED)
}

func TestRoute(t *testing.T) {
	s := NewSwitch(host, oneService{})
	for _, pod := range []netip.Addr{client, web, host} {
		s.AddPod(pod)
	}
	any := netip.IPv6Unspecified()
	for _, server := range []Server{
		{Pod: web, Port: 8080, Bound: any},
		{Pod: web, Port: 8081, Bound: netip.MustParseAddr("127.0.0.1"), Local: true},
		{Pod: host, Port: 53, Proto: UDP, Bound: host},
		{Pod: host, Port: 9100, Bound: any},
	} {
		if _, _, err := s.Announce(t.Context(), server); err != nil {
			t.Fatal(err)
		}
	}
	remove := s.ForwardPort(8888, TCP, netip.AddrPortFrom(web, 8080))
	for _, c := range []struct {
		name   string
		from   netip.Addr
		inside bool
		proto  Proto
		to     string
		server string // "": refused
		source netip.Addr
		err    error
	}{
		{"a pod", client, true, TCP, "10.244.0.3:8080", "10.244.0.3:8080", client, nil},
		{"a service", client, true, TCP, "10.96.0.5:80", "10.244.0.3:8080", client, nil},
		{"a service from the node", host, false, TCP, "10.96.0.5:80", "10.244.0.3:8080", host, nil},
		{"a service of a pod's own", web, true, TCP, "10.96.0.5:80", "10.244.0.3:8080", host, nil},
		{"a service without the port", client, true, TCP, "10.96.0.5:81", "", client, syscall.ECONNREFUSED},
		{"a service by the wrong protocol", client, true, UDP, "10.96.0.5:80", "", client, syscall.ECONNREFUSED},
		{"a node port", client, true, TCP, "10.244.0.1:30080", "10.244.0.3:8080", host, nil},
		{"a node port on the node's loopback", host, false, TCP, "127.0.0.1:30080", "10.244.0.3:8080", host, nil},
		{"a node port on a pod's loopback", client, true, TCP, "127.0.0.1:30080", "", client, syscall.ECONNREFUSED},
		{"a node port on the loopback of a pod on the host's network", host, true, TCP, "127.0.0.1:30080", "10.244.0.3:8080", host, nil},
		{"a host port", client, true, TCP, "10.244.0.1:8888", "10.244.0.3:8080", client, nil},
		{"a host port by UDP", client, true, UDP, "10.244.0.1:8888", "", client, syscall.ECONNREFUSED},
		{"a server of the node", client, true, UDP, "10.244.0.1:53", "10.244.0.1:53", client, nil},
		{"the same by TCP", client, true, TCP, "10.244.0.1:53", "", client, syscall.ECONNREFUSED},
		{"a pod on the host's network, from the node", host, false, TCP, "127.0.0.1:9100", "10.244.0.1:9100", host, nil},
		{"a pod on the host's network, itself", host, true, TCP, "127.0.0.1:9100", "10.244.0.1:9100", netip.MustParseAddr("127.0.0.1"), nil},
		{"what a pod keeps to itself", client, true, TCP, "10.244.0.3:8081", "", client, syscall.ECONNREFUSED},
		{"no pod", client, true, TCP, "10.244.0.9:80", "", client, syscall.EHOSTUNREACH},
		{"elsewhere", client, true, TCP, "192.0.2.1:80", "", client, syscall.EHOSTUNREACH},
	} {
		t.Run(c.name, func(t *testing.T) {
			route, err := s.Route(t.Context(), c.from, c.inside, Socket{netip.MustParseAddrPort(c.to), c.proto})
			if c.server == "" {
				if !errors.Is(err, c.err) {
					t.Errorf("%+v, %v, want %v", route, err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if route.Server.Addr.String() != c.server || route.Source.Addr() != c.source {
				t.Errorf("to %v from %v, want %s from %v", route.Server, route.Source, c.server, c.source)
			}
		})
	}
	remove()
	if _, err := s.Route(t.Context(), client, true, Socket{netip.MustParseAddrPort("10.244.0.1:8888"), TCP}); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("the host port of a pod that is gone: %v", err)
	}
}

func TestTCP(t *testing.T) {
	s := NewSwitch(host, oneService{})
	s.AddPod(client)
	s.AddPod(web)
	var claims Claims
	l, err := Listen(t.Context(), s, &claims, Server{Pod: web, Port: 8080, Bound: web})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dialed, err := Dial(t.Context(), s, From{client, true}, "tcp", "10.96.0.5:80")
	if err != nil {
		t.Fatal(err)
	}
	defer dialed.Close()
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer accepted.Close()
	if got := dialed.RemoteAddr().String(); got != "10.96.0.5:80" {
		t.Errorf("the client sees %s", got)
	}
	if got := accepted.LocalAddr().String(); got != "10.244.0.3:8080" {
		t.Errorf("the server is %s to itself", got)
	}
	if got := accepted.RemoteAddr().String(); got != dialed.LocalAddr().String() {
		t.Errorf("the server sees %s, the client is %s", got, dialed.LocalAddr())
	}
	// What is open stays when the port goes.
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), s, From{client, true}, "tcp", "10.96.0.5:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a port that is gone: %v", err)
	}
	if _, err := io.WriteString(dialed, "hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(accepted, got); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestUDP(t *testing.T) {
	s := NewSwitch(host, oneService{})
	s.AddPod(client)
	s.AddPod(web)
	l, err := ListenPacket(t.Context(), s, Server{Pod: web, Port: 8080, Bound: web})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dialed, err := Dial(t.Context(), s, From{client, true}, "udp", "10.96.0.6:80")
	if err != nil {
		t.Fatal(err)
	}
	defer dialed.Close()

	// Others of the machine know neither key: what they send is dropped on both ends.
	stranger, err := net.DialUDP("udp", nil, l.UDPConn.LocalAddr().(*net.UDPAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	for _, packet := range []string{"", "short", string(make([]byte, 64))} {
		if _, err := io.WriteString(stranger, packet); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(dialed, "ping"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, from, err := l.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "ping" || from.String() != dialed.LocalAddr().String() {
		t.Fatalf("%q from %v, %v, want ping from %v", buf[:n], from, err, dialed.LocalAddr())
	}
	if _, err := l.WriteTo([]byte("pong"), from); err != nil {
		t.Fatal(err)
	}
	if n, err = dialed.Read(buf); err != nil || string(buf[:n]) != "pong" {
		t.Errorf("%q, %v", buf[:n], err)
	}
	if _, err := dialed.Write(make([]byte, maxDatagram)); !errors.Is(err, syscall.EMSGSIZE) {
		t.Errorf("a datagram that is too large: %v", err)
	}
	if _, err := l.WriteTo(nil, &net.UDPAddr{IP: net.IPv4(10, 244, 0, 9), Port: 1}); !errors.Is(err, syscall.EHOSTUNREACH) {
		t.Errorf("to somebody unknown: %v", err)
	}
	if err := dialed.SetReadDeadline(time.Now().Add(-1)); err != nil {
		t.Fatal(err)
	}
	if _, err := dialed.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("past the deadline: %v", err)
	}
}

func TestPeersAreBounded(t *testing.T) {
	l := &PacketListener{peers: map[netip.AddrPort]netip.AddrPort{}}
	for i := range 3 * maxPeers {
		l.know(netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 244, byte(i >> 8), byte(i)}), uint16(i)), netip.AddrPort{})
	}
	if len(l.peers) != maxPeers {
		t.Errorf("%d peers", len(l.peers))
	}
}
