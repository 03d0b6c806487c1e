package timeline

import (
	"time"

	"healthlab/probes"
)

// clock makes an axis that never goes back of the times of entries, and tells instants on it.
type clock struct {
	now    time.Time // on the axis
	back   time.Duration
	shifts []shift
	// lags is how long after its stamp at the least something of a node became known. A node's clock that agrees with ours to
	// about a second has one from 0 to a second and promptly.
	lags map[string]time.Duration
}

const (
	second   = time.Second
	promptly = 250 * time.Millisecond
	century  = 100 * 365 * 24 * time.Hour
)

// sane reports whether a time can be one of this program's.
func sane(at time.Time) bool { return at.Year() >= 1970 && at.Year() < 2200 }

// tick moves the axis on to the time of an entry. It reports by how much the clock was set back.
func (c *clock) tick(at time.Time) (back time.Duration) {
	if !sane(at) {
		return 0
	}
	at = at.Round(0) // no monotonic clock: what was read from a file has none, either
	axis := at.Add(c.back)
	if back = c.now.Sub(axis); back <= 0 || c.now.IsZero() {
		c.now = axis
		return 0
	}
	if c.back > century || back > century {
		return 0
	}
	c.back += back
	c.shifts = append(c.shifts[max(len(c.shifts)+1-maxShifts, 0):], shift{c.now, c.back})
	clear(c.lags)
	return back
}

// here is the instant of something that has happened before it became known now.
func (c *clock) here() Instant { return Instant{c.now, probes.Longest} }

// own is the instant that our own clock has shown.
func (c *clock) own(at time.Time) Instant {
	if !sane(at) {
		return c.here()
	}
	return exactly(at.Round(0).Add(c.back)).upTo(c.now)
}

// stamped is the instant of a stamp that a node has made, cut down to a grain. fresh says that it was made known as soon as it
// was made, unless something has held it up.
func (c *clock) stamped(node string, stamp time.Time, grain time.Duration, fresh bool) Instant {
	if !sane(stamp) {
		return c.here()
	}
	early := stamp.Round(0).Add(c.back)
	if n := len(c.shifts); n > 0 && early.Before(c.shifts[n-1].at) {
		return Instant{early.Add(grain), probes.Longest}.upTo(c.now) // it may be of before the clock was set back
	}
	least, known := c.lags[node]
	if fresh {
		least, known = c.lag(node, c.now.Sub(early))
	}
	late := early.Add(grain)
	if known {
		late = late.Add(least) // so far behind ours the node's clock may be
		if least < 0 {
			early = early.Add(least - grain - promptly) // it is ahead
		}
	}
	return between(early, late).upTo(c.now)
}

// lag takes in how long something of a node took to become known.
func (c *clock) lag(node string, lag time.Duration) (least time.Duration, ok bool) {
	least, ok = c.lags[node]
	if ok && least <= lag {
		return least, true
	}
	if !ok && len(c.lags) >= maxNodes {
		return 0, false
	}
	if c.lags == nil {
		c.lags = map[string]time.Duration{}
	}
	c.lags[node] = lag
	return lag, true
}
