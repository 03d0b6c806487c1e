package course_test

import (
	"testing"

	"healthlab/lab"
	"healthlab/lab/course"
)

// The key goes from what healthlab does by itself to the opposite, and from anything else back.
func TestOtherProbing(t *testing.T) {
	for _, tt := range []struct {
		now  lab.Probing
		told []string
		want lab.Probing
	}{
		{lab.ProbingAuto, nil, lab.ProbingOff},
		{lab.ProbingAuto, []string{"healthlab"}, lab.ProbingOn},
		{lab.ProbingOn, []string{"healthlab"}, lab.ProbingAuto},
		{lab.ProbingOff, nil, lab.ProbingAuto},
	} {
		m := course.Moment{Snapshot: &lab.Snapshot{Probing: tt.now, Cluster: lab.Cluster{Told: tt.told}}}
		if got := m.OtherProbing(); got != tt.want {
			t.Errorf("from %q with %v told: %q, want %q", tt.now, tt.told, got, tt.want)
		}
	}
}
