package stage

import (
	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/chart"
	"healthlab/tui/widget"
)

// SetMarks takes over when the user expected something.
func (p *Pane) SetMarks(marks []chart.Mark) {
	p.marks = marks
	p.frame.Invalidate()
}

// SetCauses takes over why a pod is as it is; none if it is well.
func (p *Pane) SetCauses(pod lab.Pod, causes []cause.Cause) {
	p.why = lab.Text{}
	if len(causes) > 0 {
		p.why = causes[0].Line(pod)
	}
	p.frame.Invalidate()
}

// reason is the cause in at most room lines of w cells, below a blank line; nothing if it has no room.
func (p *Pane) reason(w, room int) []string {
	if p.why.IsZero() {
		return nil
	}
	lines := widget.Wrap(widget.Clean(p.why.In(p.lang)), max(w-4, 1))
	if len(lines)+1 > room {
		return nil
	}
	for i, line := range lines {
		lines[i] = "  " + p.style.Warn.Bold(true).Render(line)
	}
	return append([]string{""}, lines...)
}
