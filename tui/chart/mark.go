package chart

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/timeline"
)

// Mark is when the user expected something of a pod: a time, or the times from one to another.
type Mark struct {
	Pod      string // UID
	From, To time.Time
	Name     lab.Text // of what was expected
}

// markLane is the lane of the marks of a pod; ok is false if the axis has none of them.
func (c *Chart) markLane(p Picture, pod *timeline.Pod) (l lane, ok bool) {
	marks := slices.DeleteFunc(slices.Clone(p.Marks), func(m Mark) bool {
		return m.Pod != pod.UID || p.Axis.Cell(m.To) < 0 || !m.From.Before(p.Axis.Right())
	})
	if len(marks) == 0 {
		return lane{}, false
	}
	return lane{label: []string{c.say(lab.T("내 예상", "my guess"))}, ink: info, flat: true, draw: func(c *Chart, r row) {
		for _, m := range marks {
			from, to := p.Axis.Cell(m.From), p.Axis.Cell(m.To)
			r.fill(from, to, c.glyph.Dense, info)
			if from == to {
				r.put(from, c.glyph.Point, info)
			}
			if !c.mute {
				r.label([]string{m.Name.In(c.lang)}, info, from-2, to+2, c.style.Glyphs.Ellipsis)
			}
		}
	}}, true
}
