package events

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
)

func TestAge(t *testing.T) {
	now := panetest.Now()
	for name, tc := range map[string]struct {
		row  row
		want string
	}{
		"once":       {row{count: 1, first: now.Add(-5 * time.Second), last: now.Add(-5 * time.Second)}, "5s"},
		"often":      {row{count: 3, first: now.Add(-42 * time.Second), last: now.Add(-32 * time.Second)}, "32s (x3 over 42s)"},
		"minutes":    {row{count: 1, last: now.Add(-190 * time.Second)}, "3m10s"},
		"clock back": {row{count: 2, first: now.Add(time.Hour), last: now.Add(time.Hour)}, "0s (x2 over 0s)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.row.age(now, false); got != tc.want {
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
	got := rows(sorted(in))
	want := []row{
		{typ: "Normal", reason: "ScalingReplicaSet", object: "Deployment/web", last: now.Add(-time.Second)},
		{typ: "Warning", reason: "Unhealthy", object: "app", message: "two lines", last: now, warning: true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
	if in[0].UID != "b" {
		t.Error("the snapshot's own events were reordered")
	}
}
