package widget

import "time"

// Changes remembers when named values last changed, so that what changed recently can stand out.
type Changes struct {
	entries map[string]change
	round   uint64
}

type change struct {
	value string
	at    time.Time
	round uint64
}

// Begin starts a round of Note calls; End forgets what was not noted in it.
func (c *Changes) Begin() { c.round++ }

// Note records the value of key at the time now. A value seen for the first time is not a change.
func (c *Changes) Note(key, value string, now time.Time) {
	if c.entries == nil {
		c.entries = map[string]change{}
	}
	e, known := c.entries[key]
	if known && e.value != value {
		e.at = now
	}
	e.value, e.round = value, c.round
	c.entries[key] = e
}

// End forgets the keys that were not noted since Begin.
func (c *Changes) End() {
	for key, e := range c.entries {
		if e.round != c.round {
			delete(c.entries, key)
		}
	}
}

// Age returns how long ago key changed, or -1 if it has not, or has not yet: a replay goes back.
func (c *Changes) Age(key string, now time.Time) time.Duration {
	e, known := c.entries[key]
	if !known || e.at.IsZero() {
		return -1
	}
	age := now.Sub(e.at)
	if age < -time.Second { // less is a clock that was set back a little
		return -1
	}
	return max(age, 0)
}
