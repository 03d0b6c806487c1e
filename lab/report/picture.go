package report

import (
	"cmp"
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// How much a picture shows.
const (
	maxDrawn       = 80 // marks or bars of a lane
	maxDrawnPods   = 10
	maxContainers  = 3 // of a pod
	maxServices    = 2 // of a pod
	maxDeployments = 4
)

// drawing is a picture while it is made.
type drawing struct {
	Picture
	view *timeline.View
}

// overview is the picture of the whole run, of the pods of which there is most to be seen.
func overview(view *timeline.View) Picture {
	d := drawing{view: view, Picture: Picture{From: view.To, To: view.To, Lanes: []Lane{}}}
	for _, p := range view.Pods {
		d.from(p.Seen)
	}
	for _, a := range view.Acts {
		d.from(a.Started)
	}
	if d.From.Equal(d.To) {
		d.From = view.From
	}
	if pad := d.To.Sub(d.From) / 50; d.From.Add(-pad).After(view.From) {
		d.From = d.From.Add(-pad)
	}
	if !d.To.After(d.From) {
		d.To = d.From.Add(time.Second)
	}
	d.acts("")
	for _, dep := range view.Deployments[:min(len(view.Deployments), maxDeployments)] {
		d.replicas(dep)
	}
	d.requests()
	drawn := mostTelling(view)
	d.PodsLeftOut = len(view.Pods) - len(drawn)
	for _, p := range drawn {
		d.ready(p)
		d.endpoints(p, maxServices)
		several := len(p.Containers) > 1
		for _, c := range p.Containers[:min(len(p.Containers), maxContainers)] {
			d.runs(p, c, several)
			for _, pr := range c.Probes {
				d.attempts(p, c, pr, several)
			}
		}
	}
	d.gaps()
	return d.Picture
}

func (d *drawing) from(t time.Time) {
	if !t.IsZero() && t.Before(d.From) {
		d.From = t
	}
}

// mostTelling are the pods of which there is most to be seen, in the view's order.
func mostTelling(view *timeline.View) []*timeline.Pod {
	worth := map[*timeline.Pod]int{}
	for _, p := range view.Pods {
		worth[p] = p.Ready.Len()
		for _, c := range p.Containers {
			worth[p] += 5*c.Restarts + c.Runs.Len()
		}
	}
	for _, e := range view.Episodes {
		if p := view.Pod(e.Pod); p != nil {
			worth[p] += 20
			if e.Fault != nil {
				worth[p] += 1000
			}
		}
	}
	all := slices.Clone(view.Pods)
	slices.SortStableFunc(all, func(a, b *timeline.Pod) int { return cmp.Compare(worth[b], worth[a]) })
	all = all[:min(len(all), maxDrawnPods)]
	return slices.DeleteFunc(slices.Clone(view.Pods), func(p *timeline.Pod) bool { return !slices.Contains(all, p) })
}

// bar adds a bar as far as it lies in the picture.
func (d *drawing) bar(l *Lane, from, to time.Time, state State, text lab.Text) {
	if to.IsZero() || to.After(d.To) {
		to = d.To
	}
	if from.Before(d.From) {
		from = d.From
	}
	if !to.Before(from) && !from.After(d.To) {
		l.Bars = append(l.Bars, Bar{From: from, To: to, State: state, Text: text})
	}
}

// mark adds a mark if it lies in the picture.
func (d *drawing) mark(l *Lane, at timeline.Instant, state State, text lab.Text) {
	if at.At.Before(d.From) || at.At.After(d.To) {
		return
	}
	l.Marks = append(l.Marks, Mark{At: at.At, Within: Seconds(max(at.Within, 0)), State: state, Text: text})
}

// add adds a lane, if there is something in it.
func (d *drawing) add(l Lane) {
	if len(l.Bars)+len(l.Marks) == 0 {
		return
	}
	l.Bars = coarser(l.Bars)
	if l.Bars == nil {
		l.Bars = []Bar{}
	}
	if l.Marks == nil {
		l.Marks = []Mark{}
	}
	d.Lanes = append(d.Lanes, l)
}

// coarser puts bars together where there are too many to be seen.
func coarser(bars []Bar) []Bar {
	if len(bars) <= maxDrawn {
		return bars
	}
	each := (len(bars) + maxDrawn - 1) / maxDrawn
	var out []Bar
	for group := range slices.Chunk(bars, each) {
		one := group[0]
		one.To = group[len(group)-1].To
		for _, b := range group[1:] {
			one.Count += b.Count
			if b.State != one.State {
				one.State = StateMixed
			}
		}
		if one.State == StateMixed || len(group) > 1 {
			one.Text = lab.Textf("바뀐 상태 %d개", "states put together: %d", len(group))
		}
		out = append(out, one)
	}
	return out
}

// acts are the faults and commands; with a pod, faults of others are left out.
func (d *drawing) acts(uid string) {
	l := Lane{Kind: LaneActs, Label: lab.T("장애와 명령", "faults and commands")}
	acts := d.view.ActsIn(d.From, d.To)
	for least := 0; least < 2; least++ {
		l.Marks = nil
		for _, a := range acts {
			state, text := StateCommand, lab.Same(lab.Line(cmp.Or(a.Line, a.Title.En), maxName))
			if a.Line == "" {
				text = oneLine(a.Title)
			}
			switch {
			case a.Fault != nil && uid != "" && a.Pod != "" && a.Pod != uid:
				continue
			case a.Fault != nil && a.Fault.Repairs():
				state, text = StateRepair, lab.Textf("복구: %s", "repair: %s", oneLine(a.Fault.Title))
			case a.Fault != nil:
				state, text = StateFault, lab.Textf("장애: %s", "fault: %s", oneLine(a.Fault.Title))
			case a.State == lab.TaskFailed:
				state = StateProblem
			case least > 0:
				continue
			}
			at := a.Started
			if !a.Ended.IsZero() {
				at = a.Ended
			}
			d.mark(&l, timeline.Instant{At: at}, state, text)
		}
		if len(l.Marks) <= maxDrawn {
			break
		}
	}
	l.Marks = l.Marks[:min(len(l.Marks), maxDrawn)]
	d.add(l)
}

func (d *drawing) ready(p *timeline.Pod) {
	l := Lane{Kind: LaneReady, Group: outside(p.Name, maxName), Label: lab.Same("READY"), LeftOut: p.Ready.Dropped}
	for s := range p.Ready.In(d.From, d.To) {
		state, text := StateBad, lab.T("준비되지 않음", "not ready")
		if s.Is {
			state, text = StateGood, lab.T("준비됨", "ready")
		}
		d.bar(&l, s.From.At, s.To.At, state, text)
	}
	d.add(l)
}

func (d *drawing) endpoints(p *timeline.Pod, most int) {
	names, members := d.view.MembersOf(p.UID)
	for i, m := range members[:min(len(members), most)] {
		l := Lane{
			Kind: LaneEndpoints, Group: outside(p.Name, maxName), LeftOut: m.States.Dropped,
			Label: lab.Textf("엔드포인트 %s", "endpoint %s", lab.Line(names[i], 40)),
		}
		for s := range m.States.In(d.From, d.To) {
			state, text := StateBad, lab.T("요청을 받지 않음", "gets no requests")
			switch {
			case s.Is.Ready:
				state, text = StateGood, lab.T("요청을 받음", "gets requests")
			case s.Is.Terminating:
				text = lab.T("종료 중", "terminating")
			}
			d.bar(&l, s.From.At, s.To.At, state, text)
		}
		d.add(l)
	}
}

func (d *drawing) runs(p *timeline.Pod, c *timeline.Container, named bool) {
	l := Lane{Kind: LaneRuns, Group: outside(p.Name, maxName), Label: lab.T("컨테이너", "container"), LeftOut: c.Runs.Dropped}
	if named {
		l.Label = lab.Textf("컨테이너 %s", "container %s", lab.Line(c.Name, 40))
	}
	states := map[timeline.Phase]State{
		timeline.Creating: StateCreating, timeline.Running: StateRunning, timeline.Stopping: StateStopping,
		timeline.Ended: StateEnded, timeline.BackOff: StateBackOff,
	}
	for s := range c.Runs.In(d.From, d.To) {
		text := s.Is.Phase.Words()
		switch {
		case s.Is.Phase == timeline.Ended:
			text = lab.Textf("%s(코드 %d)", "%s (code %d)", text, s.Is.ExitCode)
		case s.Is.Phase == timeline.Running && s.Is.Number > 0:
			text = lab.Textf("%s(%d번째 재시작 뒤)", "%s (restart %d)", text, s.Is.Number)
		}
		d.bar(&l, s.From.At, s.To.At, states[s.Is.Phase], text)
	}
	d.add(l)
}

// attempts are the lanes of both witnesses of a probe.
func (d *drawing) attempts(p *timeline.Pod, c *timeline.Container, pr *timeline.Probe, named bool) {
	name := lab.ProbeName(pr.Spec.Kind)
	if named {
		name = lab.Textf("%s %s", "%s %s", lab.Line(c.Name, 20), name)
	}
	for _, w := range []struct {
		kind  LaneKind
		label lab.Text
		all   timeline.Attempts
	}{
		{LaneKubelet, lab.Textf("%s: kubelet", "%s: kubelet", name), pr.Kubelet},
		{LaneEngine, lab.Textf("%s: healthlab", "%s: healthlab", name), pr.Engine},
	} {
		l := Lane{Kind: w.kind, Group: outside(p.Name, maxName), Label: w.label, LeftOut: w.all.Dropped}
		attempts := w.all.In(d.From, d.To)
		if len(attempts) <= maxDrawn {
			for _, a := range attempts {
				d.mark(&l, a.Ended, outcomeState(a.Outcome), attemptText(a))
			}
		} else {
			d.runsOf(&l, attempts, 3*max(pr.Spec.Period, time.Second))
		}
		d.add(l)
	}
}

// runsOf are bars of attempts in a row with the same outcome, none of which is later than apart after the one before.
func (d *drawing) runsOf(l *Lane, attempts []timeline.Attempt, apart time.Duration) {
	for i := 0; i < len(attempts); {
		j := i + 1
		for j < len(attempts) && attempts[j].Outcome == attempts[i].Outcome && attempts[j].Ended.At.Sub(attempts[j-1].Ended.At) <= apart {
			j++
		}
		text := lab.Textf("%s %d번", "%[1]s, %[2]d times", lab.OutcomeWords(attempts[i].Outcome), j-i)
		l.Bars = append(l.Bars, Bar{
			From: attempts[i].Ended.At, To: attempts[j-1].Ended.At, State: outcomeState(attempts[i].Outcome), Text: text, Count: j - i,
		})
		i = j
	}
}

func outcomeState(o probes.Outcome) State {
	switch o {
	case probes.Success:
		return StateSuccess
	case probes.Failure:
		return StateFailure
	default:
		return StateUnknown
	}
}

func attemptText(a timeline.Attempt) lab.Text {
	text := lab.OutcomeWords(a.Outcome)
	if a.Streak > 0 && a.Threshold > 0 {
		text = lab.Textf("%s %d/%d", "%s %d/%d", text, min(a.Streak, a.Threshold), a.Threshold)
	}
	if a.More > 0 {
		text = lab.Textf("%s(그리고 시각을 알 수 없는 %d번)", "%s (and %d more at times that are not known)", text, a.More)
	}
	if a.Outcome == probes.Success {
		return text
	}
	if why := lab.Line(course.Gist(a.Message), 120); why != "" {
		text = lab.Textf("%s: %s", "%s: %s", text, why)
	}
	return text
}

func (d *drawing) replicas(dep *timeline.Deployment) {
	l := Lane{Kind: LaneReplicas, Label: lab.Textf("레플리카 %s", "replicas %s", lab.Line(dep.Name, 40)), LeftOut: dep.Counts.Dropped}
	for s := range dep.Counts.In(d.From, d.To) {
		state := StateGood
		if s.Is.Available < s.Is.Desired {
			state = StateBad
		}
		d.bar(&l, s.From.At, s.To.At, state, lab.Textf("%d/%d 사용 가능", "%d/%d available", s.Is.Available, s.Is.Desired))
	}
	// What differs in other counts only looks the same.
	l.Bars = slices.CompactFunc(l.Bars, func(a, b Bar) bool { return a.State == b.State && a.Text == b.Text })
	for i := range l.Bars[:max(len(l.Bars)-1, 0)] {
		l.Bars[i].To = l.Bars[i+1].From
	}
	if n := len(l.Bars); n > 0 {
		if last, ok := dep.Counts.Last(); ok && last.Open() {
			l.Bars[n-1].To = d.To
		}
	}
	d.add(l)
}

func (d *drawing) gaps() {
	l := Lane{Kind: LaneGaps, Label: lab.T("공백", "gaps")}
	for _, g := range d.view.GapsIn(d.From, d.To) {
		d.bar(&l, g.From, g.To, StateGap, g.Why.Words())
	}
	d.add(l)
}
