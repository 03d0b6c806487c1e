package tools

import (
	"context"
	"net/netip"
	"strings"

	"healthlab/lab/node/sandbox"
)

// resolve returns the address that a name means: an address itself, localhost, the pod's own name, or what /etc/hosts says.
// ok is false where there is none.
func resolve(_ context.Context, p *sandbox.Process, host string) (addr netip.Addr, ok bool) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr, true
	}
	switch host {
	case "localhost":
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	case p.Hostname():
		addr, err := netip.ParseAddr(p.PodIP())
		return addr, err == nil
	}
	data, err := p.FS().ReadFile("/etc/hosts", 64<<10)
	if err != nil {
		return netip.Addr{}, false
	}
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		for i, f := range fields {
			if i > 0 && strings.EqualFold(f, host) {
				addr, err := netip.ParseAddr(fields[0])
				return addr, err == nil
			}
		}
	}
	return netip.Addr{}, false
}
