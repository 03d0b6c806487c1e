package timeline

import (
	"time"

	"healthlab/probes"
)

// clock makes an axis that never goes back of the times of entries, and tells instants on it.
type clock struct {
	now time.Time // on the axis
	// entry is the time of the last entry as it was told, and at where that lies on the axis: at now or, where an entry is
	// told a little before one that it follows, a little earlier.
	entry, at time.Time
	first     time.Time // entry's place on the axis
	shifts    []shift
	// lags is how long after its stamp at the least something of a node became known. A node's clock that agrees with ours to
	// about a second has one from 0 to a second and promptly.
	lags map[string]time.Duration
}

const (
	second   = time.Second
	promptly = 250 * time.Millisecond
	century  = 100 * 365 * 24 * time.Hour
	// Entries may be told a little out of order, clocks drift, and are slowed down: less than so much is no other clock.
	drift = 100 * time.Millisecond
)

// sane reports whether a time can be one of this program's.
func sane(at time.Time) bool { return at.Year() >= 1970 && at.Year() < 2200 }

// tick moves the axis on to the time of an entry. It reports whether the clock was set meanwhile. Where the times have the
// reading of a monotonic clock, as in a session that goes on, that tells how long it was in truth.
func (c *clock) tick(at time.Time) (set bool) {
	if !sane(at) {
		return false
	}
	wall := at.Round(0)
	if c.now.IsZero() {
		c.first, c.now, c.at, c.entry = wall, wall, wall, at
		return false
	}
	before := c.back()
	c.at, c.entry = c.at.Add(at.Sub(c.entry)), at
	if c.now.Sub(c.at) >= second || c.at.Sub(c.first) > century {
		c.at = c.now
	}
	if c.at.After(c.now) {
		c.now = c.at
	}
	back := c.at.Sub(wall)
	if moved := back - before; max(moved, -moved) < drift {
		return false
	} else if set = max(moved, -moved) >= second; set {
		clear(c.lags)
	}
	c.shifts = append(c.shifts[max(len(c.shifts)+1-maxShifts, 0):], shift{c.now, back})
	return set
}

// back is how much the clock is behind the axis.
func (c *clock) back() time.Duration {
	if n := len(c.shifts); n > 0 {
		return c.shifts[n-1].back
	}
	return 0
}

// here is the instant of something that has happened before it became known now.
func (c *clock) here() Instant { return Instant{c.now, probes.Longest} }

// own is the instant that our own clock has shown.
func (c *clock) own(at time.Time) Instant {
	ago := c.entry.Sub(at)
	if !sane(at) || max(ago, -ago) > century {
		return c.here()
	}
	return exactly(c.at.Add(-ago)).upTo(c.now)
}

// stamped is the instant of a stamp that a node has made, cut down to a grain. fresh says that it was made known as soon as it
// was made, unless something has held it up.
func (c *clock) stamped(node string, stamp time.Time, grain time.Duration, fresh bool) Instant {
	ago := c.entry.Round(0).Sub(stamp.Round(0))
	if !sane(stamp) || max(ago, -ago) > century {
		return c.here()
	}
	early := c.at.Add(-ago)
	late := early.Add(grain)
	if n := len(c.shifts); n > 0 && early.Before(c.shifts[n-1].at) { // it may be of before the clock was set
		if late.Before(c.shifts[n-1].at) {
			late = c.shifts[n-1].at
		}
		return Instant{late, probes.Longest}.upTo(c.now)
	}
	least, known := c.lags[node]
	if fresh {
		least, known = c.lag(node, c.now.Sub(early))
	}
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
