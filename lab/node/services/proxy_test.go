package services

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	goruntime "runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"healthlab/lab/node/network"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const nodeName = "node-1"

// watch returns the objects of a fake API, until the test ends.
func watch(t testing.TB, objects ...runtime.Object) (*Objects, *fake.Clientset) {
	t.Helper()
	client := fake.NewClientset(objects...)
	o, err := NewObjects(client)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.Start(ctx)
	t.Cleanup(func() {
		cancel()
		o.Wait()
	})
	return o, client
}

func service(name, ip string, change ...func(*v1.Service)) *v1.Service {
	s := &v1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID(name)},
		Spec: v1.ServiceSpec{
			Type: v1.ServiceTypeClusterIP, ClusterIP: ip, ClusterIPs: []string{ip},
			Ports: []v1.ServicePort{{Name: "web", Port: 80, Protocol: v1.ProtocolTCP}},
		},
	}
	for _, f := range change {
		f(s)
	}
	return s
}

// state is an endpoint's conditions in short: r ready, s serving, t terminating; a dash: nothing is known.
func state(text string) discoveryv1.EndpointConditions {
	if text == "-" {
		return discoveryv1.EndpointConditions{}
	}
	return discoveryv1.EndpointConditions{
		Ready: new(strings.Contains(text, "r")), Serving: new(strings.Contains(text, "s")),
		Terminating: new(strings.Contains(text, "t")),
	}
}

func slice(service string, endpoints map[string]string, ports ...discoveryv1.EndpointPort) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: fmt.Sprint(service, len(endpoints), len(ports)),
			Labels: map[string]string{discoveryv1.LabelServiceName: service},
		},
		AddressType: discoveryv1.AddressTypeIPv4, Ports: ports,
	}
	if ports == nil {
		s.Ports = []discoveryv1.EndpointPort{port("web", 8080, v1.ProtocolTCP)}
	}
	for ip, conditions := range endpoints {
		s.Endpoints = append(s.Endpoints, discoveryv1.Endpoint{
			Addresses: []string{ip}, Conditions: state(conditions), NodeName: new(nodeName),
		})
	}
	return s
}

func port(name string, number int32, protocol v1.Protocol) discoveryv1.EndpointPort {
	return discoveryv1.EndpointPort{Name: &name, Port: &number, Protocol: &protocol}
}

func tcp(address string) network.Socket {
	return network.Socket{Addr: netip.MustParseAddrPort(address), Proto: network.TCP}
}

var pod = netip.MustParseAddr("10.244.0.9")

func TestEndpoint(t *testing.T) {
	const ip = "10.96.0.7"
	many := func(s *v1.Service) {
		s.Spec.Ports = []v1.ServicePort{
			{Name: "web", Port: 80}, {Name: "admin", Port: 81, Protocol: v1.ProtocolTCP}, {Name: "dns", Port: 80, Protocol: v1.ProtocolUDP},
		}
	}
	nodePort := func(s *v1.Service) { s.Spec.Type, s.Spec.Ports[0].NodePort = v1.ServiceTypeNodePort, 30080 }
	local := func(s *v1.Service) { s.Spec.InternalTrafficPolicy = new(v1.ServiceInternalTrafficPolicyLocal) }
	for _, c := range []struct {
		name    string
		service *v1.Service
		slices  []*discoveryv1.EndpointSlice
		to      network.Socket
		node    bool
		want    string // the possible endpoints, "" for none, "refused"
		hidden  bool
	}{
		{"ready ones only", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs", "10.244.0.3": "", "10.244.0.4": "st"})}, tcp(ip + ":80"), false, "10.244.0.2:8080", false},
		{"all that are ready", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs", "10.244.0.3": "rs"})}, tcp(ip + ":80"), false, "10.244.0.2:8080 10.244.0.3:8080", false},
		{"in two slices", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"}), slice("s", map[string]string{"10.244.0.2": "rs", "10.244.0.3": "rs"})}, tcp(ip + ":80"), false, "10.244.0.2:8080 10.244.0.3:8080", false},
		{"unknown conditions are ready", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "-"})}, tcp(ip + ":80"), false, "10.244.0.2:8080", false},
		{"none ready: serving while terminating", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "t", "10.244.0.3": "", "10.244.0.4": "st"})}, tcp(ip + ":80"), false, "10.244.0.4:8080", false},
		{"none at all", service("s", ip), nil, tcp(ip + ":80"), false, "refused", false},
		{"none that is ready", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": ""})}, tcp(ip + ":80"), false, "refused", false},
		{"the slice of another service", service("s", ip), []*discoveryv1.EndpointSlice{slice("other", map[string]string{"10.244.0.2": "rs"})}, tcp(ip + ":80"), false, "refused", false},
		{"a port that the service has not", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"})}, tcp(ip + ":8080"), false, "refused", false},
		{"a port that the pods have not", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"}, port("other", 8080, v1.ProtocolTCP))}, tcp(ip + ":80"), false, "refused", false},
		{"pods with other numbers for a name", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"}), slice("s", map[string]string{"10.244.0.3": "rs", "10.244.0.4": ""}, port("web", 9090, v1.ProtocolTCP))}, tcp(ip + ":80"), false, "10.244.0.2:8080 10.244.0.3:9090", false},
		{"a second port", service("s", ip, many), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"}, port("web", 8080, v1.ProtocolTCP), port("admin", 9000, v1.ProtocolTCP))}, tcp(ip + ":81"), false, "10.244.0.2:9000", false},
		{"UDP", service("s", ip, many), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"}, port("web", 8080, v1.ProtocolTCP), port("dns", 5353, v1.ProtocolUDP))}, network.Socket{Addr: netip.MustParseAddrPort(ip + ":80"), Proto: network.UDP}, false, "10.244.0.2:5353", false},
		{"UDP of a service that has none", service("s", ip), nil, network.Socket{Addr: netip.MustParseAddrPort(ip + ":80"), Proto: network.UDP}, false, "refused", false},
		{"whether there is anybody", service("s", ip), nil, tcp(ip + ":0"), false, "", false},
		{"no service", service("s", ip), nil, tcp("10.96.0.8:80"), false, "", false},
		{"headless", service("s", v1.ClusterIPNone), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"})}, tcp(ip + ":80"), false, "", false},
		{"ExternalName", service("s", ip, func(s *v1.Service) { s.Spec.Type = v1.ServiceTypeExternalName }), nil, tcp(ip + ":80"), false, "", false},
		{"another proxy's", service("s", ip, func(s *v1.Service) { s.Labels = map[string]string{proxyNameLabel: "x"} }), nil, tcp(ip + ":80"), false, "", false},
		{"an external address", service("s", ip, func(s *v1.Service) { s.Spec.ExternalIPs = []string{"192.0.2.1"} }), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"})}, tcp("192.0.2.1:80"), false, "10.244.0.2:8080", false},
		{"a node port", service("s", ip, nodePort), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"})}, tcp("10.244.0.1:30080"), true, "10.244.0.2:8080", true},
		{"a node port, externalTrafficPolicy Local", service("s", ip, nodePort, func(s *v1.Service) { s.Spec.ExternalTrafficPolicy = v1.ServiceExternalTrafficPolicyLocal }), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"})}, tcp("10.244.0.1:30080"), true, "10.244.0.2:8080", false},
		{"a node port without endpoints", service("s", ip, nodePort), nil, tcp("10.244.0.1:30080"), true, "refused", false},
		{"the service's port on the node", service("s", ip, nodePort), nil, tcp("10.244.0.1:80"), true, "", false},
		{"the node port on the service's address", service("s", ip, nodePort), nil, tcp(ip + ":30080"), false, "refused", false},
		{"internalTrafficPolicy Local", service("s", ip, local), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"10.244.0.2": "rs"})}, tcp(ip + ":80"), false, "10.244.0.2:8080", false},
		{"endpoints that cannot be", service("s", ip), []*discoveryv1.EndpointSlice{slice("s", map[string]string{"nonsense": "rs"}), {
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "x", Labels: map[string]string{discoveryv1.LabelServiceName: "s"}},
			Endpoints:  []discoveryv1.Endpoint{{}}, Ports: []discoveryv1.EndpointPort{{}, port("web", 70000, v1.ProtocolTCP)},
		}}, tcp(ip + ":80"), false, "refused", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			objects := []runtime.Object{c.service}
			for _, s := range c.slices {
				objects = append(objects, s)
			}
			o, _ := watch(t, objects...)
			p := NewProxy(o, nodeName)
			want := strings.Fields(c.want)
			seen := map[string]bool{}
			for range 50 {
				got, err := p.Endpoint(t.Context(), pod, c.to, c.node)
				switch {
				case c.want == "refused":
					if !errors.Is(err, syscall.ECONNREFUSED) {
						t.Fatalf("%v, %v, want refused", got, err)
					}
					return
				case err != nil:
					t.Fatal(err)
				case c.want == "":
					if got.To.IsValid() {
						t.Fatalf("%v, which is no service's", got)
					}
					return
				}
				seen[got.To.String()] = true
				if !slices.Contains(want, got.To.String()) || got.Masquerade != c.hidden {
					t.Fatalf("%+v, want one of %v, hidden %v", got, want, c.hidden)
				}
			}
			if len(seen) != len(want) {
				t.Errorf("only %v of %v", seen, want)
			}
		})
	}
}

// Each connection goes to any endpoint with the same probability: with 3,000 of them and three endpoints, fewer than 850 or
// more than 1,150 come about once in a billion runs.
func TestEndpointsAreChosenEvenly(t *testing.T) {
	o, _ := watch(t, service("s", "10.96.0.7"),
		slice("s", map[string]string{"10.244.0.2": "rs", "10.244.0.3": "rs", "10.244.0.4": "rs"}))
	p := NewProxy(o, nodeName)
	count := map[netip.AddrPort]int{}
	for range 3000 {
		got, err := p.Endpoint(t.Context(), pod, tcp("10.96.0.7:80"), false)
		if err != nil {
			t.Fatal(err)
		}
		count[got.To]++
	}
	for at, n := range count {
		if n < 850 || n > 1150 {
			t.Errorf("%v got %d of 3000", at, n)
		}
	}
	if len(count) != 3 {
		t.Errorf("%v", count)
	}
}

func TestSessionAffinity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sticky := service("s", "10.96.0.7", func(s *v1.Service) {
			s.Spec.SessionAffinity = v1.ServiceAffinityClientIP
			s.Spec.SessionAffinityConfig = &v1.SessionAffinityConfig{ClientIP: &v1.ClientIPConfig{TimeoutSeconds: new(int32(60))}}
		})
		endpoints := map[string]string{}
		for i := range 50 {
			endpoints[fmt.Sprintf("10.244.1.%d", i)] = "rs"
		}
		o, client := watch(t, sticky, slice("s", endpoints))
		p := NewProxy(o, nodeName)
		choose := func(from netip.Addr) netip.AddrPort {
			t.Helper()
			got, err := p.Endpoint(t.Context(), from, tcp("10.96.0.7:80"), false)
			if err != nil {
				t.Fatal(err)
			}
			return got.To
		}
		first := choose(pod)
		for range 20 {
			time.Sleep(59 * time.Second) // each visit begins the time anew
			if again := choose(pod); again != first {
				t.Fatalf("%v, then %v", first, again)
			}
		}
		others := 0
		for i := range 20 {
			if choose(netip.AddrFrom4([4]byte{10, 244, 2, byte(i)})) != first {
				others++
			}
		}
		if others == 0 {
			t.Error("other clients all go to the same endpoint")
		}
		moved := 0
		for range 20 {
			time.Sleep(60 * time.Second)
			if choose(pod) != first {
				moved++
			}
		}
		if moved == 0 {
			t.Error("the client stays longer than the timeout")
		}
		last := choose(pod)
		delete(endpoints, last.Addr().String())
		left := slice("s", endpoints)
		left.Name = fmt.Sprint("s", len(endpoints)+1, 0) // the one that is there
		if _, err := client.DiscoveryV1().EndpointSlices("default").Update(t.Context(), left, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := choose(pod); got == last {
			t.Error("the client stays with an endpoint that is gone")
		}
	})
}

func TestAffinityIsBounded(t *testing.T) {
	var a affinity
	now := time.Now()
	to := netip.MustParseAddrPort("10.244.0.2:80")
	client := func(i int) affinityKey {
		return affinityKey{client: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})}
	}
	for i := range maxAffinities + 100 {
		a.keep(client(i), to, []netip.AddrPort{to}, time.Hour, now)
	}
	if n := len(a.known); n != maxAffinities {
		t.Errorf("%d are remembered", n)
	}
	a.keep(client(1<<20), to, []netip.AddrPort{to}, time.Hour, now.Add(2*time.Hour))
	if n := len(a.known); n != 1 {
		t.Errorf("%d are remembered when their time is over", n)
	}
}

// An endpoint that comes and goes without a pause changes where connections go, and nothing else.
func TestFlappingEndpoint(t *testing.T) {
	up, down := slice("s", map[string]string{"10.244.0.2": "rs"}), slice("s", map[string]string{"10.244.0.2": ""})
	o, client := watch(t, service("s", "10.96.0.7"), up)
	p := NewProxy(o, nodeName)
	if _, err := p.Endpoint(t.Context(), pod, tcp("10.96.0.7:80"), false); err != nil {
		t.Fatal(err)
	}
	// A watch that begins after a change gets the fake's own objects, which no API server gives away.
	for !slices.ContainsFunc(client.Actions(), func(a clienttesting.Action) bool { return a.Matches("watch", "endpointslices") }) {
		goruntime.Gosched()
	}
	flapped := make(chan error, 1)
	go func() {
		for i := range 100 {
			s := up
			if i%2 == 0 {
				s = down
			}
			if _, err := client.DiscoveryV1().EndpointSlices("default").Update(t.Context(), s, metav1.UpdateOptions{}); err != nil {
				flapped <- err
				return
			}
		}
		flapped <- nil
	}()
	for {
		got, err := p.Endpoint(t.Context(), pod, tcp("10.96.0.7:80"), false)
		if !errors.Is(err, syscall.ECONNREFUSED) && (err != nil || got.To.String() != "10.244.0.2:8080") {
			t.Fatalf("%v, %v", got, err)
		}
		select {
		case err := <-flapped:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}

// Nothing but Services is watched until somebody connects to one or asks for a name.
func TestWatchesBeginWhenTheyAreNeeded(t *testing.T) {
	o, client := watch(t, service("s", "10.96.0.7"), slice("s", map[string]string{"10.244.0.2": "rs"}),
		&v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}})
	watched := func() string {
		var kinds []string
		for _, action := range client.Actions() {
			if action.GetVerb() == "list" {
				kinds = append(kinds, action.GetResource().Resource)
			}
		}
		slices.Sort(kinds)
		return strings.Join(slices.Compact(kinds), " ")
	}
	p := NewProxy(o, nodeName)
	if _, err := p.Endpoint(t.Context(), pod, tcp("10.96.0.8:80"), false); err != nil {
		t.Fatal(err)
	}
	if got := watched(); got != "services" {
		t.Errorf("after a connection to no service: %s", got)
	}
	if _, err := p.Endpoint(t.Context(), pod, tcp("10.96.0.7:80"), false); err != nil {
		t.Fatal(err)
	}
	if got := watched(); got != "endpointslices services" {
		t.Errorf("after a connection to a service: %s", got)
	}
	if there, err := o.Namespace(t.Context(), "default"); err != nil || there == nil {
		t.Errorf("%v %v", there, err)
	}
	if got := watched(); got != "endpointslices namespaces services" {
		t.Errorf("after a name: %s", got)
	}
}

func TestAnEndedNodeIsNotWaitedFor(t *testing.T) {
	o, err := NewObjects(fake.NewClientset())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Services(t.Context()); err == nil {
		t.Error("services are known before they are watched")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.Start(ctx)
	o.Wait()
	if _, err := o.Slices(t.Context(), "default", "s"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// BenchmarkEndpoint is a connection in a cluster with a thousand services.
func BenchmarkEndpoint(b *testing.B) {
	var objects []runtime.Object
	for i := range 1000 {
		name := fmt.Sprint("s", i)
		objects = append(objects, service(name, fmt.Sprintf("10.96.%d.%d", i>>8, i&255)),
			slice(name, map[string]string{"10.244.0.2": "rs", "10.244.0.3": "rs", "10.244.0.4": ""}))
	}
	o, _ := watch(b, objects...)
	p := NewProxy(o, nodeName)
	to := tcp("10.96.1.1:80")
	if _, err := p.Endpoint(b.Context(), pod, to, false); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Endpoint(b.Context(), pod, to, false); err != nil {
			b.Fatal(err)
		}
	}
}
