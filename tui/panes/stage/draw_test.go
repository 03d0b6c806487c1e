package stage

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
	"healthlab/tui/widget"
)

// The events' messages stand below one another, however long the reasons are.
func TestEventsStandInColumns(t *testing.T) {
	s := tuitest.Running(1)
	s.Events = nil
	for i, reason := range []string{"Killing", "ClusterIPNotAllocated", strings.Repeat("Long", 20)} {
		s.Events = append(s.Events, lab.Event{
			Type: "Warning", Reason: reason, Message: "the message", ObjectKind: "Service", ObjectName: "web", Count: 1,
			First: tuitest.Now(), Last: tuitest.Now().Add(time.Duration(i-40) * time.Second),
		})
	}
	p := New(tuitest.Labs(), "")
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(100, 40)
	p.SetSnapshot(s)
	var at []int
	for line := range strings.Lines(ansi.Strip(p.View(tuitest.Now()))) {
		if before, _, ok := strings.Cut(line, "the message"); ok {
			at = append(at, widget.Width(before))
		}
	}
	if len(at) != 3 || at[0] != at[1] || at[1] != at[2] {
		t.Errorf("the messages begin in columns %v, want three alike", at)
	}
}
