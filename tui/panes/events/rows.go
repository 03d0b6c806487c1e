package events

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// row is an event made ready for drawing, except for its age.
type row struct {
	typ, reason, object, container, message string

	count       int
	first, last time.Time
	warning     bool
}

// sorted orders events by when they last happened, newest at the end, as kubectl describe does.
func sorted(events []lab.Event) []lab.Event {
	return slices.SortedStableFunc(slices.Values(events), func(a, b lab.Event) int { return a.Last.Compare(b.Last) })
}

func rows(events []lab.Event) []row {
	out := make([]row, len(events))
	for i, e := range events {
		out[i] = row{
			typ: widget.Clean(e.Type), reason: widget.Clean(e.Reason), message: widget.Clean(e.Message),
			object: widget.Clean(e.ObjectName), container: widget.Clean(e.Container),
			count: e.Count, first: e.First, last: e.Last, warning: e.Type == "Warning",
		}
		if e.ObjectKind != "" && e.ObjectKind != "Pod" {
			out[i].object = widget.Clean(e.ObjectKind) + "/" + out[i].object
		}
	}
	return out
}

// fitted is the message; of one that w cells would cut, first the address goes, then all but the kind and the reason.
func (r *row) fitted(w int) string {
	who, _, failed := strings.Cut(r.message, " probe failed: ")
	if !failed || widget.Width(r.message) <= w {
		return r.message
	}
	reason := course.Gist(r.message)
	if short := who + " probe failed: " + reason; widget.Width(short) <= w {
		return short
	}
	return who + ": " + reason
}

// age is the LAST SEEN column as kubectl describe writes it: 5s, or 32s (x3 over 42s); the latter is shorter where there
// is little room.
func (r *row) age(now time.Time, short bool) string {
	last := duration.HumanDuration(max(now.Sub(r.last), 0))
	switch {
	case r.count <= 1:
		return last
	case short:
		return fmt.Sprintf("%s (x%d)", last, r.count)
	default:
		return fmt.Sprintf("%s (x%d over %s)", last, r.count, duration.HumanDuration(max(now.Sub(r.first), 0)))
	}
}
