package chart

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// label is a text beside something, and the cells that it may end before and begin behind.
type label struct {
	texts       []string // the longest first
	ink         ink
	left, right int
	weight      int // the heaviest come first
}

// story is the lane of what was done to a pod, if acts says so, and of some points of its episodes.
func (c *Chart) story(p Picture, pod *timeline.Pod, acts bool, only ...timeline.PointCode) lane {
	return lane{draw: func(c *Chart, r row) {
		var labels []label
		for _, e := range c.episodes(p, pod) {
			for _, point := range e.Points {
				if slices.Contains(only, point.Code) && rows.Shows(e, point) {
					labels = append(labels, c.point(p, r, e, point)...)
				}
			}
		}
		if acts {
			labels = append(labels, c.acts(p, r, pod, len(only) == 0)...)
		}
		if c.mute {
			return
		}
		slices.SortStableFunc(labels, func(a, b label) int { return b.weight - a.weight })
		for _, l := range labels {
			r.label(l.texts, l.ink, l.left, l.right, c.style.Glyphs.Ellipsis)
		}
	}}
}

// episodes are those of a pod that the axis has something of, the oldest first.
func (c *Chart) episodes(p Picture, pod *timeline.Pod) []*timeline.Episode {
	var all []*timeline.Episode
	for _, e := range p.View.Episodes {
		if e.Pod == pod.UID && e.Begun.At.Before(p.Axis.Right()) && (e.Ended.IsZero() || e.Ended.After(p.Axis.Left)) {
			all = append(all, e)
		}
	}
	return all
}

// expected are the points that the episodes of a pod have on the axis.
func (c *Chart) expected(p Picture, pod *timeline.Pod) []timeline.PointCode {
	episodes := c.episodes(p, pod)
	return slices.DeleteFunc(rows.Points(), func(code timeline.PointCode) bool {
		return !slices.ContainsFunc(episodes, func(e *timeline.Episode) bool {
			point, ok := e.Point(code)
			return ok && rows.Shows(e, point) && !c.past(p, e, point)
		})
	})
}

// past reports whether the axis has left behind when a point was expected and when it came about.
func (c *Chart) past(p Picture, e *timeline.Episode, point timeline.Point) bool {
	left := p.Axis.Left
	if !point.Happened() {
		x := point.Expected
		return e.End != "" && (x.Never() != "" || !x.To.IsZero()) && x.To.Before(left)
	}
	return point.Measured().At.Before(left) && point.Expected.To.Before(left)
}

// point draws where a point is expected, and where it has come about.
func (c *Chart) point(p Picture, r row, e *timeline.Episode, point timeline.Point) []label {
	a, g, x := p.Axis, c.glyph, point.Expected
	if x.Never() != "" && !point.Happened() {
		begun := a.Cell(e.Begun.At)
		return []label{{[]string{rows.Predicted(e.Probe, point.Code, x.Band).In(c.lang)}, info, begun - 2, begun + 2, 1}}
	}
	from, to := a.Cell(x.From), len(r)-1
	if x.Never() != "" {
		from, to = a.Cell(point.Measured().At), a.Cell(point.Measured().At)
	} else if !x.To.IsZero() {
		to = a.Cell(x.To)
	}
	ahead := warn
	if point.Happened() || e.End != "" {
		ahead = muted
	}
	if x.Never() == "" {
		r.fill(from, to, g.Hatch, ahead)
		if d := point.Due; d.Known() && d.Never() == "" && !d.To.IsZero() && !point.Happened() {
			r.fill(a.Cell(d.From), a.Cell(d.To), g.Dense, ahead)
			from, to = min(from, a.Cell(d.From)), max(to, a.Cell(d.To))
		}
	}
	name := rows.PointName(e.Probe, point.Code).In(c.lang)
	said := label{texts: []string{rows.Predicted(e.Probe, point.Code, x.Band).In(c.lang), name}, ink: ahead, weight: 1}
	if next, ok := e.Next(); ok && next.Code == point.Code && point.Code != timeline.PointFailure {
		said.ink, said.weight = warn, 3
	}
	if at := point.Measured(); point.Happened() {
		said.ink = good
		if point.Code == timeline.PointVerdict {
			said.weight = 2 // it has room before the name of what was done
		}
		if i := slices.IndexFunc(e.Debrief(), func(one timeline.Comparison) bool { return one.Code == point.Code }); i >= 0 {
			one := e.Debrief()[i]
			said.texts = []string{
				rows.Compared(e.Probe, one).In(c.lang), name + " " + rows.Between(one.Measured).In(c.lang), name,
			}
			switch one.Fit() {
			case timeline.Misses:
				said.ink = bad
			case timeline.Late:
				said.ink = info
			case timeline.Fits, timeline.Open:
			}
		}
		r.put(a.Cell(at.At), g.Point, said.ink)
		from, to = min(from, a.Cell(at.At)), max(to, a.Cell(at.At))
	}
	switch {
	case to < 0:
		return nil
	case from >= len(r): // further to the right than can be seen
		for i := range said.texts {
			said.texts[i] += " " + c.style.Glyphs.Pointer
		}
		said.left, said.right = len(r)-1, len(r)
		return []label{said}
	}
	said.left, said.right = from-2, to+2
	since, _ := e.Point(x.Since)
	if done := since.Told; !done.IsZero() && from-2 <= a.Cell(done.At) {
		said.left = -1 // there it would name what was done
	}
	return []label{said}
}

// ruler counts the seconds since the latest fault.
func (c *Chart) ruler(p Picture, pod *timeline.Pod) lane {
	return lane{flat: true, label: []string{c.say(lab.T("장애부터(초)", "since fault (s)")), c.say(lab.T("장애부터", "since fault"))}, ink: muted, draw: func(c *Chart, r row) {
		episodes := c.episodes(p, pod)
		if len(episodes) == 0 {
			return
		}
		last := episodes[len(episodes)-1]
		begun, end := p.Axis.Cell(last.Begun.At), c.until(p, last.Ended)
		for _, point := range last.Points {
			if rows.Shows(last, point) {
				end = max(end, p.Axis.Cell(point.Expected.To))
			}
		}
		n := max(-begun/(interval/2), 0) // those before are not in sight
		for x := begun + n*interval/2; x < min(end+interval/2, len(r)); x, n = x+interval/2, n+1 {
			after := time.Duration(n*interval/2) * p.Axis.Step
			number := strconv.Itoa(int(after / time.Second))
			if after%time.Second == 0 && r.open(x, len(number)+1) {
				r.write(x, number, accent)
			}
		}
	}}
}

// acts draws the faults and repairs that healthlab has carried out, with the other commands if commands says so.
func (c *Chart) acts(p Picture, r row, pod *timeline.Pod, commands bool) []label {
	var labels []label
	if c.mute {
		return nil // the line down from what was done begins below it
	}
	a, g := p.Axis, c.style.Glyphs
	for _, act := range p.View.ActsIn(a.Left, a.Right()) {
		if act.Pod != "" && act.Pod != pod.UID {
			continue
		}
		x := a.Cell(done(act))
		if act.Fault == nil {
			if commands {
				r.under(x, g.Info, muted)
				labels = append(labels, label{[]string{actName(act, c.lang)}, muted, x - 2, x + 2, 0})
			}
			continue
		}
		said := label{[]string{widget.Clean(act.Fault.Title.In(c.lang))}, bad, x - 2, x + 2, 2}
		if act.Fault.Repairs() {
			said.ink = good
		}
		mark := c.glyph.Fault
		if act.State == lab.TaskFailed || act.State == lab.TaskCanceled {
			mark, said.ink = g.Fail, muted
		}
		r.put(x, mark, said.ink)
		labels = append(labels, said)
	}
	return labels
}

// actName is what a command does in a word or two, or its title.
func actName(a timeline.Act, l lab.Lang) string {
	const most = 18
	words := strings.Fields(a.Line)
	if len(words) > 0 && words[0] == "kubectl" {
		words = words[1:]
	}
	if len(words) > 1 && (words[0] == "-n" || words[0] == "--namespace") {
		words = words[2:]
	}
	name := a.Title.In(l)
	if len(words) > 0 {
		name = words[0]
	}
	if len(words) > 1 && !strings.ContainsAny(words[1], "-/=") {
		name += " " + words[1]
	}
	return widget.Middle(widget.Clean(name), most, "~")
}
