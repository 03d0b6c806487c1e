package timeline

import (
	"time"

	"healthlab/probes"
)

// Instant is when something happened, as exactly as that is known: not after At, and not earlier than Within before it.
// Within is 0 where it is known exactly, and [probes.Longest] where nobody knows how much earlier it was. The zero Instant is
// none.
type Instant struct {
	At     time.Time
	Within time.Duration
}

// IsZero reports whether it is no instant.
func (i Instant) IsZero() bool { return i.At.IsZero() }

// Earliest is when it happened at the earliest; ok is false if nothing is known of that.
func (i Instant) Earliest() (at time.Time, ok bool) {
	if i.Within == probes.Longest {
		return time.Time{}, false
	}
	return i.At.Add(-i.Within), true
}

// Since is how long after begun it happened, at least and at most. Where nothing is known of an end of either, that is 0 for
// the least and [probes.Longest] for the most.
func (i Instant) Since(begun Instant) probes.Range {
	r := probes.Range{Most: probes.Longest}
	if early, ok := i.Earliest(); ok {
		r.Least = max(early.Sub(begun.At), 0)
	}
	if early, ok := begun.Earliest(); ok {
		r.Most = max(i.At.Sub(early), r.Least)
	}
	return r
}

// Add is the instant so much later.
func (i Instant) Add(d time.Duration) Instant { return Instant{i.At.Add(d), i.Within} }

func exactly(at time.Time) Instant { return Instant{At: at} }

// between is an instant of which both ends are known.
func between(early, late time.Time) Instant { return Instant{late, max(late.Sub(early), 0)} }

// after is i, which is known to have come after before: neither end of it is earlier than that of before.
func (i Instant) after(before Instant) Instant {
	if before.IsZero() {
		return i
	}
	early, known := i.Earliest()
	if i.At.Before(before.At) {
		i.At = before.At
	}
	least, ok := before.Earliest()
	switch {
	case !known && !ok:
		return Instant{i.At, probes.Longest}
	case !known || ok && early.Before(least):
		early = least
	}
	return between(early, i.At)
}

// upTo is i, which is known to have come at a time or before.
func (i Instant) upTo(at time.Time) Instant {
	if !i.At.After(at) {
		return i
	}
	early, ok := i.Earliest()
	switch {
	case !ok:
		return Instant{at, probes.Longest}
	case early.After(at):
		return exactly(at)
	}
	return between(early, at)
}
