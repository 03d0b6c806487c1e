package timeline

import (
	"healthlab/lab"
	"healthlab/probes"
)

// onAttempt takes in an attempt of healthlab's own engine, or one that the kubelet tells of.
func (b *Builder) onAttempt(told lab.Attempt) {
	p := b.byUID[told.Key.Pod]
	if p == nil || !p.gone.IsZero() {
		return
	}
	con := p.container(told.Key.Container)
	if con == nil {
		return
	}
	pr := con.probe(told.Key.Kind)
	if pr == nil {
		return
	}
	if told.Witness == lab.Kubelet {
		b.onTold(p, con, pr, told)
		return
	}
	took := max(told.Took, 0)
	a := Attempt{
		Ended: b.clock.own(told.Start.Add(took)), Took: took, Outcome: told.Outcome, TimedOut: told.TimedOut,
		Streak: told.Streak, Threshold: told.Threshold, Message: clip(told.Message),
	}
	pr.engine.add(a)
	pr.change(con, p)
	b.stale.pods = true
	if told.ContainerID != con.seen.ID {
		return // of the run before
	}
	if pr.told.IsZero() {
		pr.verdicts.set(a.Ended, told.Verdict)
	}
	begun := a.Ended.At.Add(-took)
	switch a.Outcome {
	case probes.Success:
		pr.succeeded = begun
		b.followSuccess(pr, a, begun, false)
	case probes.Failure:
		b.followFailure(p, con, pr, a, false, true)
		if told.Changed && told.Verdict == probes.Failing && b.openEpisode(pr) != nil {
			b.see(pr, PointVerdict, a.Ended, false)
		}
	case probes.Unknown:
	}
}
