package timeline

import "healthlab/tui/chart"

// SetMarks takes over when the user expected something.
func (p *Pane) SetMarks(marks []chart.Mark) {
	p.marks = marks
	p.frame.Invalidate()
}
