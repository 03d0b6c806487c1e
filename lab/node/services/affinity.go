package services

import (
	"net/netip"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"healthlab/lab/node/network"
)

// maxAffinities is how many clients are remembered at a time, each for each service that it uses.
const maxAffinities = 10_000

// affinityKey is a client at a port of a service.
type affinityKey struct {
	service types.UID
	port    string
	proto   network.Proto
	client  netip.Addr
}

// affinity remembers which endpoint clients had last. The zero value is ready.
type affinity struct {
	mu    sync.Mutex
	known map[affinityKey]visit
}

type visit struct {
	endpoint netip.AddrPort
	until    time.Time
}

// keep returns the endpoint that the client had before, if that is usable and it was not too long ago, else chosen. Either way
// the time begins anew, as with the iptables match "recent".
func (a *affinity) keep(
	key affinityKey, chosen netip.AddrPort, usable []netip.AddrPort, timeout time.Duration, now time.Time,
) netip.AddrPort {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, known := a.known[key]
	if known && now.Before(before.until) && slices.Contains(usable, before.endpoint) {
		chosen = before.endpoint
	}
	if a.known == nil {
		a.known = map[affinityKey]visit{}
	}
	if !known && len(a.known) >= maxAffinities {
		a.makeRoom(now)
	}
	a.known[key] = visit{chosen, now.Add(timeout)}
	return chosen
}

// makeRoom forgets who has not come in time, or else anybody; a.mu is held.
func (a *affinity) makeRoom(now time.Time) {
	for key, v := range a.known {
		if !now.Before(v.until) {
			delete(a.known, key)
		}
	}
	for key := range a.known {
		if len(a.known) < maxAffinities {
			return
		}
		delete(a.known, key)
	}
}
