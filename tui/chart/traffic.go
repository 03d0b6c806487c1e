package chart

import (
	"time"

	"healthlab/lab"
)

// traffic is the lane of the requests to services or, if pod names one, of those that it got; none if the axis has none.
func (c *Chart) traffic(p Picture, pod string) []lane {
	all := p.View.Traffic.In(p.Axis.Left, p.Axis.Right().Add(time.Second))
	if len(all) == 0 {
		return nil
	}
	label := []string{c.say(lab.T("요청", "requests"))}
	if pod != "" {
		label = []string{c.say(lab.T("이 파드로 간 요청", "to this pod")), c.say(lab.T("이 파드로", "to this pod"))}
	}
	return []lane{{label: label, ink: text, draw: func(c *Chart, r row) {
		sum := make([]tally, len(r))
		for _, one := range all {
			counts := one.All
			if pod != "" {
				counts = one.To(pod)
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

// Requests says what users feel now, in a line: how many requests were answered and lost in the last second; empty if none are
// sent, and bad if some were lost.
func Requests(t *lab.Traffic) (said lab.Text, bad bool) {
	if t == nil || !t.On {
		return lab.Text{}, false
	}
	return lab.Textf("%[1]s에 요청: 응답 %[2]d/s, 잃음 %[3]d/s", "requests to %[1]s: %[2]d/s answered, %[3]d/s lost",
		lab.Printable(t.Service), t.Last.All.Answered, t.Last.All.Lost()), t.Last.All.Lost() > 0
}
