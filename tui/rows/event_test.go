package rows_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/rows"
)

func TestAge(t *testing.T) {
	now := panetest.Now()
	for name, tc := range map[string]struct {
		row  rows.Event
		want string
	}{
		"once":       {rows.Event{Count: 1, First: now.Add(-5 * time.Second), Last: now.Add(-5 * time.Second)}, "5s"},
		"often":      {rows.Event{Count: 3, First: now.Add(-42 * time.Second), Last: now.Add(-32 * time.Second)}, "32s (x3 over 42s)"},
		"minutes":    {rows.Event{Count: 1, Last: now.Add(-190 * time.Second)}, "3m10s"},
		"clock back": {rows.Event{Count: 2, First: now.Add(time.Hour), Last: now.Add(time.Hour)}, "0s (x2 over 0s)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.row.Age(now, false); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRows(t *testing.T) {
	now := panetest.Now()
	in := []lab.Event{
		{UID: "b", Type: "Warning", Reason: "Unhealthy", Message: "two\nlines\n", ObjectKind: "Pod", ObjectName: "app", Last: now},
		{UID: "a", Type: "Normal", Reason: "ScalingReplicaSet", ObjectKind: "Deployment", ObjectName: "web", Last: now.Add(-time.Second)},
	}
	got := rows.Events(course.Listed(in))
	want := []rows.Event{
		{UID: "a", Type: "Normal", Reason: "ScalingReplicaSet", Object: "Deployment/web", Last: now.Add(-time.Second)},
		{UID: "b", Type: "Warning", Reason: "Unhealthy", Object: "app", Message: "two lines", Last: now, Warning: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if in[0].UID != "b" {
		t.Error("the snapshot's own events were reordered")
	}
}
