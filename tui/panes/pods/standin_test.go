package pods

import (
	"strings"
	"testing"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
)

// A stand-in is marked in the row of its pod, and where there is room in the line of its container.
func TestStandInIsMarked(t *testing.T) {
	s := panetest.Snapshot()
	s.Pods = s.Pods[:1:1]
	s.ChosenPod = s.Pods[0].Name
	c := &s.Pods[0].Containers[0]
	c.State, c.StandIn, c.Image, c.Grace = lab.Running, true, "node:18\x1b[31m", nil
	s.Pods[0].Status = "Running"
	for _, tt := range []struct {
		w, h int
		want []string
	}{
		{80, 2, []string{"Running (stand-in)"}},
		{80, 12, []string{"Running (stand-in)", "stand-in for node:18"}},
	} {
		view := plain(newPane(tt.w, tt.h, s), panetest.Now())
		for _, want := range tt.want {
			if !strings.Contains(view, want) {
				t.Errorf("%q is missing in %dx%d:\n%s", want, tt.w, tt.h, view)
			}
		}
	}
}
