package session

import (
	"context"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
)

// startTraffic sends requests until they are stopped, in a goroutine of its own. There is one stream at a time.
func (s *Session) startTraffic(m course.Moment, a lab.StartTraffic) {
	plan, link := m.TrafficPlan(a), s.link
	ctx, stop := context.WithCancel(s.ctx)
	s.stopTraffic = stop
	s.record(journal.TrafficBegun{Plan: plan})
	s.work.Go(func() {
		defer stop()
		err := link.Traffic(ctx, plan, func(now lab.TrafficPlan) {
			s.inbox.put(func() { s.record(journal.TrafficBegun{Plan: now}) })
		}, func(second lab.TrafficSecond) {
			s.inbox.put(func() { s.record(journal.TrafficCounted{Second: second}) })
		})
		ended := journal.TrafficEnded{}
		if ctx.Err() == nil {
			s.log.Warn("send requests", "service", plan.Service, "err", err)
			ended.Problem = lab.Brief(err)
		}
		s.inbox.put(func() {
			s.stopTraffic = nil
			s.record(ended)
		})
	})
}
