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

// compared is a debrief in words, as a face may say it.
func compared(e *Episode) string {
	var out strings.Builder
	for _, c := range e.Debrief() {
		fmt.Fprintf(&out, "%s since %s: ", c.Code.Words().En, c.Since.Words().En)
		if c.Predicted.Never != "" {
			fmt.Fprintf(&out, "not expected (%s), ", ReasonWords(c.Predicted.Never).En)
		} else {
			fmt.Fprintf(&out, "%.1f..%.1f", c.Predicted.Earliest.Seconds(), c.Predicted.Latest.Seconds())
			for _, t := range c.Predicted.Terms {
				fmt.Fprintf(&out, " + %d × %s", t.Times, TermWords(t.Code).En)
			}
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "measured %.1f..%.1f, off %.1f, chance %.1f, inside %v\n",
			c.Measured.Least.Seconds(), c.Measured.Most.Seconds(), c.Off.Seconds(), c.Chance.Seconds(), c.Inside())
	}
	return strings.ReplaceAll(out.String(), ".. +", "..")
}

func TestDebrief(t *testing.T) {
	tests := []struct {
		name  string
		story func(*story)
		pod   string
		want  string
	}{
		{"the liveness lab", livenessLab, "uid-l", `
first failure since fault: 1.0..6.0 + 1 × until the next attempt + 1 × no answer within timeoutSeconds, measured 3.8..4.0, off 0.0, chance 3.0, inside true
verdict since fault: 11.0..16.0 + 1 × until the next attempt + 1 × no answer within timeoutSeconds + 2 × further failures, measured 13.8..14.1, off 0.0, chance 3.1, inside true
SIGTERM since fault: 11.0..16.0 + 1 × until the next attempt + 1 × no answer within timeoutSeconds + 2 × further failures, measured 13.8..14.1, off 0.0, chance 3.1, inside true
restart since fault: 41.0..46.0 + 1 × until the next attempt + 1 × no answer within timeoutSeconds + 2 × further failures + 1 × grace period, measured 43.8..44.3, off 0.0, chance 3.3, inside true
Ready since fault: 41.0..46.0 + 1 × until the next attempt + 1 × no answer within timeoutSeconds + 2 × further failures + 1 × grace period, measured 43.8..44.3, off 0.0, chance 3.3, inside true
`},
		{"the readiness lab", readinessLab, "uid-r1", `
first failure since fault: 0.0..3.0 + 1 × until the next attempt, measured 0.9..1.8, off 0.0, chance 1.8, inside true
verdict since fault: 6.0..9.0 + 1 × until the next attempt + 2 × further failures, measured 6.9..7.9, off 0.0, chance 1.9, inside true
endpoint left since fault: 6.0..9.0 + 1 × until the next attempt + 2 × further failures, measured 6.9..8.0, off 0.0, chance 1.9, inside true
first success since repair: 0.0..3.0 + 1 × until the next attempt, measured 1.1..1.2, off 0.0, chance 1.2, inside true
Ready since repair: 0.0..3.0 + 1 × until the next attempt, measured 1.9..2.3, off 0.0, chance 2.3, inside true
endpoint joined since repair: 0.0..3.0 + 1 × until the next attempt, measured 1.9..2.3, off 0.0, chance 2.3, inside true
`},
		{"a machine that is slow", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "", lab.TaskDone)
			s.event(36, 36.1, "liveness-app", "Unhealthy", hung, 1)
		}, "uid-l", `
first failure since fault: 1.0..6.0 + 1 × until the next attempt + 1 × no answer within timeoutSeconds, measured 8.8..9.1, off 2.8, chance 5.0, inside false
`},
		{"what was not to happen", func(s *story) {
			tcp := livenessProbe()
			tcp.HTTP, tcp.TCP = nil, &probes.TCPAction{Port: probes.Port{Number: 3000}}
			s.start(4, "liveness-app", "uid-l", true, tcp)
			s.fault(27, 27.2, "hang", "", lab.TaskDone)
			s.event(30, 30.1, "liveness-app", "Unhealthy", "Liveness probe failed: dial tcp: i/o timeout", 1)
		}, "uid-l", `
first failure since fault: not expected (a TCP probe only asks for a connection, and gets one), measured 2.8..3.1, off 0.0, chance 0.0, inside false
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			test.story(s)
			got := compared(s.View().Latest(test.pod))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("debrief (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCountdown(t *testing.T) {
	s := begin(labs()...)
	s.start(4, "liveness-app", "uid-l", true, livenessProbe())
	s.fault(27, 27, "hang", "", lab.TaskDone)
	next := func(now float64) string {
		current := s.View().Current()
		if len(current) == 0 {
			return "none"
		}
		p, ok := current[0].Next()
		if !ok {
			return "nothing"
		}
		left, ok := p.Due.Countdown(instant(now))
		return fmt.Sprint(p.Code, " ", left.Least.Round(time.Second), " ", left.Most.Round(time.Second), " ", ok)
	}
	steps := []struct {
		story func()
		now   float64
		want  string
	}{
		{func() {}, 28, "failure 0s 5s true"},
		{func() { s.event(31, 31, "liveness-app", "Unhealthy", hung, 1) }, 32, "verdict 9s 9s true"},
		{func() {
			s.event(41, 41, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
		}, 51, "restart 20s 20s true"},
		{func() {}, 100, "restart 0s 0s true"},
		{func() { s.restart(71, "liveness-app", 137) }, 72, "none"},
	}
	for i, step := range steps {
		step.story()
		if got := next(step.now); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
	if e := s.View().Latest("uid-l"); e.Budget() != (probes.Range{Least: 10 * time.Second, Most: 16 * time.Second}) {
		t.Errorf("budget %v", e.Budget())
	}
	if _, ok := s.View().Latest("uid-l").Next(); ok {
		t.Error("an episode that has ended goes on")
	}
}

// TestWords wants words of their own, in both languages, for everything that has a code.
func TestWords(t *testing.T) {
	texts := map[string]lab.Text{}
	for _, c := range []PointCode{
		PointFault, PointFailure, PointVerdict, PointStop, PointRestart, PointStarted, PointLeft, PointRepair, PointSuccess, PointReady, PointJoined,
	} {
		texts["point "+string(c)] = c.Words()
	}
	for _, c := range []End{EndReady, EndRecovered, EndNothing, EndStopped, EndAgain, EndGone, EndLost} {
		texts["end "+string(c)] = c.Words()
	}
	for _, c := range []Phase{Creating, Running, Stopping, Ended, BackOff} {
		texts["phase "+string(c)] = c.Words()
	}
	for _, c := range []GapKind{GapLink, GapDenied, GapEntries, GapClock} {
		texts["gap "+string(c)] = c.Words()
	}
	for _, c := range []probes.TermCode{
		probes.TermFault, probes.TermDelay, probes.TermTick, probes.TermTimeout, probes.TermAnswer, probes.TermFailures,
		probes.TermSuccesses, probes.TermStartup, probes.TermPreStop, probes.TermShutdown, probes.TermGrace, probes.TermNotice,
		probes.TermBackOff, probes.TermJitter, probes.TermCreation,
	} {
		texts["term "+string(c)] = TermWords(c)
	}
	for _, c := range []probes.Reason{
		probes.NeverSeen, probes.NeverLate, probes.NeverEnough, probes.NeverAsked, probes.NeverKills, probes.NeverRestarts,
		probes.NeverStarts, probes.NeverRepaired, probes.NeverApplies,
	} {
		texts["reason "+string(c)] = ReasonWords(c)
	}
	said := map[lab.Text]string{}
	for code, text := range texts {
		_, id, _ := strings.Cut(code, " ")
		if text.Ko == "" || text.En == "" || text == lab.Same(id) {
			t.Errorf("%s: %q", code, text)
		}
		if other, ok := said[text]; ok {
			t.Errorf("%s and %s say the same: %q", code, other, text)
		}
		said[text] = code
	}
	if got := PointCode("new\x1b").Words(); got != lab.Same("new") {
		t.Errorf("an unknown code is %q", got)
	}
}
