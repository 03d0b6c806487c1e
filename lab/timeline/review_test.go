package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/probes"
)

// reviewed is a review as lines.
func reviewed(r Review, l lab.Lang) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s; %s; %s\n", r.Subject.In(l), r.Fault.In(l), r.End.In(l))
	for _, t := range []lab.Text{r.Headline, r.Guess, r.Made} {
		if !t.IsZero() {
			fmt.Fprintf(&out, "! %s\n", t.In(l))
		}
	}
	for _, p := range r.Points {
		fmt.Fprintf(&out, "- %s %s\n", p.Fit, p.Said.In(l))
		if !p.Terms.IsZero() {
			fmt.Fprintf(&out, "  %s\n", p.Terms.In(l))
		}
	}
	return out.String()
}

func TestReview(t *testing.T) {
	guess := func(code PointCode, least, most float64) *Guess {
		d := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
		return &Guess{code, probes.Range{Least: d(least), Most: d(most)}}
	}
	slow := func(s *story) {
		s.start(4, "liveness-app", "uid-l", true, livenessProbe())
		s.fault(27, 27.2, "hang", "", lab.TaskDone)
		s.event(36, 36.1, "liveness-app", "Unhealthy", hung, 1)
	}
	tests := []struct {
		name   string
		story  func(*story)
		pod    string
		guess  *Guess
		ko, en string
	}{
		{"the liveness lab", livenessLab, "uid-l", guess(PointRestart, 41, 46), ``, ``},
		{"the readiness lab", readinessLab, "uid-r1", guess(PointVerdict, 3, 3), ``, ``},
		{"a machine that is slow", slow, "uid-l", guess(PointRestart, 30, 42), ``, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			test.story(s)
			r := s.View().Latest(test.pod).Review(test.guess)
			if diff := cmp.Diff(strings.TrimPrefix(test.ko, "\n"), reviewed(r, lab.Korean)); diff != "" {
				t.Errorf("in Korean (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.en, "\n"), reviewed(r, lab.English)); diff != "" {
				t.Errorf("in English (-want +got):\n%s", diff)
			}
		})
	}
}
