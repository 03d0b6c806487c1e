package plain

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// past is the timeline, and what of its episodes was told.
type past struct {
	builder *timeline.Builder
	view    *timeline.View
	told    map[uint64]map[timeline.PointCode]bool // by episode: the points that were, and that there is one
	ended   map[uint64]bool
}

func newPast(labs []lab.Lab) past {
	return past{builder: timeline.New(labs), told: map[uint64]map[timeline.PointCode]bool{}, ended: map[uint64]bool{}}
}

// take takes in what a batch says of the past.
func (p *past) take(b journal.Batch) {
	p.builder.Lost(b.LostEntries)
	for _, e := range b.Entries {
		p.builder.Add(e)
	}
}

// tellPast tells what the episodes have come to since it was told last. What came about before the first time is not news.
func (c *console) tellPast() {
	first := c.past.view == nil
	c.past.view = c.past.builder.View()
	kept := map[uint64]bool{}
	for _, e := range c.past.view.Episodes {
		kept[e.ID] = true
		c.tellEpisode(e, !first)
	}
	for id := range c.past.told { // what is not kept any more does not come back
		if !kept[id] {
			delete(c.past.told, id)
			delete(c.past.ended, id)
		}
	}
}

func (c *console) tellEpisode(e *timeline.Episode, aloud bool) {
	told, known := c.past.told[e.ID]
	if !known {
		told = map[timeline.PointCode]bool{}
		c.past.told[e.ID] = told
		if aloud {
			c.foretell(e)
		}
	}
	for _, one := range e.Debrief() {
		point, _ := e.Point(one.Code)
		if told[one.Code] || !rows.Shows(e, point) {
			continue
		}
		told[one.Code] = true
		if aloud {
			c.say(lab.Textf("%s: %s.", "%s: %s.", subject(e), rows.Compared(e.Probe, one)))
		}
	}
	if e.End != "" && !c.past.ended[e.ID] {
		c.past.ended[e.ID] = true
		if aloud {
			c.say(lab.Textf("%s: %s.", "%s: %s.", subject(e), e.End.Words()))
			c.offerReview(e)
		}
	}
}

// foretell says what is to be expected of an episode that has begun.
func (c *console) foretell(e *timeline.Episode) {
	var said lab.Text
	for _, point := range e.Points {
		if !rows.Shows(e, point) || point.Happened() {
			continue
		}
		next := rows.Predicted(e.Probe, point.Code, point.Expected.Band)
		if said.IsZero() {
			said = next
		} else {
			said = lab.Textf("%s, %s", "%s, %s", said, next)
		}
	}
	if !said.IsZero() {
		c.say(lab.Textf("%s, 장애부터 잰 예측: %s.", "%s, forecast, counted from the fault: %s.", subject(e), said))
	}
}

// subject is whose episode it is.
func subject(e *timeline.Episode) lab.Text {
	return lab.Textf("%s, %s", "%s, %s", widget.Clean(e.PodName), lab.ProbeName(e.Probe))
}

// timeline tells the same as the console's pane: what each pod did, a lane a line, and of the latest faults what was predicted
// and what was measured.
func (c *console) timeline() {
	v := c.past.view
	if v == nil || len(v.Pods) == 0 {
		c.say(lab.T("아직 파드가 없습니다.", "There are no pods yet."))
		return
	}
	for _, p := range v.Pods {
		if p.Gone.IsZero() {
			c.lanes(v, p)
		}
	}
	for _, d := range v.Deployments {
		c.lane(lab.Textf("디플로이먼트 %s", "Deployment %s", widget.Clean(d.Name)),
			history(v, d.Counts, func(n timeline.Counts) lab.Text { return rows.CountWords(n)[0] }))
	}
	for _, g := range last(v.Gaps) {
		c.say(lab.Textf("%s부터 한동안의 일은 모릅니다: %s.", "Not all is known from %s on: %s.", clock(v, g.From), g.Why.Words()))
	}
	if len(v.Episodes) == 0 {
		c.say(lab.T("아직 장애가 없었습니다.", "There has been no fault yet."))
	}
	for _, e := range last(v.Episodes) {
		c.debrief(v, e)
	}
}

// lanes tells what a pod did.
func (c *console) lanes(v *timeline.View, p *timeline.Pod) {
	c.say(lab.Textf("파드 %s:", "Pod %s:", widget.Clean(p.Name)))
	for _, con := range p.Containers {
		c.lane(lab.Textf("컨테이너 %s", "Container %s", widget.Clean(con.Name)),
			history(v, con.Runs, func(r timeline.Run) lab.Text { return rows.RunWords(r)[0] }))
		for _, probe := range con.Probes {
			c.attemptsOf(v, probe)
		}
	}
	c.lane(lab.T("준비 상태", "Readiness"), history(v, p.Ready, rows.ReadyWords))
	services, members := v.MembersOf(p.UID)
	for i, m := range members {
		c.lane(lab.Textf("서비스 %s", "Service %s", widget.Clean(services[i])), history(v, m.States, rows.MemberWords))
	}
}

// attemptsOf tells how many attempts each witness saw, and the last one that has failed.
func (c *console) attemptsOf(v *timeline.View, probe *timeline.Probe) {
	for _, witness := range []struct {
		name     string
		attempts timeline.Attempts
	}{{"kubelet", probe.Kubelet}, {"healthlab", probe.Engine}} {
		good, bad := 0, 0
		var failed time.Time
		for _, a := range witness.attempts.All() {
			switch a.Outcome {
			case probes.Success:
				good++
			case probes.Failure:
				bad += 1 + max(a.More, 0)
				failed = a.Ended.At
			case probes.Unknown:
			}
		}
		if good+bad == 0 {
			continue
		}
		said := lab.Textf("성공 %d번, 실패 %d번", "%d succeeded, %d failed", good, bad)
		if bad > 0 {
			said = lab.Textf("%s, 마지막 실패 %s", "%s, the last failure at %s", said, clock(v, failed))
		}
		c.say(lab.Textf("%s, %s이 본 시도: %s.", "%s, attempts seen by %s: %s.", lab.ProbeName(probe.Spec.Kind), witness.name, said))
	}
}

// lane tells the states of one thing, if it has any.
func (c *console) lane(name, states lab.Text) {
	if !states.IsZero() {
		c.say(lab.Textf("%s: %s.", "%s: %s.", name, states))
	}
}

// history is the latest states of one thing, each with when it began. States that follow one another and read the same are one.
func history[T any](v *timeline.View, all timeline.Spans[T], words func(T) lab.Text) lab.Text {
	const most = 6
	var told []lab.Text
	var before lab.Text
	var until time.Time
	for span := range all.All() {
		is := words(span.Is)
		if is != before || !span.From.At.Equal(until) {
			told = append(told, lab.Textf("%s부터 %s", "%[2]s from %[1]s", clock(v, span.From.At), is))
		}
		before, until = is, span.To.At
	}
	return lab.Join(told[max(len(told)-most, 0):], ", ")
}

// debrief tells an episode as a table: a point a line, predicted and measured.
func (c *console) debrief(v *timeline.View, e *timeline.Episode) {
	what := lab.T("장애", "fault")
	if e.Fault != nil {
		what = lab.T(widget.Clean(e.Fault.Title.Ko), widget.Clean(e.Fault.Title.En))
	}
	c.say(lab.Textf("%s, %s, %s:", "%[3]s, %[1]s, %[2]s:", clock(v, e.Begun.At), subject(e), what))
	measured := e.Debrief()
	for _, point := range e.Points {
		if !rows.Shows(e, point) {
			continue
		}
		i := slices.IndexFunc(measured, func(one timeline.Comparison) bool { return one.Code == point.Code })
		name := rows.PointName(e.Probe, point.Code)
		band := point.Expected.Band
		predicted := rows.Between(probes.Range{Least: band.Earliest, Most: band.Latest})
		if band.Never != "" {
			predicted = lab.Textf("없음, %s", "never, %s", timeline.ReasonWords(band.Never))
		}
		took := lab.T("아직 없음", "not yet")
		if i >= 0 {
			took = rows.Between(measured[i].Measured)
		} else if e.End != "" {
			took = lab.T("없음", "none")
		}
		c.say(lab.Textf("- %s: 예측 %s, 측정 %s.", "- %s: predicted %s, measured %s.", name, predicted, took))
	}
	if e.End != "" {
		c.say(lab.Textf("- 끝: %s.", "- End: %s.", e.End.Words()))
	}
}

func clock(v *timeline.View, t time.Time) string { return v.Clock(t).Local().Format(time.TimeOnly) }
