package timeline

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// onKubeletTells takes in whether a kubelet tells of each of its attempts.
func (b *Builder) onKubeletTells(e journal.KubeletTells) {
	delete(b.telling, e.Node)
	if e.Tells && len(b.telling) < maxNodes {
		b.telling[e.Node] = true
	}
	for _, p := range b.pods {
		if p.seen.Node == e.Node {
			p.tell(b.telling[e.Node])
			b.stale.pods = true
		}
	}
}

// onTold takes in an attempt that the kubelet itself tells of.
func (b *Builder) onTold(p *pod, con *container, pr *probe, told lab.Attempt) {
	took := max(told.Took, 0)
	a := Attempt{
		Ended: b.clock.stamped(p.seen.Node, told.Start.Add(took), 0, !told.Old), Took: took, Outcome: told.Outcome, TimedOut: told.TimedOut,
		Streak: told.Streak, Threshold: told.Threshold, Message: clip(told.Message), Told: true,
	}
	begun := a.Ended.At.Add(-took)
	if pr.told.IsZero() {
		pr.told = begun
		pr.kubelet.forget(begun)
	}
	pr.kubelet.add(a)
	pr.change(con, p)
	b.stale.pods = true
	if told.ContainerID != con.seen.ID {
		return // of the run before
	}
	if !pr.verdicts.open || !a.Ended.At.Before(pr.verdicts.last.From.At) {
		pr.verdicts.set(a.Ended, told.Verdict)
	}
	switch a.Outcome {
	case probes.Success:
		b.followSuccess(pr, a, begun, true)
	case probes.Failure:
		b.followFailure(p, con, pr, a, true, !told.Old)
		if told.Changed && told.Verdict == probes.Failing && b.openEpisode(pr) != nil {
			b.see(pr, PointVerdict, a.Ended, true)
		}
	case probes.Unknown:
	}
}

// toldAlready reports whether the kubelet tells by itself of the attempts that an event or a line of the log, stamped with a
// time, is about.
func (b *Builder) toldAlready(p *pod, pr *probe, stamp time.Time, fresh bool) bool {
	if pr.told.IsZero() {
		return fresh && b.telling[p.seen.Node] // it is about to
	}
	return !stamp.Add(second).Before(pr.told)
}

// forget drops what events and logs have told of the attempts from a time on, which are told again one by one.
func (a *attempts) forget(from time.Time) {
	again := func(one Attempt) bool { return !one.Told && !one.Ended.At.Before(from) }
	if !slices.ContainsFunc(a.all, again) {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(a.all), again)
	*a.kept -= len(a.all) - len(kept)
	a.all, a.ends, a.shared = kept, make([]time.Duration, len(kept)), false
	for i, one := range kept {
		a.ends[i] = one.Ended.At.Sub(a.zero)
	}
}
