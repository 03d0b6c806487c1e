package chart

import (
	"slices"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// look is how a state is drawn. Where a cell has several, that of the highest rank is seen.
type look struct {
	glyph string
	ink   ink
	rank  uint8
	words []lab.Text // the longest first
}

func (c *Chart) run(r timeline.Run) look {
	g, words := c.style.Glyphs, rows.RunWords(r)
	switch r.Phase {
	case timeline.Running:
		return look{c.glyph.Solid, good, 1, words}
	case timeline.Stopping:
		return look{c.glyph.Dashed, warn, 3, words}
	case timeline.BackOff:
		return look{g.Hold, warn, 4, words}
	case timeline.Creating:
		return look{g.Todo, info, 2, words}
	case timeline.Ended:
		return look{c.glyph.Dotted, bad, 5, words}
	default:
		return look{g.Unknown, info, 1, words}
	}
}

func (c *Chart) ready(ready bool) look {
	words := []lab.Text{rows.ReadyWords(ready)}
	if ready {
		return look{c.glyph.Solid, good, 1, words}
	}
	return look{c.glyph.Dotted, bad, 2, append(words, lab.T("아님", "not"))} // the lane's name says what
}

func (c *Chart) membership(m timeline.Membership) look {
	words := []lab.Text{rows.MemberWords(m)}
	switch {
	case m.Ready:
		return look{c.glyph.Solid, good, 1, words}
	case m.Terminating:
		return look{c.glyph.Dashed, warn, 2, words}
	default:
		return look{c.glyph.Dotted, bad, 3, words}
	}
}

func (c *Chart) counts(n timeline.Counts) look {
	words := rows.CountWords(n)
	switch {
	case n.Available >= n.Desired:
		return look{c.glyph.Solid, good, 1, words}
	case n.Available > 0:
		return look{c.glyph.Dashed, warn, 2, words}
	default:
		return look{c.glyph.Dotted, bad, 3, words}
	}
}

// states draws the states of one thing up to now, each with a word in it where it is long enough for one.
func states[T any](c *Chart, p Picture, r row, all timeline.Spans[T], show func(T) look) {
	a := p.Axis
	type named struct {
		from, to int
		look     look
	}
	var words []named
	for span := range all.In(a.Left, a.Right()) {
		from, to := max(a.Cell(span.From.At), 0), min(c.until(p, span.To.At), len(r)-1)
		if !span.To.IsZero() && to > from && a.At(to).Equal(span.To.At) {
			to--
		}
		l := show(span.Is)
		first := -1
		for x := from; x <= to; x++ {
			if l.rank < r[x].rank {
				continue
			}
			if first < 0 {
				first = x
			}
			r[x] = cell{glyph: l.glyph, ink: l.ink, rank: l.rank}
		}
		if n := len(words) - 1; n >= 0 && first >= 0 {
			words[n].to = min(words[n].to, first-1) // the worse state has taken the cell that they share
		}
		if first >= 0 {
			words = append(words, named{first, to, l})
		}
	}
	if c.mute {
		words = nil
	}
	for _, w := range words {
		for _, text := range w.look.words {
			word := text.In(c.lang)
			if widget.Width(word) <= w.to-w.from-1 {
				r.write(w.from+1, word, w.look.ink)
				break
			}
		}
	}
	c.unsure(p, r)
}

// unsure takes out what was drawn over times of which nothing is known.
func (c *Chart) unsure(p Picture, r row) {
	for _, g := range p.View.GapsIn(p.Axis.Left, p.Axis.Right()) {
		if g.Why != timeline.GapLink && g.Why != timeline.GapEntries {
			continue
		}
		for x := max(p.Axis.Cell(g.From)+1, 0); x < min(c.until(p, g.To), len(r)); x++ {
			r[x] = cell{glyph: c.style.Glyphs.Unknown, ink: muted}
		}
	}
	for x := range r { // half of a wide character is none
		if r[x].tail && (x == 0 || r[x-1].tail || widget.Width(r[x-1].glyph) != 2) {
			r[x] = cell{glyph: c.style.Glyphs.Unknown, ink: muted}
		}
		if x+1 < len(r) && !r[x].tail && !r[x+1].tail && widget.Width(r[x].glyph) == 2 {
			r[x] = cell{glyph: c.style.Glyphs.Unknown, ink: muted}
		}
	}
}

// tally is what came of the attempts of a cell.
type tally struct{ good, bad, unknown int }

func (t *tally) add(a timeline.Attempt) {
	switch a.Outcome {
	case probes.Success:
		t.good++
	case probes.Failure:
		t.bad += 1 + max(a.More, 0)
	case probes.Unknown:
		t.unknown++
	}
}

// tallies are those of the cells of an axis by one witness.
func tallies(into []tally, a Axis, all timeline.Attempts) {
	for _, one := range all.In(a.Left, a.Right()) {
		if x := a.Cell(one.Ended.At); x >= 0 && x < len(into) {
			into[x].add(one)
		}
	}
}

// witnessed is what both witnesses of a probe saw, as one: what healthlab's engine saw, and the failures that only the kubelet
// did, no more than a period away. Added up, each attempt would be there twice. Where the kubelet tells of each attempt, that is all.
func witnessed(into []tally, a Axis, probe *timeline.Probe) {
	if probe.Told {
		tallies(into, a, probe.Kubelet)
		return
	}
	tallies(into, a, probe.Engine)
	near := probe.Spec.Period + probe.Spec.Timeout
	for _, one := range probe.Kubelet.In(a.Left, a.Right()) {
		at := one.Ended.At
		failed := func(other timeline.Attempt) bool { return other.Outcome == one.Outcome }
		if x := a.Cell(at); a.Has(x) && !slices.ContainsFunc(probe.Engine.In(at.Add(-near), at.Add(near)), failed) {
			into[x].add(one)
		}
	}
}

// attempts draws what came of attempts. A cell with failures shows them, and how many they are, whatever else there was.
func (c *Chart) attempts(r row, sum []tally) {
	g := c.style.Glyphs
	fails := bad
	if c.big {
		fails = alarm
	}
	for x, t := range sum {
		if c.mute && t.bad > 0 { // below the mark, its tile
			r.put(x, g.Fail, fails)
			continue
		}
		switch {
		case t.bad > 9:
			r.put(x, g.Block, fails)
		case t.bad > 1:
			r.put(x, string(rune('0'+t.bad)), fails)
		case t.bad == 1:
			r.put(x, g.Fail, fails)
		case t.unknown > 0:
			r.put(x, g.Unknown, info)
		case t.good > 0:
			r.put(x, g.OK, good)
		}
	}
	if !c.big {
		return
	}
	for x, t := range sum {
		if t.bad > 0 {
			r.under(x+1, " ", alarm)
		}
	}
}
