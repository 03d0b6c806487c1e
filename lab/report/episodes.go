package report

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// maxEpisodes is how many episodes are told.
const maxEpisodes = 16

// episodes are what followed from faults, and how many are left out: those that healthlab's own faults have begun go first.
func episodes(view *timeline.View, known []lab.Lab, given course.Answers) (out []Episode, leftOut int) {
	all := slices.Clone(view.Episodes)
	slices.SortStableFunc(all, func(a, b *timeline.Episode) int {
		switch {
		case a.Fault != nil && b.Fault == nil:
			return -1
		case a.Fault == nil && b.Fault != nil:
			return 1
		}
		return 0
	})
	leftOut = max(len(all)-maxEpisodes, 0)
	all = all[:len(all)-leftOut]
	slices.SortStableFunc(all, func(a, b *timeline.Episode) int { return a.Begun.At.Compare(b.Begun.At) })
	out = []Episode{}
	for _, e := range all {
		out = append(out, episode(view, e, known, given))
	}
	return out, leftOut
}

func episode(view *timeline.View, e *timeline.Episode, known []lab.Lab, given course.Answers) Episode {
	out := Episode{
		Pod: outside(e.PodName, maxName), Container: outside(e.Container, maxName), Probe: e.Probe, Begun: moment(e.Begun),
		Ended: e.Ended, End: e.End, Points: points(e),
	}
	_, _, pr := find(view, e)
	if pr != nil {
		out.Settings = settings(pr.Spec)
	}
	out.Title = lab.Textf("%s 실패", "The %s fails", lab.ProbeName(e.Probe))
	if e.Fault != nil && e.Fault.Fault != nil {
		out.Title = oneLine(e.Fault.Fault.Title)
	}
	subject := lab.Textf("파드 %s, 컨테이너 %s, %s", "Pod %s, container %s, %s", string(out.Pod), string(out.Container), lab.ProbeName(e.Probe))
	out.Said = lab.Textf("%s: 이 보고서를 만들 때 아직 끝나지 않았습니다.", "%s: it had not ended when this report was made.", subject)
	if e.End != "" {
		took := long(Seconds(max(e.Ended.Sub(e.Begun.At), 0)))
		out.Said = lab.Textf("%s: %s. 시작부터 %s 걸렸습니다.", "%s: %s, %s after it began.", subject, e.End.Words(), took)
	}
	if b := e.Budget(); b.Most > 0 {
		out.Budget = &Range{Seconds(b.Least), Seconds(b.Most)}
	}
	if l, step := e.Asked(known); step != nil {
		if g := guessOf(given, l.ID, *step, e); g.Time != nil {
			out.Guess = g
		}
	}
	if all, _, ok := view.Meanwhile(e); ok {
		sum := requests(all)
		out.Requests = &sum
		out.Said = lab.Textf("%s %s.", "%s %s.", out.Said, view.MeanwhileWords(e))
	}
	out.Picture = closeUp(view, e, out.Guess)
	return out
}

// find is what an episode is about; nil where that is not kept any more.
func find(view *timeline.View, e *timeline.Episode) (*timeline.Pod, *timeline.Container, *timeline.Probe) {
	p := view.Pod(e.Pod)
	if p == nil {
		return nil, nil, nil
	}
	for _, c := range p.Containers {
		if c.Name != e.Container {
			continue
		}
		for _, pr := range c.Probes {
			if pr.Spec.Kind == e.Probe {
				return p, c, pr
			}
		}
		return p, c, nil
	}
	return p, nil, nil
}

// points are the points of an episode, each with how it compares.
func points(e *timeline.Episode) []Point {
	compared := map[timeline.PointCode]timeline.Comparison{}
	for _, c := range e.Debrief() {
		compared[c.Code] = c
	}
	out := []Point{}
	for _, p := range e.Points {
		one := Point{Code: p.Code, Name: p.Code.Words(), Verdict: Unpredicted}
		if p.Happened() {
			at := moment(p.Measured())
			one.At = &at
		}
		if p.Expected.Known() {
			one.Since, one.SinceName = p.Expected.Since, p.Expected.Since.Words()
			b := band(p.Expected.Band)
			one.Predicted = &b
		}
		c, measured := compared[p.Code]
		if measured {
			one.Measured = &Range{Seconds(c.Measured.Least), Seconds(c.Measured.Most)}
			one.Off = Seconds(c.Off)
		}
		switch {
		case p.Code == timeline.PointFault, p.Code == timeline.PointRepair:
			one.Verdict = Start
			if !p.Happened() {
				continue // nobody has repaired it
			}
		case one.Predicted == nil && !p.Happened():
			continue // there is nothing to tell
		case one.Predicted == nil:
		case !p.Happened() && p.Expected.Never() != "":
			one.Verdict = Absent
		case !p.Happened() && e.End == "":
			one.Verdict = Pending
		case !p.Happened():
			one.Verdict = Missing
		case p.Expected.Never() != "":
			one.Verdict = Unexpected
		case measured && c.Inside():
			one.Verdict = Inside
		case measured:
			one.Verdict = TooFar
		}
		out = append(out, one)
	}
	return out
}

func band(b probes.Band) Band {
	out := Band{Earliest: Seconds(b.Earliest), Latest: Seconds(b.Latest), May: b.May, Terms: []Term{}}
	if b.Never != "" {
		out.Never = timeline.ReasonWords(b.Never)
	}
	for _, t := range b.Terms {
		out.Terms = append(out.Terms, Term{
			Code: t.Code, Name: timeline.TermWords(t.Code), Times: t.Times, Each: Range{Seconds(t.Each.Least), Seconds(t.Each.Most)},
		})
	}
	return out
}

// closeUp is the picture of an episode: its pod alone, from shortly before it began until shortly after its end, with the bands
// that were predicted, what was measured and, unless guess is nil, what was guessed.
func closeUp(view *timeline.View, e *timeline.Episode, guess *Guess) Picture {
	end := e.Ended
	if end.IsZero() {
		end = view.To
	}
	begun, predicted := e.Begun.At, end
	for _, p := range e.Points {
		if m := p.Measured().At; m.After(end) {
			end = m
		}
		if p.Expected.To.After(predicted) {
			predicted = p.Expected.To
		}
	}
	span := max(end.Sub(begun), 2*time.Second)
	if guess != nil {
		if to := begun.Add(time.Duration(guess.Time.Most)); to.After(predicted) {
			predicted = to
		}
	}
	if most := end.Add(max(span/2, 5*time.Second)); predicted.After(most) {
		predicted = most
	}
	if predicted.After(end) {
		end = predicted
	}
	pad := max(end.Sub(begun)/25, 500*time.Millisecond)
	d := drawing{view: view, Picture: Picture{From: begun.Add(-2 * pad), To: end.Add(pad), Zero: begun, Lanes: []Lane{}}}
	d.acts(e.Pod)
	for _, p := range e.Points {
		d.point(e, p)
		if guess != nil && guess.Point == p.Code {
			l := Lane{Kind: LaneGuess, Label: stateName(StateGuess)}
			d.bar(&l, begun.Add(time.Duration(guess.Time.Least)), begun.Add(time.Duration(guess.Time.Most)), StateGuess, guess.Said)
			d.add(l)
		}
	}
	p, c, pr := find(view, e)
	if pr != nil {
		d.attempts(p, c, pr, false)
	}
	if c != nil {
		d.runs(p, c, false)
	}
	if p != nil {
		d.ready(p)
		d.endpoints(p, maxServices)
		for _, dep := range view.Deployments {
			if slices.Contains(view.PodsOf(dep.Name), p) {
				d.replicas(dep)
			}
		}
	}
	d.requests()
	d.gaps()
	return d.Picture
}

// point is the lane of a point: when it was predicted, and when it came about.
func (d *drawing) point(e *timeline.Episode, p timeline.Point) {
	if p.Code == timeline.PointFault || p.Code == timeline.PointRepair {
		return
	}
	l := Lane{Kind: LanePoint, Label: p.Code.Words()}
	if x := p.Expected; x.Known() && x.Never() == "" {
		to := x.To
		if to.IsZero() {
			to = d.To
		}
		b := band(x.Band)
		d.bar(&l, x.From, to, StatePredicted, lab.Textf("예측: %s 뒤 %s", "predicted: %[2]s after the %[1]s", x.Since.Words(), b.Words()))
	}
	if p.Happened() {
		state, at := StateInside, p.Measured()
		text := lab.Textf("실측: %s 뒤 %s", "measured: %[2]s after the %[1]s", timeline.PointFault.Words(), between(rangeOf(at.Since(e.Begun))))
		for _, c := range e.Debrief() {
			if c.Code != p.Code {
				continue
			}
			text = lab.Textf("실측: %s 뒤 %s", "measured: %[2]s after the %[1]s", c.Since.Words(), between(rangeOf(c.Measured)))
			if !c.Inside() {
				state = StateOutside
			}
		}
		d.mark(&l, at, state, text)
	}
	d.add(l)
}

func rangeOf(r probes.Range) Range { return Range{Seconds(r.Least), Seconds(r.Most)} }
