package network

import (
	"net/netip"
	"sync"
	"time"
)

// AdmitTime is how long an accepted connection may stay unclaimed, and a claim without its connection. A dial claims its
// connection at once; what nobody claims came from elsewhere on the machine and is none of the pod network's business.
const AdmitTime = 2 * time.Second

// Claims pairs accepted connections with the dials that they came from. The zero value is ready. Of the two, whichever
// comes first waits for the other.
type Claims struct {
	mu      sync.Mutex
	waiting map[netip.AddrPort]*waiting
}

type waiting struct {
	claim chan Claim // holds one
	since time.Time
}

// Put hands over a claim.
func (c *Claims) Put(claim Claim) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.at(claim.Dialed)
	select {
	case w.claim <- claim:
	default: // of a connection before on the same port that never arrived: this one is newer
		select {
		case <-w.claim:
		default:
		}
		w.claim <- claim
	}
}

// Wait returns the channel on which the claim of the connection from dialed comes, and what to call when it is not waited
// for any longer.
func (c *Claims) Wait(dialed netip.AddrPort) (claim <-chan Claim, done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.at(dialed)
	return w.claim, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.waiting[dialed] == w {
			delete(c.waiting, dialed)
		}
	}
}

// at returns the meeting place of a port, and forgets those where nobody has come in time; c.mu is held.
func (c *Claims) at(dialed netip.AddrPort) *waiting {
	now := time.Now()
	w := c.waiting[dialed]
	if w != nil && now.Sub(w.since) <= AdmitTime {
		return w
	}
	if c.waiting == nil {
		c.waiting = map[netip.AddrPort]*waiting{}
	}
	if len(c.waiting) >= 64 {
		for key, old := range c.waiting {
			if now.Sub(old.since) > AdmitTime {
				delete(c.waiting, key)
			}
		}
	}
	w = &waiting{claim: make(chan Claim, 1), since: now}
	c.waiting[dialed] = w
	return w
}
