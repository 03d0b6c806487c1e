package chart

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/tui/theme"
)

// Requests that are answered are a line; those that are lost are counted in it, also without colour and beyond ASCII.
func TestTrafficLane(t *testing.T) {
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	b := timeline.New(nil)
	seq := uint64(0)
	add := func(s int, body journal.Body) {
		seq++
		b.Add(journal.Entry{Seq: seq, At: begin.Add(time.Duration(s) * time.Second), Body: body})
	}
	add(0, journal.Changed{Change: lab.PodChanged{Pod: lab.Pod{Name: "web-1", UID: "u1"}}})
	add(0, journal.Changed{Change: lab.PodChanged{Pod: lab.Pod{Name: "db-1", UID: "u2"}}})
	add(0, journal.Changed{Change: lab.EndpointsChanged{Slice: "s", Endpoints: []lab.Endpoint{
		{Service: "web", Address: "10.0.0.1", Pod: "web-1", Ready: true}, {Service: "db", Address: "10.0.0.2", Pod: "db-1", Ready: true},
	}}})
	add(1, journal.TrafficBegun{Plan: lab.TrafficPlan{Service: "web", Rate: 10}})
	for s, lost := range []int{0, 0, 1, 3, 12, 0} {
		add(s+2, journal.TrafficCounted{Second: lab.TrafficSecond{
			All:  lab.TrafficCounts{Answered: 10, TimedOut: lost},
			Pods: []lab.PodTraffic{{Pod: "web-1", TrafficCounts: lab.TrafficCounts{TimedOut: lost}}},
		}})
	}
	for name, ascii := range map[string]bool{"symbols": false, "ASCII": true} {
		style := theme.New(theme.Dark, theme.Options{ASCII: ascii})
		c := New(&style, lab.English)
		v := b.View()
		draw := func(pod string) string {
			p := Picture{View: v, Now: begin.Add(8 * time.Second), Axis: Axis{Left: begin, Step: time.Second}, Pods: []*timeline.Pod{v.Named(pod)}}
			lines, _ := c.Lines(p, 60, 20)
			return ansi.Strip(strings.Join(lines, "\n"))
		}
		g := style.Glyphs
		web := draw("web-1")
		want := g.Axis.Solid + g.Axis.Solid + g.Axis.Solid + g.Fail + "3" + g.Block + g.Axis.Solid
		if !strings.Contains(web, want) || !strings.Contains(web, "requests") || !strings.Contains(web, "to this pod") {
			t.Errorf("%s: no %q in\n%s", name, want, web)
		}
		if db := draw("db-1"); strings.Contains(db, "to this pod") || !strings.Contains(db, "requests") {
			t.Errorf("%s: the lane of a pod that gets none:\n%s", name, db)
		}
	}
}
