package probes

import (
	"slices"
	"time"
)

// course is what a worker does from a moment on, the fault or the start of a container, while its attempts fail and when
// they do not fail any more. Its times are counted from that moment.
type course struct {
	spec  Spec
	lasts time.Duration // the attempts fail that begin before this
	takes time.Duration // how long one does that fails
	never Reason        // why none fails; empty if they do
	first Range         // when the first one begins; one that is under way has begun before
	lead  Term          // what the first one waits for, other than its tick

	healthy time.Duration // how long an attempt takes that does not fail
	// loose says that the first attempt begins when the one before has ended, at any time between two ticks.
	loose bool
	// eager says that there may be attempts between the ticks, and triggered that there may be when the readiness probe has
	// failed.
	eager, triggered bool
	again            bool // successes from before count
}

// course is what the worker does from the fault on.
func (s Situation) course() course {
	p := s.Spec
	c := course{spec: p, lasts: s.Lasts, healthy: min(s.Healthy, p.Timeout), triggered: s.Triggered}
	c.takes, c.never = s.Behaviour.attempt(p)
	switch c.never {
	case "":
	case NeverLate:
		c.lasts, c.healthy = 0, s.Behaviour.After
	default:
		c.lasts = 0
	}
	delay := Range{max(p.InitialDelay-s.Age.Most, 0), max(p.InitialDelay-s.Age.Least, 0)}
	c.lead, c.first = once(TermDelay, delay), due(delay, *s.Tick, p.Period)
	if c.eager = s.eager; c.eager {
		c.first = anytime(delay, *s.Tick, p.Period)
	}
	if c.healthy > 0 && delay.Least == 0 && s.Age.Most > 0 && c.never == "" {
		c.first.Least = min(c.first.Least, -c.healthy)
		if c.loose = c.healthy >= p.Period; c.loose {
			c.first.Most = max(c.first.Most, c.healthy)
		}
	}
	return c
}

// fresh is what the worker does from the start of a container on that refuses connections until it has booted. tick is
// when the worker looks at it first.
func (s Situation) fresh(p Spec, tick Range, boot time.Duration) course {
	c := course{spec: p, lasts: boot, healthy: min(s.Healthy, p.Timeout), triggered: s.Triggered}
	c.takes, c.never = Behaviour{Response: Refuse}.attempt(p)
	delay := Exactly(p.InitialDelay)
	c.lead, c.first = once(TermDelay, delay), due(delay, tick, p.Period)
	if c.eager = s.Triggered && p.Kind == Readiness; c.eager {
		c.first = anytime(delay, tick, p.Period)
	}
	return c
}

// due is the first of the moments that is not before the delay, if they come every period from tick on.
func due(delay, tick Range, period time.Duration) Range {
	least := max(delay.Least, add(tick.Least, times(turns(delay.Least-tick.Most, period), period)))
	n := turns(delay.Most-tick.Most, period)
	most := add(tick.Most, times(n, period))
	if delay.Most-times(n, period) > tick.Least {
		most = max(most, add(delay.Most, period)) // the moment before may come just too early
	}
	return Range{least, most}
}

// anytime is due where a trigger may come at any time after tick, from which the moments are counted anew.
func anytime(delay, tick Range, period time.Duration) Range {
	r := Range{max(delay.Least, tick.Least), tick.Most}
	if delay.Most > tick.Least {
		r.Most = max(r.Most, add(delay.Most, period))
	}
	return r
}

// turns is how many periods it takes to cover d.
func turns(d, period time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int((d-1)/period) + 1
}

// step is how long it is at most from the begin of an attempt to that of the next one, if one takes so long.
func (c course) step(takes time.Duration) time.Duration { return max(c.spec.Period, takes) }

// gaps is how long it is from the begin of an attempt to that of the nth after it. From one that began between two ticks it
// is shorter, because the next one begins at a tick, or when it has ended.
func (c course) gaps(n int, takes time.Duration, loose, eager bool) Range {
	g := Exactly(times(n, c.step(takes)))
	switch {
	case eager:
		g.Least = times(n, takes)
	case loose && n > 0:
		g.Least = max(times(n-1, c.spec.Period), times(n, takes))
	}
	return g
}

// nth is when the nth attempt begins, if all before it fail.
func (c course) nth(n int) Range { return plus(c.first, c.gaps(n-1, c.takes, c.loose, c.eager)) }

// possible tells whether n failures in a row may come, certain that they do.
func (c course) possible(n int) bool {
	return c.never == "" && (c.lasts == Longest || c.nth(n).Least < c.lasts)
}

func (c course) certain(n int) bool {
	return c.possible(n) && add(c.nth(n).Most, c.takes) <= c.lasts
}

// budget is how long the fault may last.
func (c course) budget() Range {
	n := c.nth(c.spec.FailureThreshold)
	return Range{max(n.Least, 0), add(n.Most, c.takes)}
}

// fails is when n failures in a row are complete.
func (c course) fails(n int) Band {
	switch {
	case c.never != "":
		return never(c.never)
	case !c.possible(n):
		return never(NeverEnough)
	}
	begin := c.nth(n)
	took := once(TermAnswer, Exactly(c.takes))
	if c.takes >= c.spec.Timeout {
		took.Code = TermTimeout
	}
	terms := []Term{
		c.lead, once(TermTick, Range{}), took,
		further(TermFailures, n, c.gaps(n-1, c.takes, c.loose, c.eager)),
	}
	b := fitted(terms, Range{max(add(begin.Least, c.takes), 0), add(min(begin.Most, c.lasts), c.takes)})
	b.May = !c.certain(n)
	return b
}

// succeeds is when n successes in a row are complete. Unless the probe is a readiness probe, the container is killed if the
// failures reach their threshold before.
func (c course) succeeds(n int) Band {
	begin := c.first
	switch {
	case c.lasts <= c.first.Least:
	case c.loose, c.eager:
		begin.Most = max(begin.Most, add(c.lasts, c.step(c.takes)))
	default:
		j := turns(max(c.lasts-c.takes, 0)-c.first.Most, c.step(c.takes))
		begin = Range{c.nth(j + 1).Least, due(Exactly(c.lasts), c.first, c.step(c.takes)).Most}
	}
	begin.Least = max(begin.Least, c.lasts-min(c.takes, c.spec.Period))
	limit := c.spec.FailureThreshold
	judged := c.spec.Kind != Readiness && c.possible(limit)
	if judged {
		if c.certain(limit) {
			return never(NeverStarts)
		}
		begin.Most = min(begin.Most, c.nth(limit).Most)
	}
	terms := []Term{
		c.lead, once(TermTick, Range{}), further(TermSuccesses, n, c.successes(n)),
		once(TermAnswer, Exactly(c.healthy)),
	}
	if c.lasts > c.lead.Each.Most {
		terms[0] = once(TermFault, Exactly(c.lasts))
	}
	b := fitted(terms, c.chain(c.lasts, begin, n))
	b.May = judged
	return b
}

// successes is how long it is from the begin of the first of n successes in a row to that of the last.
func (c course) successes(n int) Range {
	g := c.gaps(n-1, c.healthy, c.loose || c.takes >= c.spec.Period, c.triggered)
	if c.again {
		g.Least = 0
	}
	return g
}

// chain is when n successes in a row are complete, the first of which begins at begin. What begins before the end of the
// fault may be answered when that comes, or fail.
func (c course) chain(end time.Duration, begin Range, n int) Range {
	g := c.successes(n)
	r := plus(plus(begin, g), Exactly(c.healthy))
	if begin.Least >= end {
		return r
	}
	r = Range{end, max(r.Most, end)}
	if n > 1 && !c.again {
		r.Least = add(end, times(n-1, c.healthy))
		if !c.triggered {
			ticks := c.gaps(n-1, 0, c.loose || c.takes >= c.spec.Period, false).Least
			r.Least = max(r.Least, add(add(begin.Least, ticks), c.healthy))
		}
	}
	return r
}

// ready is when a readiness probe passes, counted from the fault. fresh says that it has not passed before.
func (c course) ready(fresh bool) Band {
	switch limit := c.spec.FailureThreshold; {
	case c.lasts == Longest:
		return never(NeverRepaired)
	case fresh:
		return c.succeeds(c.spec.SuccessThreshold)
	case c.never != "":
		return never(c.never)
	case !c.possible(limit):
		return never(NeverEnough)
	default:
		b := c.succeeds(c.spec.SuccessThreshold)
		b.May = !c.certain(limit)
		return b
	}
}

// returns is when a readiness probe that has failed passes, counted from the repair.
func (c course) returns() Band {
	n, limit := c.spec.SuccessThreshold, c.spec.FailureThreshold
	switch {
	case c.never != "":
		return never(c.never)
	case !c.possible(limit):
		return never(NeverEnough)
	}
	begin := Range{-min(c.takes, c.spec.Period), c.step(c.takes)}
	terms := []Term{
		once(TermTick, Range{}), further(TermSuccesses, n, c.successes(n)),
		once(TermAnswer, Exactly(c.healthy)),
	}
	b := fitted(terms, c.chain(0, begin, n))
	b.May = !c.certain(limit)
	return b
}

// further is the term of all but the first of n attempts in a row.
func further(code TermCode, n int, all Range) Term {
	if n > 1 && all.Least == all.Most && all.Most < Longest {
		return Term{code, n - 1, Exactly(all.Most / time.Duration(n-1))}
	}
	return once(code, all)
}

// fitted is the band of r. Its terms, in order, depend on one another: the tick is what the others leave, and what these have
// in excess is taken from the foremost ones.
func fitted(terms []Term, r Range) Band {
	fit, tick := slices.Clone(terms), 0
	for i := len(terms) - 1; i >= 0; i-- {
		if terms[i].Code == TermTick {
			tick = i
			continue
		}
		all := terms[i].total()
		t := Range{min(all.Least, r.Least), min(all.Most, r.Most)}
		r = Range{r.Least - t.Least, r.Most - t.Most}
		if t != all {
			fit[i] = once(terms[i].Code, t)
		}
	}
	fit[tick].Each = r
	// Where that leaves a term with a least that is more than its most, it cannot be told apart from the one beside it.
	for i := 0; i < len(fit) && len(fit) > 1; i++ {
		if t := fit[i].total(); t.Least > t.Most {
			j := max(i, 1)
			code := fit[j].Code
			if fit[j-1].Code == TermTick {
				code = TermTick
			}
			fit[j] = once(code, plus(fit[j-1].total(), fit[j].total()))
			fit = slices.Delete(fit, j-1, j)
			i = -1
		}
	}
	return Band{}.then(fit...)
}

// never is the band of what does not happen.
func never(why Reason) Band { return Band{Never: why} }

// then is the band of what happens when that has passed after b.
func (b Band) then(terms ...Term) Band {
	if b.Never != "" {
		return b
	}
	b.Terms = slices.Clone(b.Terms)
	for _, t := range terms {
		r := t.total()
		if r == (Range{}) {
			continue
		}
		b.Terms = append(b.Terms, t)
		b.Earliest, b.Latest = add(b.Earliest, r.Least), add(b.Latest, r.Most)
	}
	return b
}

func once(code TermCode, r Range) Term { return Term{code, 1, r} }

// total is how long the term is all in all.
func (t Term) total() Range { return Range{times(t.Times, t.Each.Least), times(t.Times, t.Each.Most)} }

func (r Range) sane() Range { return Range{max(r.Least, 0), max(r.Least, r.Most, 0)} }

func plus(a, b Range) Range { return Range{add(a.Least, b.Least), add(a.Most, b.Most)} }

// add is a + b, and Longest where that is more. At most one of them is below zero.
func add(a, b time.Duration) time.Duration {
	if a > 0 && b > Longest-a {
		return Longest
	}
	return a + b
}

// times is n * d, and Longest where that is more.
func times(n int, d time.Duration) time.Duration {
	if d > 0 && time.Duration(n) > Longest/d {
		return Longest
	}
	return time.Duration(n) * d
}
