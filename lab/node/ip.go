package node

import (
	"fmt"
	"net/netip"
	"sync"
)

// ipPool hands out the addresses of the pod network. An address that was given back is used again as late as possible,
// so that nobody takes a new pod for an old one.
type ipPool struct {
	prefix netip.Prefix

	mu   sync.Mutex
	used map[netip.Addr]bool
	last netip.Addr
}

// newIPPool returns the addresses of cidr except for the network's own, the gateway (the first) and the broadcast
// address.
func newIPPool(cidr string) (*ipPool, error) {
	p, err := netip.ParsePrefix(cidr)
	if err != nil {
		return nil, fmt.Errorf("pod CIDR: %w", err)
	}
	if !p.Addr().Is4() || p.Bits() > 29 || p.Bits() < 8 {
		return nil, fmt.Errorf("pod CIDR %s: an IPv4 network from /8 to /29 is needed", cidr)
	}
	p = p.Masked()
	return &ipPool{prefix: p, used: map[netip.Addr]bool{}, last: p.Addr().Next()}, nil
}

// gateway is the node's own address on the pod network.
func (p *ipPool) gateway() netip.Addr { return p.prefix.Addr().Next() }

func (p *ipPool) take() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := p.prefix.Addr().Next().Next()
	size := 1 << (32 - p.prefix.Bits())
	for range size {
		next := p.last.Next()
		if !p.prefix.Contains(next.Next()) { // next is the broadcast address
			next = first
		}
		p.last = next
		if !p.used[next] {
			p.used[next] = true
			return next.String(), nil
		}
	}
	return "", fmt.Errorf("no address is left in %s", p.prefix)
}

func (p *ipPool) giveBack(ip string) {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.used, addr)
}
