package course_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
)

func seen(reason, message string, count int, first, last int) lab.Event {
	at := func(s int) time.Time { return time.Date(2026, 5, 4, 10, 0, s, 0, time.UTC) }
	e := lab.Event{
		Type: "Normal", Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: "app", ObjectUID: "1",
		Count: count, First: at(first), Last: at(last),
	}
	if reason == "Unhealthy" {
		e.Type = "Warning"
	}
	return e
}

// restarted is what the kubelet has written once a container was restarted by its liveness probe.
func restarted() []lab.Event {
	return []lab.Event{
		seen("Scheduled", "Successfully assigned", 1, 0, 0),
		seen("Pulling", "Pulling image", 2, 1, 46),
		seen("Pulled", "Successfully pulled image in 1.4s", 1, 2, 2),
		seen("Created", "Container created", 2, 2, 47),
		seen("Started", "Container started", 2, 2, 47),
		seen("Unhealthy", "Liveness probe failed: timeout", 3, 6, 16),
		seen("Killing", "Container app failed liveness probe, will be restarted", 1, 16, 16),
		seen("Pulled", "Successfully pulled image in 1.2s", 1, 47, 47),
	}
}

func TestEventsAreGroupedByWhatTheySay(t *testing.T) {
	events := append(restarted(),
		seen("Unhealthy", "Readiness probe failed: refused", 1, 20, 20),
		seen("Unhealthy", "Liveness probe failed: refused", 0, 50, 50))
	type group struct {
		Reason, Message string
		Count           int
		Took            time.Duration
	}
	var got []group
	for _, e := range course.Grouped(events) {
		got = append(got, group{e.Reason, e.Message, e.Count, e.Last.Sub(e.First)})
	}
	want := []group{
		{"Scheduled", "Successfully assigned", 1, 0},
		{"Killing", "Container app failed liveness probe, will be restarted", 1, 0},
		{"Unhealthy", "Readiness probe failed: refused", 1, 0},
		{"Pulling", "Pulling image", 2, 45 * time.Second},
		{"Created", "Container created", 2, 45 * time.Second},
		{"Started", "Container started", 2, 45 * time.Second},
		{"Pulled", "Successfully pulled image in 1.2s", 2, 45 * time.Second},
		{"Unhealthy", "Liveness probe failed: refused", 4, 44 * time.Second},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnEarlierPodOfTheSameNameIsAnotherObject(t *testing.T) {
	again := seen("Started", "Container started", 1, 50, 50)
	again.ObjectUID = "2"
	if got := len(course.Grouped(append(restarted(), again))); got != 8 {
		t.Errorf("%d groups, want 8", got)
	}
}

func TestWhatTellsTheCauseStaysInSight(t *testing.T) {
	app := []lab.Pod{{Name: "app", UID: "1"}}
	for name, tc := range map[string]struct {
		pods   []lab.Pod
		n      int
		shown  string
		folded string
	}{
		"room for two":   {app, 2, "Unhealthy x3, Killing", "Pulled x2, Started x2, Created x2, Pulling x2, Scheduled"},
		"room for three": {app, 3, "Unhealthy x3, Pulled x2, Killing", "Started x2, Created x2, Pulling x2, Scheduled"},
		"room for one":   {app, 1, "Unhealthy x3", "Pulled x2, Started x2, Created x2, Pulling x2, Killing, Scheduled"},
		"no room":        {app, 0, "", "Unhealthy x3, Pulled x2, Started x2, Created x2, Pulling x2, Killing, Scheduled"},
		"room for all":   {app, 20, "Unhealthy x3, Pulled x2, Started x2, Created x2, Pulling x2, Killing, Scheduled", ""},
		"pod gone":       {nil, 2, "Pulled x2, Started x2", "Unhealthy x3, Created x2, Pulling x2, Killing, Scheduled"},
		"another pod":    {[]lab.Pod{{Name: "app", UID: "2"}}, 2, "Pulled x2, Started x2", "Unhealthy x3, Created x2, Pulling x2, Killing, Scheduled"},
	} {
		t.Run(name, func(t *testing.T) {
			shown, folded := course.InSight(course.Grouped(restarted()), tc.pods, tc.n)
			if diff := cmp.Diff([]string{tc.shown, tc.folded}, []string{course.Reasons(shown), course.Reasons(folded)}); diff != "" {
				t.Error(diff)
			}
		})
	}
}
