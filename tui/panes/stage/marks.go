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

// SetCauses takes over why a pod is as it is; none if it is well. One that is not chosen is named.
func (p *Pane) SetCauses(pod lab.Pod, causes []cause.Cause) {
	p.why = lab.Text{}
	if len(causes) > 0 {
		p.why = causes[0].Line(pod)
		if pod.Name != p.moment.Snapshot.ChosenPod {
			p.why = lab.Textf("%s: %s", "%s: %s", pod.Name, p.why)
		}
	}
	p.frame.Invalidate()
}

// reason is the cause in lines of w cells, below a blank one; nothing if there is none.
func (p *Pane) reason(w int) []string {
	if p.why.IsZero() {
		return nil
	}
	lines := widget.Wrap(widget.Clean(p.why.In(p.lang)), max(w-4, 1))
	for i, line := range lines {
		lines[i] = "  " + p.style.Warn.Bold(true).Render(line)
	}
	return append([]string{""}, lines...)
}
