package chart

import (
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// Sight is what is known of a pod in the cell of a time: a line for its state, and one for the attempts at its probes.
func (c *Chart) Sight(p Picture, pod *timeline.Pod, t time.Time) (state, attempts string) {
	at := p.View.At(pod.UID, t.Add(p.Axis.Step-1))
	said := []string{p.View.Clock(t).Local().Format(time.TimeOnly)}
	add := func(words string) { said = append(said, words) }
	for _, e := range slices.Backward(c.episodes(p, pod)) {
		if since := t.Sub(e.Begun.At); since >= 0 && (e.Ended.IsZero() || !e.Ended.Before(t)) {
			add(c.say(lab.Textf("장애 뒤 %[1]d초", "%[1]d s after the fault", int(since.Round(time.Second)/time.Second))))
			break
		}
	}
	switch {
	case t.After(p.Now):
		for _, e := range p.View.Current() {
			for _, point := range e.Points {
				if e.Pod == pod.UID && rows.Shows(e, point) && !point.Happened() && within(point.Due, t, p.Axis.Step) {
					add(rows.Predicted(e.Probe, point.Code, point.Expected.Band).In(c.lang))
				}
			}
		}
		if len(said) == 1 {
			add(c.say(lab.T("아직 오지 않음", "still to come")))
		}
		return strings.Join(said, ", "), ""
	case !at.Known:
		add(c.say(lab.T("파드가 없었음", "there was no pod")))
		return strings.Join(said, ", "), ""
	}
	for i, con := range at.Containers {
		word := c.say(lab.T("상태를 모름", "state not known"))
		if con.Known {
			word = rows.RunWords(con.Run.Is)[0].In(c.lang)
		}
		name := c.say(lab.T("컨테이너", "container"))
		if len(at.Containers) > 1 {
			name = widget.Clean(pod.Containers[i].Name)
		}
		add(name + " " + word)
	}
	add(rows.ReadyWords(at.Ready).In(c.lang))
	for _, s := range at.Services {
		add(rows.MemberWords(s.Membership).In(c.lang))
	}
	for _, g := range at.Gaps {
		add(g.Why.Words().In(c.lang))
	}
	return strings.Join(said, ", "), c.tries(p, pod, t)
}

func within(e timeline.Expected, t time.Time, step time.Duration) bool {
	return !e.From.IsZero() && e.From.Before(t.Add(step)) && (e.To.IsZero() || !e.To.Before(t))
}

// tries is what came of the attempts in the cell of a time, by probe and witness.
func (c *Chart) tries(p Picture, pod *timeline.Pod, t time.Time) string {
	one := Axis{Left: t, Step: p.Axis.Step, Cells: 1}
	var said []string
	for _, con := range pod.Containers {
		for _, probe := range con.Probes {
			var seen []string
			why := ""
			for _, w := range []struct {
				name     string
				attempts timeline.Attempts
			}{{"kubelet", probe.Kubelet}, {"healthlab", probe.Engine}} {
				sum := make([]tally, 1)
				tallies(sum, one, w.attempts)
				if words := c.tally(sum[0]); words != "" {
					seen = append(seen, w.name+" "+words)
				}
				for _, a := range w.attempts.In(one.Left, one.Right()) {
					if a.Message != "" && why == "" {
						why = " (" + course.Gist(a.Message) + ")"
					}
				}
			}
			if len(seen) > 0 {
				said = append(said, c.kindName(probe.Spec.Kind)+": "+strings.Join(seen, ", ")+why)
			}
		}
	}
	if words := c.requests(p, t); words != "" {
		said = append(said, words)
	}
	if len(said) == 0 {
		return c.say(lab.T("이 칸에는 시도가 없음", "no attempt in this cell"))
	}
	return widget.Clean(strings.Join(said, "; "))
}

// tally is a tally in words; empty if it is of nothing.
func (c *Chart) tally(t tally) string {
	var said []string
	add := func(n int, words lab.Text) {
		if n > 0 {
			said = append(said, c.say(words))
		}
	}
	add(t.bad, lab.Textf("실패 %d", "%d failed", t.bad))
	add(t.good, lab.Textf("성공 %d", "%d succeeded", t.good))
	add(t.unknown, lab.Textf("모름 %d", "%d unknown", t.unknown))
	return strings.Join(said, ", ")
}

// Outlook says what is to come, or what has come, of the latest fault of a pod, in a line; it is empty if there was none.
// urgent says that something is still to come.
func Outlook(v *timeline.View, pod *timeline.Pod, now time.Time) (said lab.Text, urgent bool) {
	e := current(v, pod)
	if e == nil {
		return lab.Text{}, false
	}
	if e.End != "" {
		return rows.Outcome(e), false
	}
	for _, point := range rows.Awaited(e) {
		if next := rows.Countdown(e.Probe, point, now); said.IsZero() {
			said = next
		} else {
			said = lab.Textf("%s, %s", "%s, %s", said, next)
		}
	}
	if !said.IsZero() {
		return said, true
	}
	if verdict, ok := e.Point(timeline.PointVerdict); ok && verdict.Expected.Never() != "" && !verdict.Happened() {
		return rows.Predicted(e.Probe, timeline.PointVerdict, verdict.Expected.Band), false
	}
	if repair, ok := e.Point(timeline.PointRepair); ok && !repair.Happened() {
		return lab.T("복구를 기다립니다", "waiting for the repair"), false
	}
	return lab.Text{}, false
}

// Left is the point that a pod comes to next, and how many seconds that still takes, at least and at most; ok is false if
// none is expected, or nobody can say until when.
func Left(v *timeline.View, pod *timeline.Pod, now time.Time) (name lab.Text, least, most int, ok bool) {
	e := current(v, pod)
	if e == nil {
		return lab.Text{}, 0, 0, false
	}
	awaited := rows.Awaited(e)
	if len(awaited) == 0 {
		return lab.Text{}, 0, 0, false
	}
	left, ok := awaited[0].Due.Countdown(now)
	if !ok || left.Most == probes.Longest {
		return lab.Text{}, 0, 0, false
	}
	least, most = rows.Whole(left)
	return rows.PointName(e.Probe, awaited[0].Code), least, most, true
}

// Reached is the last point that the latest episode of a pod has come to, once it has ended: how long it took, and what was
// predicted. ok is false if there is none.
func Reached(v *timeline.View, pod *timeline.Pod) (name lab.Text, took string, predicted lab.Text, ok bool) {
	e := current(v, pod)
	if e == nil || e.End == "" {
		return lab.Text{}, "", lab.Text{}, false
	}
	for _, one := range slices.Backward(e.Debrief()) {
		point, _ := e.Point(one.Code)
		if rows.Shows(e, point) && one.Code != timeline.PointFailure {
			b := one.Predicted
			return rows.PointName(e.Probe, one.Code), rows.Number(one.Measured),
				rows.Between(probes.Range{Least: b.Earliest, Most: b.Latest}), b.Never == ""
		}
	}
	return lab.Text{}, "", lab.Text{}, false
}

// current is the episode of a pod that there is something to say of: one that goes on, the one that comes to something first;
// otherwise the latest.
func current(v *timeline.View, pod *timeline.Pod) *timeline.Episode {
	var best *timeline.Episode
	for _, e := range v.Current() {
		if e.Pod != pod.UID {
			continue
		}
		next, ok := e.Next()
		if best == nil {
			best = e
			continue
		}
		if old, had := best.Next(); ok && (!had || next.Due.From.Before(old.Due.From)) {
			best = e
		}
	}
	if best == nil {
		best = v.Latest(pod.UID)
	}
	return best
}

// Horizon is until when there is something to be expected of a pod: the zero time if nothing is.
func Horizon(v *timeline.View, pod *timeline.Pod) time.Time {
	var last time.Time
	for _, e := range v.Current() {
		if e.Pod != pod.UID {
			continue
		}
		for _, point := range e.Points {
			if rows.Shows(e, point) && !point.Happened() && point.Due.Never() == "" {
				if to := point.Due.To; to.After(last) {
					last = to
				} else if point.Due.From.After(last) {
					last = point.Due.From
				}
			}
		}
	}
	return last
}
