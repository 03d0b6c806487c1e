package node

import (
	"fmt"
	"strings"
	"testing"

	v1 "k8s.io/api/core/v1"
)

func TestResolvConf(t *testing.T) {
	const cluster = "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\n"
	const own = "search .\nnameserver 127.0.0.1\n"
	config := func(c v1.PodDNSConfig) func(*v1.PodSpec) { return func(s *v1.PodSpec) { s.DNSConfig = &c } }
	policy := func(p v1.DNSPolicy) func(*v1.PodSpec) { return func(s *v1.PodSpec) { s.DNSPolicy = p } }
	onHost := func(s *v1.PodSpec) { s.HostNetwork = true }
	for _, c := range []struct {
		name   string
		change []func(*v1.PodSpec)
		want   string
	}{
		{"no policy", nil, cluster + "options ndots:5\n"},
		{"ClusterFirst", []func(*v1.PodSpec){policy(v1.DNSClusterFirst)}, cluster + "options ndots:5\n"},
		{"ClusterFirst on the host's network", []func(*v1.PodSpec){policy(v1.DNSClusterFirst), onHost}, own},
		{"ClusterFirstWithHostNet", []func(*v1.PodSpec){policy(v1.DNSClusterFirstWithHostNet), onHost}, cluster + "options ndots:5\n"},
		{"Default", []func(*v1.PodSpec){policy(v1.DNSDefault)}, own},
		{"None", []func(*v1.PodSpec){policy(v1.DNSNone), config(v1.PodDNSConfig{
			Nameservers: []string{"192.0.2.1"}, Searches: []string{"my.dns.search.suffix"},
			Options: []v1.PodDNSConfigOption{{Name: "ndots", Value: new("2")}, {Name: "edns0"}},
		})}, "search my.dns.search.suffix\nnameserver 192.0.2.1\noptions ndots:2 edns0\n"},
		{"ClusterFirst and more", []func(*v1.PodSpec){config(v1.PodDNSConfig{
			Nameservers: []string{"192.0.2.1", "10.96.0.10"}, Searches: []string{"example.com", "cluster.local"},
			Options: []v1.PodDNSConfigOption{{Name: "ndots", Value: new("1")}},
		})}, "search default.svc.cluster.local svc.cluster.local cluster.local example.com\n" +
			"nameserver 10.96.0.10\nnameserver 192.0.2.1\noptions ndots:1\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pod := testPod("p", func(p *v1.Pod) {
				for _, change := range c.change {
					change(&p.Spec)
				}
			})
			if got := string(podDNS(pod, "10.96.0.10", "cluster.local").file()); got != c.want {
				t.Errorf("%q\nwant %q", got, c.want)
			}
		})
	}
	if got := string(podDNS(testPod("p", nil), "", "cluster.local").file()); got != own {
		t.Errorf("without cluster DNS %q", got)
	}
}

func TestSearchListFits(t *testing.T) {
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprint("d", i))
	}
	if got := fittingSearches(many); len(got) != maxSearches {
		t.Errorf("%d domains", len(got))
	}
	long := strings.Repeat("a", 200)
	if got := fittingSearches([]string{"a", strings.Repeat("a", 254), long, long, long, long, long, long, long, long, long, long, long}); len(strings.Join(got, " ")) > maxSearchChars || len(got) != 11 {
		t.Errorf("%d domains of %d characters", len(got), len(strings.Join(got, " ")))
	}
}

// A pod on the host's network has the node's address, which others keep when it goes.
func TestHostNetwork(t *testing.T) {
	listen := func(p *v1.Pod) {
		p.Spec.HostNetwork = true
		p.Spec.Containers[0].Command = []string{"/listen"}
		p.Spec.Containers[0].ReadinessProbe = tcpProbe(80)
		p.Spec.Containers[0].ReadinessProbe.TCPSocket.Host = "127.0.0.1"
	}
	l := startLab(t, nil)
	l.create(testPod("one", listen))
	pod := l.wait("one", "ready", ready)
	host := l.agent.net.Host().String()
	if pod.Status.PodIP != host || pod.Status.HostIP != host {
		t.Errorf("address %s, the node has %s", pod.Status.PodIP, pod.Status.HostIP)
	}
	l.create(testPod("two", listen))
	l.wait("two", "failed: the port is taken", func(p *v1.Pod) bool {
		return p != nil && len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].RestartCount > 0
	})
	l.create(testPod("three", func(p *v1.Pod) {
		p.Spec.Containers[0].Command = []string{"/listen"}
		p.Spec.Containers[0].Ports = []v1.ContainerPort{{ContainerPort: 80, HostPort: 8080, Protocol: v1.ProtocolTCP}}
		p.Spec.Containers[0].ReadinessProbe = tcpProbe(80)
	}))
	l.wait("three", "ready", ready)
	conn, err := l.agent.Dial(t.Context(), "tcp", host+":8080")
	if err != nil {
		t.Fatalf("by the host port: %v", err)
	}
	_ = conn.Close()
}

func ready(p *v1.Pod) bool {
	return p != nil && len(p.Status.ContainerStatuses) > 0 && p.Status.ContainerStatuses[0].Ready
}
