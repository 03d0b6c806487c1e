package timeline

import (
	"slices"
	"time"

	"healthlab/probes"
)

// A kubelet sees within a second that a container runs or has ended (pkg/kubelet/pleg).
var noticed = probes.Range{Most: second}

// situation is what is known of a probe's container at a fault.
func situation(p *pod, con *container, pr *probe, behaviour probes.Behaviour, at Instant) probes.Situation {
	s := probes.Situation{
		Spec: pr.spec, Behaviour: behaviour, Grace: p.seen.GracePeriod, Restarts: con.recent, Notice: noticed, Triggered: true,
		NoRestart: con.seen.Once,
	}
	if con.seen.PreStop != nil {
		s.PreStop = *con.seen.PreStop
	}
	for _, other := range con.probes {
		if other != pr {
			s.Others = append(s.Others, other.spec)
		}
	}
	run, ok := con.runs.Last()
	if !ok || run.Is.Phase != Running {
		return s
	}
	age := at.Since(run.From)
	// An age makes a forecast wider, so it is told only where it matters.
	if pr.spec.Kind == probes.Startup || age.Least < pr.spec.InitialDelay {
		s.Age = &age
	}
	s.Tick = tick(pr, at)
	return s
}

// askedAlready is the age of a container whose initial delay is over.
func askedAlready(con *container, pr *probe, at Instant) *probes.Range {
	age := probes.Range{Most: probes.Longest}
	if run, ok := con.runs.Last(); ok {
		age = at.Since(run.From)
	}
	return &probes.Range{Least: max(age.Least, pr.spec.InitialDelay), Most: max(age.Most, pr.spec.InitialDelay)}
}

// shutdown is how long the app takes to end when it is told to: what its fault says or, where the fault is not known, anything.
func (e *Episode) shutdown() *probes.Range {
	switch {
	case e.Fault == nil:
		return &probes.Range{Most: probes.Longest}
	case e.Fault.Fault == nil || e.Fault.Fault.Shutdown == nil:
		return nil
	}
	d := probes.Exactly(time.Duration(*e.Fault.Fault.Shutdown) * second)
	return &d
}

// tick is when after a fault the kubelet makes its next attempt, where the log of the app tells when it makes them; nil where
// it does not. The kubelet makes those at a readiness probe at other times as well.
func tick(pr *probe, fault Instant) *probes.Range {
	period := pr.spec.Period
	begun, known := fault.Earliest()
	if pr.spec.Kind == probes.Readiness || !known || period <= 0 {
		return nil
	}
	attempt, ok := pr.asked()
	if !ok || fault.At.Sub(attempt.At) > 3*period {
		return nil
	}
	last, _ := attempt.Earliest()
	if last.After(begun) {
		return nil
	}
	turns := begun.Sub(last)/period + 1
	next := probes.Range{Least: last.Add(turns * period).Sub(fault.At), Most: attempt.At.Add(turns * period).Sub(begun)}
	if next.Least < 0 || next.Most > period {
		return nil // it may have been an attempt of before or after the fault
	}
	return &next
}

// asked is when the last attempt began that the app's log tells of; ok is false if it tells of none. A line is written when
// the app has answered: on a busy machine that is anything up to the timeout later. The kubelet asks once a period, so that of
// some lines the one that is least late says most, and what the latest one may be late at most holds for all.
func (pr *probe) asked() (attempt Instant, ok bool) {
	const early, late = 100 * time.Millisecond, 50 * time.Millisecond // what takes that time in any case
	n := len(pr.logged)
	if n == 0 {
		return Instant{}, false
	}
	period, last := pr.spec.Period, pr.logged[n-1].At
	begun := make([]time.Time, n) // the latest that the last attempt can have begun, by each line
	var least, most time.Time
	for i, line := range pr.logged {
		from, known := line.Earliest()
		if !known {
			return Instant{}, false
		}
		turns := last.Sub(line.At).Round(period)
		begun[i] = line.At.Add(turns)
		if from = from.Add(turns); i == 0 || from.Before(least) {
			least = from
		}
		if from = from.Add(-pr.spec.Timeout); from.After(most) {
			most = from
		}
	}
	slices.SortFunc(begun, time.Time.Compare)
	if n == 1 || begun[1].Sub(begun[0]) > early { // no two agree: the least late one may be late as well
		if most.Before(least) {
			least = most
		}
	}
	return between(least.Add(-early), begun[0].Add(late)), true
}

// behaviour is what the app does, as far as a failure tells.
func (a Attempt) behaviour() probes.Behaviour {
	if a.TimedOut {
		return probes.Behaviour{Response: probes.Hang}
	}
	return probes.Behaviour{Response: probes.Fail}
}

// takes is how long an attempt takes that fails so.
func takes(pr *probe, behaviour probes.Behaviour) time.Duration {
	if behaviour.Response == probes.Hang {
		return pr.spec.Timeout
	}
	return 0
}

// points are those of an episode, without any time.
func points(kind probes.Kind, from PointCode) []Point {
	codes := []PointCode{PointFault, PointFailure, PointVerdict, PointStop, PointRestart, PointReady}
	switch kind {
	case probes.Startup:
		codes = slices.Insert(codes, len(codes)-1, PointStarted)
	case probes.Readiness:
		codes = []PointCode{PointFault, PointFailure, PointVerdict, PointLeft, PointRepair, PointSuccess, PointReady, PointJoined}
	case probes.Liveness:
	}
	all := make([]Point, 0, len(codes))
	for _, code := range codes {
		if code != PointFault || from == PointFault {
			all = append(all, Point{Code: code})
		}
	}
	return all
}

// band is what a forecast says of a point; ok is false where it says nothing, or only once there is a repair.
func band(f probes.Forecast, kind probes.Kind, code PointCode) (b probes.Band, ok bool) {
	switch code {
	case PointFailure:
		return f.FirstFailure, true
	case PointVerdict, PointLeft:
		return f.Verdict, true
	case PointStop:
		return f.Stop, true
	case PointRestart:
		return f.Restart, true
	case PointStarted:
		return f.Started, true
	case PointReady, PointJoined, PointSuccess:
		return f.Ready, kind != probes.Readiness || f.Ready.Never != ""
	default:
		return probes.Band{}, false
	}
}

// expected is a band on the axis.
func expected(from Instant, since PointCode, b probes.Band) Expected {
	e := Expected{Since: since, Band: b}
	if b.Never != "" {
		return e
	}
	early, ok := from.Earliest()
	if !ok {
		early = from.At
	}
	e.From = later(early, b.Earliest)
	if b.Latest < probes.Longest {
		e.To = later(from.At, b.Latest)
	}
	return e
}

// later is t, at most a century later.
func later(t time.Time, d time.Duration) time.Time { return t.Add(min(d, century)) }

// foresee sets what is to be expected from the begin of the episode on.
func (e *Episode) foresee(f probes.Forecast) {
	e.predicted, e.due = f, f
	for i := range e.Points {
		p := &e.Points[i]
		if b, ok := band(f, e.Probe, p.Code); ok {
			p.Expected = expected(e.Begun, PointFault, b)
			p.Due = p.Expected
		}
	}
}

// expectNothing says of points that nobody can say when they come about.
func (e *Episode) expectNothing(codes ...PointCode) {
	for i := range e.Points {
		if slices.Contains(codes, e.Points[i].Code) {
			e.Points[i].Expected, e.Points[i].Due = Expected{}, Expected{}
		}
	}
}

// expectRest sets what is to be expected by now of the points that follow, from a point on that has just come about: rest is
// what of a band comes after it.
func (e *Episode) expectRest(code PointCode, from Instant, rest func(PointCode) (probes.Band, bool)) {
	for i := e.index(code) + 1; i > 0 && i < len(e.Points); i++ {
		p := &e.Points[i]
		if b, ok := rest(p.Code); ok && !p.Happened() && p.Expected.Known() {
			p.Due = expected(from, code, b)
		}
	}
}

// rest is what of a band comes after another one that it begins with; ok is false if it does not.
func rest(of, after probes.Band) (b probes.Band, ok bool) {
	n := len(after.Terms)
	if of.Never != "" || after.Never != "" || len(of.Terms) < n || !slices.Equal(of.Terms[:n], after.Terms) {
		return of, of.Never != ""
	}
	b.Terms, b.May = of.Terms[n:], of.May
	b.Earliest, b.Latest = of.Earliest-after.Earliest, of.Latest-after.Latest
	if of.Latest == probes.Longest {
		b.Latest = probes.Longest
	}
	return b, true
}
