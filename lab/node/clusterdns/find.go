package clusterdns

import (
	"context"
	"net/netip"
	"strings"

	"github.com/miekg/dns"
	v1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"healthlab/lab/node/services"
)

// host is what a name stands for.
type host struct {
	name  string // without the domain
	ip    netip.Addr
	port  int32  // 0: none
	cname string // instead of all others: an ExternalName
}

// question is a name of the domain taken apart (CoreDNS's plugin/kubernetes/parse.go).
type question struct {
	zone            string // svc or pod
	namespace, name string
	endpoint        string
	port, protocol  string
}

func parse(base string) (q question, ok bool) {
	labels := dns.SplitDomainName(base)
	if len(labels) == 0 {
		return q, true
	}
	take := func() (last string) {
		if len(labels) > 0 {
			last, labels = labels[len(labels)-1], labels[:len(labels)-1]
		}
		return last
	}
	if q.zone = take(); q.zone != "svc" && q.zone != "pod" {
		return q, false
	}
	q.namespace, q.name = take(), take()
	switch len(labels) {
	case 0:
	case 1:
		q.endpoint = labels[0]
	case 2:
		q.port, q.protocol = strings.TrimPrefix(labels[0], "_"), strings.TrimPrefix(labels[1], "_")
	default:
		return q, false
	}
	return q, true
}

// find returns what a name stands for, in lower case and without the domain. Nothing without an error: the name exists and
// stands for nothing.
func (a answerer) find(ctx context.Context, base string) ([]host, error) {
	q, ok := parse(base)
	switch {
	case !ok:
		return nil, errNoName
	case q.namespace == "":
		return nil, nil
	}
	namespace, err := a.objects.Namespace(ctx, q.namespace)
	switch {
	case err != nil:
		return nil, err
	case namespace == nil:
		return nil, errNoName
	case q.name == "":
		return nil, nil
	case q.zone == "pod":
		return findPod(base, q.name)
	}
	return a.findService(ctx, q)
}

// findPod returns the address that a name is made of, whoever has it.
func findPod(base, name string) ([]host, error) {
	text := strings.ReplaceAll(name, "-", ":")
	if strings.Count(name, "-") == 3 && !strings.Contains(name, "--") {
		text = strings.ReplaceAll(name, "-", ".")
	}
	ip, err := netip.ParseAddr(text)
	if err != nil || ip.Zone() != "" {
		return nil, errNoName
	}
	return []host{{name: base, ip: ip.Unmap()}}, nil
}

func (a answerer) findService(ctx context.Context, q question) ([]host, error) {
	service, err := a.objects.Service(ctx, q.namespace, q.name)
	switch {
	case err != nil:
		return nil, err
	case service == nil:
		return nil, errNoName
	}
	name := service.Name + "." + service.Namespace + ".svc"
	var hosts []host
	switch {
	case service.Spec.Type == v1.ServiceTypeExternalName:
		if q.endpoint != "" || q.port != "" || q.protocol != "" {
			return nil, errNoName
		}
		if ip, err := netip.ParseAddr(service.Spec.ExternalName); err == nil { // CoreDNS serves it as an address
			return []host{{name: name, ip: ip.Unmap()}}, nil
		}
		return []host{{cname: service.Spec.ExternalName}}, nil
	case service.Spec.ClusterIP == v1.ClusterIPNone || q.endpoint != "":
		if hosts, err = a.endpoints(ctx, q, name); err != nil {
			return nil, err
		}
	default:
		for _, p := range service.Spec.Ports {
			if !q.wants(p.Name, p.Protocol) {
				continue
			}
			for _, text := range service.Spec.ClusterIPs {
				if ip, err := netip.ParseAddr(text); err == nil {
					hosts = append(hosts, host{name: name, ip: ip, port: p.Port})
				}
			}
		}
	}
	if len(hosts) == 0 {
		return nil, errNoName
	}
	return hosts, nil
}

// wants reports whether a port is asked for, which it is where none is named.
func (q question) wants(name string, protocol v1.Protocol) bool {
	return (q.port == "" || strings.EqualFold(q.port, name)) &&
		(q.protocol == "" || strings.EqualFold(q.protocol, string(protocol)))
}

// endpoints returns the ready endpoints of a service.
func (a answerer) endpoints(ctx context.Context, q question, service string) ([]host, error) {
	slices, err := a.objects.Slices(ctx, q.namespace, q.name)
	if err != nil {
		return nil, err
	}
	var hosts []host
	for _, slice := range slices {
		ports := slice.Ports
		if len(ports) == 0 {
			ports = []discoveryv1.EndpointPort{{}} // a headless service may have none
		}
		for i := range slice.Endpoints {
			e := &slice.Endpoints[i]
			if !services.IsReady(e.Conditions) {
				continue
			}
			for _, text := range e.Addresses {
				ip, err := netip.ParseAddr(text)
				if err != nil {
					continue
				}
				name := endpointName(e, ip)
				if q.endpoint != "" && !strings.EqualFold(q.endpoint, name) {
					continue
				}
				for _, p := range ports {
					if h := (host{name: name + "." + service, ip: ip.Unmap()}); q.wants(value(p.Name), value(p.Protocol)) {
						h.port = value(p.Port)
						hosts = append(hosts, h)
					}
				}
			}
		}
	}
	return hosts, nil
}

// endpointName is the first label of an endpoint's name: its hostname, or its address.
func endpointName(e *discoveryv1.Endpoint, ip netip.Addr) string {
	if name := value(e.Hostname); name != "" {
		return name
	}
	return strings.NewReplacer(".", "-", ":", "-").Replace(ip.Unmap().String())
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// reverse answers what name an address has. Addresses that are not the cluster's would be asked for elsewhere.
func (a answerer) reverse(ctx context.Context, m *dns.Msg, q dns.Question, name string) {
	m.Rcode = dns.RcodeServerFailure
	ip, ok := addressOf(name)
	if !ok || q.Qtype != dns.TypePTR {
		return
	}
	names, err := a.namesOf(ctx, ip)
	if err != nil || len(names) == 0 {
		return
	}
	m.Rcode, m.Authoritative = dns.RcodeSuccess, true
	for _, n := range names {
		m.Answer = append(m.Answer, &dns.PTR{Hdr: header(q.Name, dns.TypePTR), Ptr: n + "." + a.domain})
	}
}

// namesOf returns the names of the services or endpoints that have an address, without the domain.
func (a answerer) namesOf(ctx context.Context, ip netip.Addr) ([]string, error) {
	found, err := a.objects.ServicesAt(ctx, ip)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		for _, own := range s.Spec.ClusterIPs {
			if own == ip.String() {
				return []string{s.Name + "." + s.Namespace + ".svc"}, nil
			}
		}
	}
	slices, err := a.objects.SlicesAt(ctx, ip)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, slice := range slices {
		service := slice.Labels[discoveryv1.LabelServiceName]
		for i := range slice.Endpoints {
			e := &slice.Endpoints[i]
			if service != "" && services.IsReady(e.Conditions) && len(e.Addresses) > 0 && e.Addresses[0] == ip.String() {
				names = append(names, endpointName(e, ip)+"."+service+"."+slice.Namespace+".svc")
			}
		}
	}
	return names, nil
}

// addressOf reads the address of a name below in-addr.arpa or ip6.arpa.
func addressOf(name string) (netip.Addr, bool) {
	labels := dns.SplitDomainName(name)
	if len(labels) < 3 {
		return netip.Addr{}, false
	}
	digits := labels[:len(labels)-2]
	var text strings.Builder
	for i := len(digits) - 1; i >= 0; i-- {
		text.WriteString(digits[i])
		switch n := len(digits) - i; {
		case i == 0:
		case labels[len(labels)-2] == "in-addr":
			text.WriteByte('.')
		case n%4 == 0:
			text.WriteByte(':')
		}
	}
	ip, err := netip.ParseAddr(text.String())
	return ip, err == nil && ip.Zone() == "" && ip.Is4() == (labels[len(labels)-2] == "in-addr")
}
