package node

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
)

// dnsPort is where name servers listen.
const dnsPort = 53

// Limits of resolv.conf (pkg/apis/core/validation, MaxDNS…).
const (
	maxNameservers = 3
	maxSearches    = 32
	maxSearchChars = 2048
)

// dnsSettings are those of one pod.
type dnsSettings struct{ servers, searches, options []string }

// resolvConf returns the content of a pod's /etc/resolv.conf, by its dnsPolicy and dnsConfig (pkg/kubelet/network/dns,
// GetPodDNS). What is too much is left out, and an event says so. The node itself has no name server, as a kubelet without
// --resolv-conf.
func (a *Agent) resolvConf(pod *v1.Pod) []byte {
	d := podDNS(pod, a.cfg.ClusterDNS, a.cfg.ClusterDomain)
	if len(d.servers) > maxNameservers {
		d.servers = d.servers[:maxNameservers]
		a.events.pod(pod, v1.EventTypeWarning, "DNSConfigForming",
			"Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: %s",
			strings.Join(d.servers, " "))
	}
	if fits := fittingSearches(d.searches); len(fits) < len(d.searches) {
		d.searches = fits
		a.events.pod(pod, v1.EventTypeWarning, "DNSConfigForming",
			"Search Line limits were exceeded, some search paths have been omitted, the applied search line is: %s",
			strings.Join(d.searches, " "))
	}
	return d.file()
}

func podDNS(pod *v1.Pod, clusterDNS, domain string) dnsSettings {
	var d dnsSettings
	cluster := pod.Spec.DNSPolicy == v1.DNSClusterFirstWithHostNet ||
		(pod.Spec.DNSPolicy == v1.DNSClusterFirst || pod.Spec.DNSPolicy == "") && !pod.Spec.HostNetwork
	switch {
	case pod.Spec.DNSPolicy == v1.DNSNone:
	case cluster && clusterDNS != "":
		d = dnsSettings{
			servers:  []string{clusterDNS},
			searches: []string{pod.Namespace + ".svc." + domain, "svc." + domain, domain},
			options:  []string{"ndots:5"},
		}
	default:
		d = dnsSettings{servers: []string{"127.0.0.1"}, searches: []string{"."}}
	}
	if c := pod.Spec.DNSConfig; c != nil {
		d.servers = withoutDuplicates(append(d.servers, c.Nameservers...))
		d.searches = withoutDuplicates(append(d.searches, c.Searches...))
		d.options = mergedOptions(d.options, c.Options)
	}
	return d
}

func withoutDuplicates(list []string) []string {
	var once []string
	for _, s := range list {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}

// mergedOptions are the options with those of the pod's, which count where both have one.
func mergedOptions(options []string, more []v1.PodDNSConfigOption) []string {
	for _, o := range more {
		text := o.Name
		if o.Value != nil && *o.Value != "" {
			text += ":" + *o.Value
		}
		options = slices.DeleteFunc(options, func(have string) bool {
			name, _, _ := strings.Cut(have, ":")
			return name == o.Name
		})
		options = append(options, text)
	}
	return options
}

func fittingSearches(searches []string) []string {
	fits := slices.DeleteFunc(slices.Clone(searches[:min(len(searches), maxSearches)]), func(s string) bool { return len(s) > 253 })
	for len(strings.Join(fits, " ")) > maxSearchChars {
		fits = fits[:len(fits)-1]
	}
	return fits
}

// file is resolv.conf as containerd writes it.
func (d dnsSettings) file() []byte {
	var b strings.Builder
	if len(d.searches) > 0 {
		fmt.Fprintf(&b, "search %s\n", strings.Join(d.searches, " "))
	}
	for _, s := range d.servers {
		fmt.Fprintf(&b, "nameserver %s\n", s)
	}
	if len(d.options) > 0 {
		fmt.Fprintf(&b, "options %s\n", strings.Join(d.options, " "))
	}
	return []byte(b.String())
}
