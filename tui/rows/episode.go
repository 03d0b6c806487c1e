package rows

import (
	"fmt"
	"slices"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/tui/widget"
)

// Points are what is shown of what follows from a fault, in this order.
func Points() []timeline.PointCode { return timeline.Told() }

// Shows reports whether a point is drawn: one that says nothing that another one does not say is left out.
func Shows(e *timeline.Episode, p timeline.Point) bool { return e.Tells(p) }

// Outcome says how an episode ended, beside what was predicted.
func Outcome(e *timeline.Episode) lab.Text {
	said := lab.Text{}
	for _, one := range e.Debrief() {
		point, _ := e.Point(one.Code)
		if one.Code == timeline.PointFailure || !Shows(e, point) {
			continue
		}
		next := Compared(e.Probe, one)
		if said.IsZero() {
			said = next
			continue
		}
		said = lab.Textf("%s, %s", "%s, %s", said, next)
	}
	if said.IsZero() {
		return e.End.Words()
	}
	return said
}

// Awaited are the points of an episode that are still to come, without the first failure where more follows from it.
func Awaited(e *timeline.Episode) []timeline.Point {
	next, ok := e.Next()
	if !ok {
		return nil
	}
	var all []timeline.Point
	for _, point := range e.Points[slices.IndexFunc(e.Points, func(p timeline.Point) bool { return p.Code == next.Code }):] {
		if Shows(e, point) && !point.Happened() && point.Due.Known() && point.Due.Never() == "" {
			all = append(all, point)
		}
	}
	if len(all) > 1 && all[0].Code == timeline.PointFailure {
		all = all[1:]
	}
	return all
}

// RunWords are what a container does, in words, the longest first.
func RunWords(r timeline.Run) []lab.Text {
	word := r.Phase.Words()
	switch {
	case r.Phase == timeline.Running && r.Number > 0:
		return []lab.Text{lab.Textf("%s (재시작 %d)", "%s (restart %d)", word, r.Number), word}
	case r.Phase == timeline.Stopping && r.Grace > 0:
		return []lab.Text{lab.Textf("%s (유예 %s초)", "%s (grace %s s)", word, Seconds(r.Grace)), word}
	case r.Phase != timeline.Running && r.Reason != "":
		return []lab.Text{lab.Textf("%s (%s)", "%s (%s)", word, widget.Clean(r.Reason)), word}
	}
	return []lab.Text{word}
}

// ReadyWords are whether a pod is ready, in words.
func ReadyWords(ready bool) lab.Text {
	if ready {
		return lab.Same("Ready")
	}
	return lab.T("Ready 아님", "not Ready")
}

// MemberWords are how an address stands in its service, in words.
func MemberWords(m timeline.Membership) lab.Text {
	switch {
	case m.Ready:
		return lab.T("트래픽 받음", "gets traffic")
	case m.Terminating:
		return lab.T("끝나는 중", "terminating")
	default:
		return lab.T("트래픽 없음", "no traffic")
	}
}

// CountWords are the counts of a deployment, in words, the longest first.
func CountWords(n timeline.Counts) []lab.Text {
	return []lab.Text{
		lab.Same(fmt.Sprintf("%d/%d available", n.Available, n.Desired)), lab.Same(fmt.Sprintf("%d/%d", n.Available, n.Desired)),
		lab.Same(fmt.Sprint(n.Available)),
	}
}
