package chart

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/timeline"
)

// traffic is the lane of the requests to services or, unless pod is nil, of those that it got; none if the axis has none.
func (c *Chart) traffic(p Picture, pod *timeline.Pod) []lane {
	all := p.View.Traffic.In(p.Axis.Left, p.Axis.Right().Add(time.Second))
	if pod != nil {
		services, _ := p.View.MembersOf(pod.UID)
		all = slices.DeleteFunc(slices.Clone(all), func(r timeline.Requests) bool { return !slices.Contains(services, r.Service) })
	}
	if len(all) == 0 {
		return nil
	}
	label := []string{c.say(lab.T("요청", "requests"))}
	if pod != nil {
		label = []string{c.say(lab.T("이 파드로 간 요청", "to this pod")), c.say(lab.T("이 파드로", "to this pod"))}
	}
	return []lane{{label: label, ink: text, draw: func(c *Chart, r row) {
		sum := make([]tally, len(r))
		for _, one := range all {
			counts := one.All
			if pod != nil {
				counts = one.To(pod.Name)
			}
			from, to := p.Axis.Cell(one.At.Add(1-time.Second)), p.Axis.Cell(one.At)
			if counts.Answered > 0 {
				r.fill(from, to, c.glyph.Solid, good)
			}
			if counts.Lost() > 0 && to >= 0 && to < len(sum) {
				sum[to].bad += counts.Lost()
			}
		}
		c.attempts(r, sum)
	}}}
}

// requests is what came of the requests in the cell of a time; empty if none were sent.
func (c *Chart) requests(p Picture, t time.Time) string {
	var sum lab.TrafficCounts
	for _, one := range p.View.Traffic.In(t, t.Add(max(p.Axis.Step, time.Second))) {
		sum = sum.Plus(one.All)
	}
	if sum.Sent()+sum.Unsent == 0 {
		return ""
	}
	return c.say(lab.Textf("요청: %s", "requests: %s", sum.Words()))
}
