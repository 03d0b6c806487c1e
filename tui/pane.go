package tui

import (
	"context"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/tui/chart"
	"healthlab/tui/theme"
)

// Lab is what the console needs of a session.
type Lab interface {
	// Subscribe returns a reader of the snapshots and facts.
	Subscribe(...journal.Option) *journal.Reader
	// Do returns as soon as a was accepted or refused, or ctx ends; what it does is seen in later snapshots.
	Do(ctx context.Context, a lab.Action) error
	// Manifest is the text of a manifest as a step writes it for a cluster. It may read a file.
	Manifest(cluster lab.Cluster, name string) (string, error)
}

// Pane is a region of the screen. Its methods are called from the goroutine of Update and View only.
type Pane interface {
	Title(lab.Lang) string
	// SetSize gives the size to draw, in cells, without frame. Both may be zero.
	SetSize(w, h int)
	// SetStyle is called at the start and whenever the theme or the language changes.
	SetStyle(theme.Style, lab.Lang)
	// SetSnapshot hands over what is to be shown; it must not be changed.
	SetSnapshot(*lab.Snapshot)
	// HandleKey is offered the keys that were pressed while the pane has the focus, and reports whether it took the key.
	HandleKey(tea.KeyPressMsg) (lab.Action, bool)
	// View returns exactly h lines of exactly w cells. It only draws.
	View(now time.Time) string
	// Keys are the pane's own keys, for the help page.
	Keys() []key.Binding
}

// Needer is a pane that knows how many lines of w cells it has use for.
type Needer interface{ Needs(w int) int }

// Blank is a pane that may have nothing to show yet but a line that says so.
type Blank interface{ Empty() bool }

// Scroller is a pane that the mouse wheel scrolls; n lines down, or up if n is negative.
type Scroller interface{ ScrollBy(n int) }

// Clicker is a pane that can be clicked at a cell of its inside. It returns nil if nothing is to be done.
type Clicker interface{ Click(x, y int) lab.Action }

// Ticker is a pane that may show something that moves with time, such as a countdown.
type Ticker interface{ Animated() bool }

// Typist is a pane with a text field, such as a search: while Typing, every key goes to it, as it was pressed.
type Typist interface{ Typing() bool }

// Follower is a pane that shows the timeline. It must not be changed.
type Follower interface{ SetTimeline(*timeline.View) }

// Reasoner is a pane that tells why a pod is as it is; there are no causes if it is well. They must not be changed.
type Reasoner interface {
	SetCauses(pod lab.Pod, causes []cause.Cause)
}

// Evidence is a pane with something that a cause can rest on. Point marks it and brings it into sight; it is false if that is
// not there. Unmark takes the mark away, as Esc does, and reports whether there was one.
type Evidence interface {
	Point(ref cause.Ref) bool
	Unmark() bool
}

// Marker is a pane that shows when the user expected something, on the axis of the timeline. They must not be changed.
type Marker interface{ SetMarks([]chart.Mark) }

// PaneID names a pane in the layout. The digits that focus panes follow the order of paneIDs.
type PaneID string

// The panes.
const (
	Guide    PaneID = "guide"
	Pods     PaneID = "pods"
	Replicas PaneID = "replicas"
	Events   PaneID = "events"
	ProbeLog PaneID = "probelog"
	AppLog   PaneID = "applog"
	Output   PaneID = "output"
	Timeline PaneID = "timeline"

	// Stage is the pane of presenter mode, which is never beside others.
	Stage PaneID = "stage"
)

// paneIDs are the panes that share the screen.
func paneIDs() []PaneID {
	return []PaneID{Guide, Pods, Replicas, Events, ProbeLog, AppLog, Output, Timeline}
}
