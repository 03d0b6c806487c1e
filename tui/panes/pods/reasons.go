package pods

import (
	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/widget"
)

// reasons are why a pod is as it is, and what of the pane one of them rests on.
type reasons struct {
	pod    string    // whose; empty for nobody's
	why    lab.Text  // zero if there is nothing to tell
	marked cause.Ref // nil for nothing
	of     string    // name of the pod that marked is about
}

// SetCauses takes over why a pod is as it is; none if it is well.
func (p *Pane) SetCauses(pod lab.Pod, causes []cause.Cause) {
	p.reasons.pod, p.reasons.why = pod.Name, lab.Text{}
	if len(causes) > 0 {
		p.reasons.why = causes[0].Line(pod)
	}
	p.frame.Invalidate()
}

// Point marks what of a pod a cause rests on: its row, a container or a probe. It is false if that is not shown here.
func (p *Pane) Point(ref cause.Ref) bool {
	switch ref.(type) {
	case cause.ConditionRef, cause.TerminationRef, cause.StateRef, cause.ProbeRef, cause.PodRef:
	default:
		return false
	}
	p.reasons.marked, p.reasons.of = ref, p.reasons.pod
	p.shown = sight{} // it is scrolled into sight again
	p.frame.Invalidate()
	return true
}

// Unmark takes the mark away, and reports whether there was one.
func (p *Pane) Unmark() bool {
	if p.reasons.marked == nil {
		return false
	}
	p.reasons.marked = nil
	p.frame.Invalidate()
	return true
}

// marksContainer reports whether a line of a container is what is marked, and marksProbe that of a probe.
func (r *reasons) marksContainer(pod, container string) bool {
	switch ref := r.marked.(type) {
	case cause.TerminationRef:
		return r.of == pod && ref.Container == container
	case cause.StateRef:
		return r.of == pod && ref.Container == container
	default:
		return false
	}
}

func (r *reasons) marksProbe(pod, container string, q *probeRow) bool {
	ref, ok := r.marked.(cause.ProbeRef)
	return ok && r.of == pod && ref.Container == container && ref.Kind == q.kind
}

// marksPod reports whether a pod's row is marked: as what is, or because there is no room for that.
func (r *reasons) marksPod(pod string, d detail) bool {
	if r.marked == nil || r.of != pod {
		return false
	}
	switch r.marked.(type) {
	case cause.ConditionRef, cause.PodRef:
		return true
	default:
		return d == rowOnly
	}
}

// reasonWithin is the reason in as many of h lines as everything else that is drawn leaves. That of the chosen pod has one at the
// price of the rows of other pods.
func (p *Pane) reasonWithin(w, h int, d detail) []string {
	free, own := h, h
	for i := range p.rows {
		r := &p.rows[i]
		chosen := r.name == p.chosen
		free -= r.height(d, chosen)
		if chosen || d == everything {
			own -= r.height(d, chosen)
		}
	}
	if p.reasons.pod == p.chosen {
		free = max(free, min(own, 1))
	}
	return p.why(w, min(free, longestReason))
}

// longestReason is how many lines a reason has at most; the rest is told where it is asked for.
const longestReason = 3

// why is the reason in lines of w cells, at most so many.
func (p *Pane) why(w, most int) []string {
	if p.reasons.why.IsZero() || most <= 0 {
		return nil
	}
	text := widget.Clean(p.reasons.why.In(p.lang))
	room := max(w-len(indent), 1)
	lines := widget.Wrap(text, room)
	if len(lines) > most {
		lines = append(lines[:most-1:most-1], widget.Fit(lines[most-1]+" "+lines[most], room, p.style.Glyphs.Ellipsis))
	}
	for i, line := range lines {
		lines[i] = indent + p.style.Warn.Render(line)
	}
	return lines
}

// lead is what stands before a line of a pod: a mark if a cause rests on it.
func (p *Pane) lead(marked bool) string {
	if !marked {
		return indent
	}
	return p.style.Key.Render(widget.Fit("  "+p.style.Glyphs.Chosen, len(indent), ""))
}
