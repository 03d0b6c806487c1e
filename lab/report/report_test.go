package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
	"healthlab/lab/timeline"
)

// in is a report in one of its forms.
func in(t testing.TB, r *Report, form string, lang lab.Lang) string {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch form {
	case "md":
		err = r.Markdown(&b, lang)
	case "html":
		err = r.HTML(&b, lang)
	default:
		err = r.JSON(&b)
	}
	if err != nil {
		t.Fatalf("write the report as %s: %v", form, err)
	}
	return b.String()
}

func TestReport(t *testing.T) {
	r := bothLabs().report()
	for _, name := range []string{"ko.md", "en.md", "ko.html", "en.html", "json"} {
		t.Run(name, func(t *testing.T) {
			lang, form, readable := strings.Cut(name, ".")
			if !readable {
				form = name
			}
			golden.RequireEqual(t, []byte(in(t, r, form, lab.Lang(lang))))
		})
	}
}

// A second restart for the same reason is counted on the events of the first.
func TestEvidenceIsNotFromAfterTheFact(t *testing.T) {
	s := begin("")
	s.start(2, "web", "10.244.0.2", true, livenessProbe())
	restart := func(failed, killed, ended float64, n int) {
		s.event(failed, "web", "Warning", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", 3*n)
		s.event(killed, "web", "Normal", "Killing", "Container app failed liveness probe, will be restarted", n)
		s.pod(ended+1, "web", func(p *lab.Pod, c *lab.Container) {
			c.Last = &lab.Termination{ContainerID: c.ID, ExitCode: 137, Reason: "Error", StartedAt: c.StartedAt, FinishedAt: stamp(ended)}
			c.ID, c.StartedAt, c.Restarts, p.Restarts = c.ID+"+", stamp(ended+1), n, n
		})
	}
	restart(20, 20, 50, 1)
	restart(120, 120, 150, 2)
	told := s.report().Causes
	if len(told) != 2 {
		t.Fatalf("%d causes, want 2: %+v", len(told), told)
	}
	for _, e := range told[0].Evidence {
		if e.At.After(told[0].At) {
			t.Errorf("the restart at %v rests on %v: %s", told[0].At, e.At, e.Text.En)
		}
	}
	if first := told[0].Evidence[0].Text.En; first != "event Killing: Container app failed liveness probe, will be restarted" {
		t.Errorf("evidence: %s of %+v", first, told)
	}
}

// A clock that is set back while a run goes on does not make the run shorter than nothing.
func TestClockThatIsSetBack(t *testing.T) {
	s := bothLabs()
	whole := s.report().Run
	for i := len(s.entries) / 2; i < len(s.entries); i++ {
		s.entries[i].At = s.entries[i].At.Add(-time.Hour)
	}
	r := s.report()
	got, want := r.Run.To.Sub(r.Run.From), whole.To.Sub(whole.From)
	if got <= want/3 || got > want {
		t.Errorf("the run took %v, want nearly %v", got, want)
	}
	if !slices.ContainsFunc(r.Gaps, func(g Gap) bool { return g.Why == timeline.GapClock }) {
		t.Errorf("gaps %+v say nothing of the clock", r.Gaps)
	}
}
