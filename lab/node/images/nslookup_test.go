package images_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// cluster answers as the cluster's name server does for one Service.
func cluster(w dns.ResponseWriter, request *dns.Msg) {
	q := request.Question[0]
	m := new(dns.Msg).SetReply(request)
	m.Authoritative = true
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET}
	switch {
	case q.Name == "web.default.svc.cluster.local.":
		if q.Qtype == dns.TypeA {
			m.Answer = append(m.Answer, &dns.A{Hdr: header, A: net.IPv4(10, 96, 0, 7)})
		}
	case q.Name == "7.0.96.10.in-addr.arpa.":
		m.Answer = append(m.Answer, &dns.PTR{Hdr: header, Ptr: "web.default.svc.cluster.local."})
	case strings.HasSuffix(q.Name, ".cluster.local."):
		m.Rcode = dns.RcodeNameError
	default:
		m.Rcode = dns.RcodeServerFailure
	}
	_ = w.WriteMsg(m)
}

// TestNslookup holds the three kinds of nslookup that images have against what the real ones write.
func TestNslookup(t *testing.T) {
	const (
		resolv = "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 127.0.0.1\noptions ndots:5\n"
		old    = "Server:    127.0.0.1\nAddress 1: 127.0.0.1\n\n"
		newer  = "Server:\t\t127.0.0.1\nAddress:\t127.0.0.1:53\n\n"
		bind   = "Server:\t\t127.0.0.1\nAddress:\t127.0.0.1#53\n\n"
	)
	for _, c := range []struct{ name, image, host, out, errs string }{
		{"1.28 with the search list", "busybox:1.28", "web.default", old + "Name:      web.default\nAddress 1: 10.96.0.7 web.default.svc.cluster.local\n", ""},
		{"1.28 by address", "busybox:1.28", "10.96.0.7", old + "Name:      10.96.0.7\nAddress 1: 10.96.0.7 web.default.svc.cluster.local\n", ""},
		{"1.28, no such name", "busybox:1.28.4", "gone.default", old, "nslookup: can't resolve 'gone.default'\n"},
		{"the project's old copy", "gcr.io/google-containers/busybox", "web.default", old + "Name:      web.default\nAddress 1: 10.96.0.7 web.default.svc.cluster.local\n", ""},
		{"1.29 without the search list", "busybox:1.29", "web.default", newer + strings.Repeat("** server can't find web.default: SERVFAIL\n\n", 2), ""},
		{"BIND with the search list", "registry.k8s.io/e2e-test-images/agnhost:2.39", "web.default", bind + "Name:\tweb.default.svc.cluster.local\nAddress: 10.96.0.7\n\n", ""},
		{"BIND by address", "registry.k8s.io/e2e-test-images/agnhost:2.39", "10.96.0.7", bind + "7.0.96.10.in-addr.arpa\tname = web.default.svc.cluster.local\n\n", ""},
		{"BIND, no such name", "registry.k8s.io/e2e-test-images/agnhost:2.39", "gone.svc.cluster.local.", bind + "** server can't find gone.svc.cluster.local.: NXDOMAIN\n\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bed := imagetest.New(t)
			container := bed.Start(t, c.image, sandbox.ContainerConfig{Command: []string{"sleep", "60"}})
			if err := container.FS().WriteFile("/etc/resolv.conf", []byte(resolv), 0o644); err != nil {
				t.Fatal(err)
			}
			nameServer(t, bed)
			out, errs, code := imagetest.Exec(t, container, "", "nslookup", c.host)
			failed := c.errs != "" || strings.Contains(c.out, "can't find")
			if out != c.out || errs != c.errs || (code != 0) != failed {
				t.Errorf("%q, %q, %d; want %q, %q", out, errs, code, c.out, c.errs)
			}
		})
	}
}

// nameServer serves the pod's port 53 from a container of its own, for as long as the test lasts.
func nameServer(t *testing.T, bed *imagetest.Bed) {
	t.Helper()
	started := make(chan struct{})
	image := &sandbox.Image{Name: "dns", Programs: map[string]sandbox.Program{"/dns": func(_ context.Context, p *sandbox.Process) int {
		packets, err := p.ListenPacket("udp", ":53")
		if err != nil {
			t.Error(err)
			close(started)
			return 1
		}
		server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(cluster), NotifyStartedFunc: func() { close(started) }}
		_ = server.ActivateAndServe() // it ends with its socket, and that with the process
		return 0
	}}}
	bed.Start(t, "", sandbox.ContainerConfig{Name: "dns", Image: image, Command: []string{"/dns"}})
	<-started
}
