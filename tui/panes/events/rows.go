package events

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// row is an event made ready for drawing, except for its age.
type row struct {
	typ, reason, object     string
	container, message      string
	count                   int
	first, last             time.Time
	warning                 bool
	reasonW, objectW, typeW int
}

// rows orders events by when they last happened, newest at the end, as kubectl describe does.
func rows(events []lab.Event) []row {
	out := make([]row, 0, len(events))
	for _, e := range events {
		r := row{
			typ: widget.Clean(e.Type), reason: widget.Clean(e.Reason), message: widget.Clean(e.Message),
			container: e.Container,
			count:     e.Count, first: e.First, last: e.Last, warning: e.Type == "Warning",
		}
		r.object = widget.Clean(e.ObjectName)
		if e.ObjectKind != "" && e.ObjectKind != "Pod" {
			r.object = widget.Clean(e.ObjectKind) + "/" + r.object
		}
		r.typeW, r.reasonW, r.objectW = widget.Width(r.typ), widget.Width(r.reason), widget.Width(r.object)
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b row) int { return a.last.Compare(b.last) })
	return out
}

// age is the LAST SEEN column as kubectl describe writes it: 5s, or 32s (x3 over 42s).
func (r *row) age(now time.Time) string {
	last := duration.HumanDuration(max(now.Sub(r.last), 0))
	if r.count <= 1 {
		return last
	}
	return fmt.Sprintf("%s (x%d over %s)", last, r.count, duration.HumanDuration(max(now.Sub(r.first), 0)))
}
