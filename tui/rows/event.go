package rows

import (
	"fmt"
	"time"

	"charm.land/lipgloss/v2"
	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Event is an event made ready for drawing, except for its age.
type Event struct {
	UID                                      string
	Type, Reason, Object, Container, Message string

	Count       int
	First, Last time.Time
	Warning     bool
}

// Events makes events ready for drawing, in their order.
func Events(events []lab.Event) []Event {
	out := make([]Event, len(events))
	for i, e := range events {
		out[i] = Event{
			UID: e.UID, Type: widget.Clean(e.Type), Reason: widget.Clean(e.Reason), Message: widget.Clean(e.Message),
			Object: widget.Clean(e.ObjectName), Container: widget.Clean(e.Container),
			Count: e.Count, First: e.First, Last: e.Last, Warning: e.Type == "Warning",
		}
		if e.ObjectKind != "" && e.ObjectKind != "Pod" {
			out[i].Object = widget.Clean(e.ObjectKind) + "/" + out[i].Object
		}
	}
	return out
}

// Fitted is the message; of one that w cells would cut, first the address goes, then all but the kind and the reason.
func (r *Event) Fitted(w int) string {
	said, ok := probes.ReadEvent(r.Message)
	if !ok || said.Outcome != probes.Failure || widget.Width(r.Message) <= w {
		return r.Message
	}
	who, reason := said.Kind.Title(), course.Gist(r.Message)
	if short := who + " probe failed: " + reason; widget.Width(short) <= w {
		return short
	}
	return who + ": " + reason
}

// Age is the LAST SEEN column as kubectl describe writes it: 5s, or 32s (x3 over 42s); the latter is shorter where there
// is little room.
func (r *Event) Age(now time.Time, short bool) string {
	last := duration.HumanDuration(max(now.Sub(r.Last), 0))
	switch {
	case r.Count <= 1:
		return last
	case short:
		return fmt.Sprintf("%s (x%d)", last, r.Count)
	default:
		return fmt.Sprintf("%s (x%d over %s)", last, r.Count, duration.HumanDuration(max(now.Sub(r.First), 0)))
	}
}

// Styles are the glyph and the style of an event's type, and the style of its age, which is marked while it is news.
func (r *Event) Styles(s *theme.Style, now time.Time) (glyph string, kind, age lipgloss.Style) {
	glyph, kind, age = s.Glyphs.Info, s.Info, s.Muted
	if r.Warning {
		glyph, kind = s.Glyphs.Warn, s.Warn
	}
	if fresh, recent := s.Changed(now.Sub(r.Last)); recent {
		age = fresh
	}
	return glyph, kind, age
}
