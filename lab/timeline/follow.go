package timeline

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// asks reports whether the kubelet asks the probe now.
func asks(con *container, pr *probe) bool {
	if con.seen.State != lab.Running {
		return false
	}
	starting := !con.seen.Started && con.probe(probes.Startup) != nil
	return starting == (pr.spec.Kind == probes.Startup)
}

// followFault takes in a fault that healthlab has carried out.
func (b *Builder) followFault(p *pod, con *container, pr *probe, act *Act, at Instant) {
	response := act.Fault.Responds.To(pr.spec.Kind)
	if !asks(con, pr) && response != probes.Exit {
		return
	}
	s := situation(p, con, pr, probes.Behaviour{Response: response, After: time.Duration(act.Fault.After) * second}, at)
	s.Shutdown = (&Episode{Fault: act}).shutdown()
	if pr.spec.Kind == probes.Readiness && !con.seen.Ready && response != probes.Exit {
		return // it was not ready anyway
	}
	old := b.openEpisode(pr)
	if old != nil && (old.Fault != nil || old.Begun.At.Before(act.Started)) {
		return // it goes on
	}
	seen := old != nil // its first failure was told before the command had ended
	if seen {
		b.episodes = slices.DeleteFunc(slices.Clone(b.episodes), func(e *Episode) bool { return e == old })
		b.shared = false
	}
	b.begin(p, con, pr, Episode{Fault: act, Begun: at}, s)
	if !seen {
		return
	}
	for _, before := range old.Points {
		if !before.Told.IsZero() {
			b.see(pr, before.Code, before.Told, true)
		}
		if !before.Probed.IsZero() {
			b.see(pr, before.Code, before.Probed, false)
		}
	}
}

// followFailure takes in an attempt that has failed, told by the kubelet or by the engine.
func (b *Builder) followFailure(p *pod, con *container, pr *probe, a Attempt, kubelet, fresh bool) {
	e := b.episode(pr)
	if e != nil && e.End == "" && pr.spec.Kind != probes.Readiness {
		if restart, _ := e.Point(PointRestart); !restart.Told.IsZero() && a.Ended.At.After(restart.Told.At) {
			b.finish(pr, EndAgain)
			e = nil
		}
	}
	if e == nil || e.End != "" && a.Ended.At.After(e.Ended) {
		if fresh {
			b.beginElsewhere(p, con, pr, a, kubelet)
		}
		if e = b.openEpisode(pr); e == nil {
			return
		}
	}
	if begun, ok := e.Begun.Earliest(); ok && a.Ended.At.Before(begun) {
		return // told late: it is of before
	}
	if a.Ended.At.After(pr.failed) {
		pr.failed = a.Ended.At
	}
	first, _ := e.Point(PointFailure)
	ended := a.Ended
	if a.More > 0 {
		ended.Within = probes.Longest // others came before it
	}
	b.see(pr, PointFailure, ended, kubelet)
	if !kubelet || !first.Told.IsZero() || a.More > 0 {
		return
	}
	// From here on it is known when the kubelet makes its attempts.
	s := situation(p, con, pr, a.behaviour(), a.Ended)
	s.Age, s.Tick = askedAlready(con, pr, a.Ended), &probes.Range{}
	s.Shutdown = e.shutdown()
	f := s.Forecast()
	b.edit(pr, func(e *Episode) {
		if f.Verdict.Never == "" && e.predicted.Verdict.Never == "" && e.End == "" {
			e.due = f
			e.expectRest(PointFailure, a.Ended.Add(-takes(pr, s.Behaviour)), func(code PointCode) (probes.Band, bool) {
				return band(f, e.Probe, code)
			})
		}
	})
}

// beginElsewhere begins an episode with a failure for which healthlab has done nothing.
func (b *Builder) beginElsewhere(p *pod, con *container, pr *probe, a Attempt, kubelet bool) {
	run, ok := con.runs.Last()
	if !ok || run.Is.Phase != Running || !asks(con, pr) || !p.deleting.IsZero() || a.Ended.At.Before(run.From.At) {
		return
	}
	passing := con.seen.Ready
	if last, ok := pr.verdicts.Last(); ok && !kubelet {
		passing = passing || last.Is == probes.Passing
	}
	if pr.spec.Kind == probes.Readiness && !passing {
		return // it has not been ready yet
	}
	how := a.behaviour()
	begun := a.Ended.Add(-takes(pr, how))
	s := situation(p, con, pr, how, begun)
	if kubelet {
		s.Age, s.Tick = askedAlready(con, pr, a.Ended), &probes.Range{}
	} else {
		// It happened after the attempt before had begun, or the container; when the kubelet asks next is not known.
		begun = exactly(a.Ended.At.Add(-a.Took))
		from, ok := run.From.Earliest()
		if pr.succeeded.After(run.From.At) {
			from, ok = pr.succeeded, true
		}
		if !ok {
			from = begun.At
		}
		begun = between(from, begun.At)
		if s.Age != nil {
			age := begun.Since(run.From)
			s.Age = &age
		}
		s.Tick = nil
	}
	s.Shutdown = (&Episode{}).shutdown()
	b.begin(p, con, pr, Episode{Begun: begun.upTo(b.clock.now)}, s)
}

// followRepair takes in a repair that healthlab has carried out.
func (b *Builder) followRepair(p *pod, con *container, pr *probe, act *Act, at Instant) {
	e := b.openEpisode(pr)
	if e == nil || e.Repair != nil || e.index(PointRepair) < 0 {
		return
	}
	if success, _ := e.Point(PointSuccess); success.Happened() && success.Measured().At.Before(act.Started) {
		return // somebody was faster
	}
	verdict, _ := e.Point(PointVerdict)
	s := situation(p, con, pr, probes.Behaviour{Response: e.Response}, e.Begun)
	s.Age, s.Tick = nil, nil
	f := s.Forecast()
	first := s
	first.Spec.SuccessThreshold = 1
	success := first.Forecast().Return
	if verdict.Happened() {
		f.Return.May, success.May = false, false // it has failed
	} else {
		s.Lasts = max(at.Since(e.Begun).Most, 1)
		short := s.Forecast()
		b.edit(pr, func(e *Episode) {
			for _, code := range []PointCode{PointVerdict, PointLeft} {
				if i := e.index(code); e.Points[i].Due.Known() {
					e.Points[i].Due = expected(e.Begun, PointFault, short.Verdict)
				}
			}
		})
		f.Return.May, success.May = true, true
		if short.Verdict.Never != "" {
			f.Return, success = short.Verdict, short.Verdict
		}
	}
	b.see(pr, PointRepair, at, true)
	b.edit(pr, func(e *Episode) {
		e.Repair = act
		for code, band := range map[PointCode]probes.Band{PointSuccess: success, PointReady: f.Return, PointJoined: f.Return} {
			p := &e.Points[e.index(code)]
			p.Expected = expected(at, PointRepair, band)
			p.Due = p.Expected
		}
		if !b.serves(e.Pod) {
			e.expectNothing(PointJoined)
		}
	})
}

// followSuccess takes in an attempt that has succeeded and began at a time.
func (b *Builder) followSuccess(pr *probe, a Attempt, begun time.Time, kubelet bool) {
	e := b.openEpisode(pr)
	if e == nil || begun.Before(e.Begun.At) {
		return
	}
	failure, _ := e.Point(PointFailure)
	verdict, _ := e.Point(PointVerdict)
	longest := pr.spec.Period + pr.spec.Timeout + Slack
	switch {
	case verdict.Happened() && verdict.Told.IsZero() && begun.Sub(pr.failed) > longest:
		b.finish(pr, EndRecovered) // the kubelet's failures were not enough
	case verdict.Happened():
		if repair, _ := e.Point(PointRepair); pr.spec.Kind == probes.Readiness && !begun.Before(repair.Told.At) {
			b.see(pr, PointSuccess, a.Ended, kubelet)
		}
	case failure.Happened():
		// The other witness may have failed since, and may fail once more.
		if begun.Sub(pr.failed) > longest {
			b.finish(pr, EndRecovered)
		}
	case e.Response == probes.Exit:
	default:
		until := e.Begun.At.Add(longest)
		if failure.Expected.To.After(until) {
			until = failure.Expected.To.Add(Slack)
		}
		if begun.After(until) {
			b.finish(pr, EndNothing)
		}
	}
}

// followKilling takes in that the kubelet has a container killed for a probe.
func (b *Builder) followKilling(con *container, s stop, late bool) {
	pr := con.probe(s.probe)
	if pr == nil {
		return
	}
	e := b.episode(pr)
	if e == nil || e.End != "" && !late {
		return
	}
	if begun, ok := e.Begun.Earliest(); ok && s.since.At.Before(begun) || !e.Ended.IsZero() && s.since.At.After(e.Ended) {
		return
	}
	b.see(pr, PointVerdict, s.since, true)
	last := PointVerdict
	if con.seen.PreStop == nil {
		b.see(pr, PointStop, s.since, true)
		last = PointStop
	}
	b.edit(pr, func(e *Episode) {
		until, _ := band(e.predicted, e.Probe, last)
		e.expectRest(last, s.since, func(code PointCode) (probes.Band, bool) {
			all, ok := band(e.predicted, e.Probe, code)
			if !ok {
				return all, false
			}
			return rest(all, until)
		})
	})
}

// followContainer takes in that a container is different from before. next says that it is another run.
func (b *Builder) followContainer(p *pod, con *container, before lab.Container, known, next, fresh bool) {
	c := &con.seen
	if next {
		for _, pr := range con.probes {
			pr.succeeded, pr.logged = time.Time{}, nil
			pr.verdicts.end(b.clock.here())
			pr.view = nil
		}
	}
	if c.State == lab.Terminated && c.Final {
		b.endEpisodes(con, EndStopped)
	}
	if !known {
		return
	}
	here := b.clock.here()
	for _, pr := range con.probes {
		e := b.openEpisode(pr)
		if e == nil {
			continue
		}
		if pr.spec.Kind != probes.Readiness && c.State == lab.Running && c.Restarts > e.Number {
			b.followRestart(pr, con, b.clock.stamped(p.seen.Node, c.StartedAt, second, fresh))
			if e = b.openEpisode(pr); e == nil {
				continue
			}
		}
		restart, _ := e.Point(PointRestart)
		switch {
		case pr.spec.Kind == probes.Readiness:
			b.followReady(p, con, pr, before.Ready, fresh)
		case restart.Told.IsZero():
			if pr.spec.Kind == probes.Startup && c.Started && c.State == lab.Running {
				b.see(pr, PointStarted, here, true)
				b.finish(pr, EndRecovered)
			}
		case c.State == lab.Running && c.Restarts > e.Number:
			if c.Started {
				b.see(pr, PointStarted, here, true)
			}
			if c.Ready {
				b.see(pr, PointReady, b.readySince(p, here, restart.Told), true)
				b.finish(pr, EndReady)
			}
		}
	}
}

// readySince is when the container of which it became known here got ready, which was not before it began. Where nothing else
// has to pass than that it runs, it was at that moment.
func (b *Builder) readySince(p *pod, here, begun Instant) Instant {
	for _, con := range p.containers {
		if con.probe(probes.Readiness) != nil || con.probe(probes.Startup) != nil {
			return here.after(begun)
		}
	}
	return begun
}

// followRestart takes in that the next run of a container has begun.
func (b *Builder) followRestart(pr *probe, con *container, started Instant) {
	e := b.openEpisode(pr)
	verdict, _ := e.Point(PointVerdict)
	if restart, _ := e.Point(PointRestart); !restart.Told.IsZero() {
		return
	}
	if !verdict.Happened() && e.Response != probes.Exit {
		b.finish(pr, EndStopped)
		return
	}
	if hook := con.seen.PreStop; hook != nil && hook.Least == hook.Most && con.stop.why == StopProbe {
		if stop := con.stop.since.Add(min(hook.Least, con.stop.grace)); stop.At.Before(started.At) {
			b.see(pr, PointStop, stop, true)
		}
	}
	b.see(pr, PointRestart, started, true)
	b.edit(pr, func(e *Episode) {
		e.expectRest(PointRestart, started, func(code PointCode) (probes.Band, bool) {
			all, ok := band(e.predicted, e.Probe, code)
			if !ok || code == PointStarted {
				return all, false
			}
			return rest(all, e.predicted.Restart)
		})
	})
}

// followReady takes in whether a container is ready, which its readiness probe decides.
func (b *Builder) followReady(p *pod, con *container, pr *probe, before, fresh bool) {
	if con.seen.Ready == before {
		return
	}
	at := b.clock.here()
	if len(p.containers) == 1 && p.seen.Ready == con.seen.Ready { // the pod's condition changed with it
		at = b.clock.stamped(p.seen.Node, p.seen.ReadySince, second, fresh)
	}
	e := b.openEpisode(pr)
	verdict, _ := e.Point(PointVerdict)
	switch {
	case !con.seen.Ready:
		b.see(pr, PointVerdict, at, true)
	case verdict.Happened():
		b.see(pr, PointReady, at, true)
		b.finish(pr, EndReady)
	}
}

// followEndpoint takes in that a pod has joined the ready endpoints of a service, or left them.
func (b *Builder) followEndpoint(uid string, ready bool) {
	p := b.byUID[uid]
	if p == nil {
		return
	}
	for _, con := range p.containers {
		pr := con.probe(probes.Readiness)
		if pr == nil {
			continue
		}
		e := b.episode(pr)
		if e == nil || e.End != "" && e.End != EndReady {
			continue
		}
		left, _ := e.Point(PointLeft)
		switch {
		case !ready && e.End == "":
			b.see(pr, PointLeft, b.clock.here(), true)
		case ready && left.Happened():
			b.see(pr, PointJoined, b.clock.here(), true)
		}
	}
}
