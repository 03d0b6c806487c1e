package stage

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/cause"
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

// TestTheReasonHasRoom: on the smallest stage that is common, a command that was run makes way for why the pod is as it is.
func TestTheReasonHasRoom(t *testing.T) {
	for name, step := range map[string]int{"after a command": 0, "without one": 1} {
		t.Run(name, func(t *testing.T) {
			labs := tuitest.Labs()
			labs[0].Steps[1].Commands, labs[0].Steps[1].Fault = nil, ""
			s := tuitest.Running(1)
			s.Pods = s.Pods[:1]
			s.Position = lab.Position{Step: step, Since: tuitest.Begun()}
			s.Tasks = []lab.Task{{
				ID: 1, State: lab.TaskDone, Started: tuitest.At(10), Of: &lab.StepCommand{Lab: labs[0].ID, Step: labs[0].Steps[0].ID},
			}}
			p := New(labs, "")
			p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
			p.SetSize(80, 21)
			p.SetSnapshot(s)
			p.SetTimeline(tuitest.Liveness().View(30))
			p.SetCauses(s.Pods[0], []cause.Cause{{Sentence: lab.T("까닭", strings.Repeat("because of this and that ", 5)+"THE END")}})
			view := ansi.Strip(p.View(tuitest.At(30)))
			for _, want := range []string{"THE END", "READY", "RESTARTS", "a cell"} {
				if !strings.Contains(view, want) {
					t.Errorf("it lacks %q:\n%s", want, view)
				}
			}
		})
	}
}
