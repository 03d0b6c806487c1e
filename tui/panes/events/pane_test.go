package events

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, New(),
		panetest.Size{W: 78, H: 5, Lang: lab.Korean},
		panetest.Size{W: 150, H: 10, Lang: lab.English},
		panetest.Size{W: 50, H: 9, Lang: lab.Korean},
		panetest.Size{W: 78, H: 12, Lang: lab.English},
		panetest.Size{W: 120, H: 20, Lang: lab.Korean})
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, New()) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, New()) }

// restarted is what the kubelet has written once a container was restarted by its liveness probe.
func restarted() *lab.Snapshot {
	s := panetest.Snapshot()
	s.Events = nil
	for _, e := range []struct {
		typ, reason string
		count, last int
	}{
		{"Normal", "Scheduled", 1, 80},
		{"Normal", "Pulled", 1, 79},
		{"Warning", "Unhealthy", 3, 32},
		{"Normal", "Killing", 1, 32},
		{"Normal", "Pulling", 2, 2},
		{"Normal", "Pulled", 1, 1},
		{"Normal", "Created", 2, 1},
		{"Normal", "Started", 2, 1},
	} {
		at := panetest.Now().Add(-time.Duration(e.last) * time.Second)
		s.Events = append(s.Events, lab.Event{
			Type: e.typ, Reason: e.reason, Message: e.reason + " message", ObjectKind: "Pod", ObjectName: "liveness-app", Count: e.count,
			First: at, Last: at,
		})
	}
	return s
}

// What tells the cause of a restart is in sight after it, however little room there is; a key shows each event.
func TestTheCauseStaysInSight(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSnapshot(restarted())
	view := func() string { return ansi.Strip(p.View(panetest.Now())) }
	wants := func(when string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(view(), word) {
				t.Errorf("%s lacks %q:\n%s", when, word, view())
			}
		}
	}
	for _, size := range [][2]int{{78, 4}, {78, 3}, {78, 9}, {40, 8}, {140, 5}} {
		p.SetSize(size[0], size[1])
		if size[1] > 3 {
			wants("grouped", "Unhealthy", "Killing", "Started", "others: ")
		} else {
			wants("grouped", "others: Started x2", "Unhealthy") // the warning above all
		}
	}
	p.SetSize(78, 4)
	p.HandleKey(panetest.Key("k"))
	wants("scrolled up", "Pulling", "Pulled")
	if title := p.Title(lab.English); title != "Events (paused, G follows)" {
		t.Errorf("title %q", title)
	}
	p.HandleKey(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
	wants("each", "Pulled message", "Created message", "Started message")
	if got := view(); strings.Contains(got, "Killing") || p.Title(lab.English) != "Each event" {
		t.Errorf("title %q:\n%s", p.Title(lab.English), got)
	}
	p.HandleKey(tea.KeyPressMsg{Code: tea.KeySpace, Text: " "})
	wants("grouped again", "Unhealthy", "Killing")
	p.events[0].UID = "one of a group"
	if !p.Point(cause.EventRef{UID: "one of a group"}) || !strings.HasPrefix(p.Title(lab.English), "Each event") {
		t.Errorf("the mark is on none of the events: %q", p.Title(lab.English))
	}
	if !p.Unmark() || p.Unmark() || p.Title(lab.English) != "Events" {
		t.Errorf("the mark leaves %q behind", p.Title(lab.English))
	}
	wants("without the mark", "Unhealthy", "Killing")
}
