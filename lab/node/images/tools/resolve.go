package tools

import (
	"context"
	"net/netip"

	"healthlab/lab/node/sandbox"
)

// resolve returns the address that programs use of a name that may have several: the first. ok is false where there is none.
func resolve(ctx context.Context, p *sandbox.Process, host string) (addr netip.Addr, ok bool) {
	addrs, err := p.LookupHost(ctx, host)
	if err != nil || len(addrs) == 0 {
		return netip.Addr{}, false
	}
	return addrs[0], true
}
