package report

import (
	"strings"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
)

func TestGuesses(t *testing.T) {
	seconds := func(least, most float64) *probes.Range {
		return &probes.Range{Least: time.Duration(least * 1e9), Most: time.Duration(most * 1e9)}
	}
	cut := func(until float64) func() *story { // bothLabs, but nothing after that is known
		return func() *story {
			s := bothLabs()
			for i, e := range s.entries {
				if e.At.After(at(until)) {
					s.entries = s.entries[:i]
					break
				}
			}
			return s
		}
	}
	again := func() *story { // the app is hung once more after its restart
		s := bothLabs()
		s.inject(110, 110.2, "hang", "liveness-app", "kubectl exec liveness-app -- kill 1")
		return s
	}
	tests := []struct {
		name     string
		story    func() *story
		answered *probes.Range
		measured bool
		verdict  course.Verdict
		off      time.Duration // to a second
		said     string        // a part of it; empty if nothing is
		episodes int           // that tell of a guess
		drawn    int           // of them: one that has just begun has no room for what is far off
		row      string        // of the answers, in Markdown
	}{
		{"right", bothLabs, seconds(41, 46), true, course.Right, 0, "as measured", 1, 1, "| 41–46 s | 43.8–44.6 s | right | My guess: "},
		{"too early", bothLabs, seconds(40, 40), true, course.Wrong, 4 * time.Second, "3.8 s earlier", 1, 1, "| 40 s | 43.8–44.6 s | wrong | My guess: "},
		{"too late", bothLabs, seconds(60, 70), true, course.Wrong, -15 * time.Second, "15.4 s later", 1, 1, "| 60–70 s | 43.8–44.6 s | wrong | My guess: "},
		{"off by less than a guess tells", bothLabs, seconds(43, 43.5), true, course.Right, 0, "right within 0.3 s", 1, 1, "| 43–43.5 s | 43.8–44.6 s | right | My guess: "},
		{"not answered", bothLabs, nil, true, course.NoAnswer, 0, "", 0, 0, "| — | 43.8–44.6 s | no answer |  |"},
		{"not yet come about", cut(40), seconds(41, 46), false, course.NoAnswer, 0, "My guess: RESTARTS +1 41-46 s. It lies", 1, 0, "| 41–46 s | — | not seen | My guess: "},
		{"no fault", cut(10), seconds(41, 46), false, course.NoAnswer, 0, "", 0, 0, "| 41–46 s | — | not seen |  |"},
		{"the fault twice", again, seconds(41, 46), true, course.Right, 0, "as measured", 2, 1, "| 41–46 s | 43.8–44.6 s | right | My guess: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.story().report(func(s *Source) {
				s.Answers = course.Answers{course.Key("liveness", "hang"): {Option: 0, Time: tt.answered}}
			})
			g := r.Answers[0].Guess
			if g == nil {
				t.Fatal("the answer tells of no time")
			}
			if g.Verdict != tt.verdict || (g.Measured != nil) != tt.measured || time.Duration(g.Off).Round(time.Second) != tt.off {
				t.Errorf("it is %s, measured %v, off by %s", g.Verdict, g.Measured, time.Duration(g.Off))
			}
			if said := g.Said.In(lab.English); !strings.Contains(said, tt.said) || (said == "") != (tt.said == "") {
				t.Errorf("it says %q", said)
			}
			n := 0
			for _, e := range r.Episodes {
				if e.Guess != nil {
					n++
				}
			}
			written := in(t, r, "md", lab.English)
			if drawn := strings.Count(written, "  my guess\n"); n != tt.episodes || drawn != tt.drawn {
				t.Errorf("%d episodes tell of a guess, %d are drawn", n, drawn)
			}
			if !strings.Contains(written, "| How many seconds after the fault does RESTARTS become 1? "+tt.row) {
				t.Errorf("no such row in\n%s", written)
			}
			checkPage(t, in(t, r, "html", lab.English))
		})
	}
}
