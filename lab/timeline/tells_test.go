package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// tells is an attempt that the kubelet tells of by itself.
func (s *story) tells(t, took float64, name string, outcome probes.Outcome, streak int, old bool) {
	p := s.pods[name]
	c := p.Containers[0]
	a := probes.Attempt{
		Key: probes.Key{Pod: p.UID, Container: c.Name, Kind: probes.Liveness}, ContainerID: c.ID, Start: instant(t + s.skew),
		Took: time.Duration(took * float64(time.Second)), Outcome: outcome, Streak: streak, Threshold: 3, Verdict: probes.Passing,
	}
	if outcome == probes.Failure {
		a.Message = "context deadline exceeded"
		if streak >= 3 {
			a.Verdict, a.Changed, a.OnHold = probes.Failing, true, true
		}
	}
	s.tell(max(s.now, t+took+0.002), journal.Attempted{Attempt: lab.Attempt{
		Pod: name, Container: c.Name, Witness: lab.Kubelet, Old: old, Attempt: a,
	}})
}

// kubelet are the kubelet's attempts at the first probe: when each had ended, and its outcome.
func (s *story) kubelet(name string) string {
	var out []string
	for _, p := range s.View().Pods {
		if p.Name != name {
			continue
		}
		for _, a := range p.Containers[0].Probes[0].Kubelet.All() {
			line := fmt.Sprintf("%s %s", secs(a.Ended.At), a.Outcome)
			if !a.Told {
				line += " (event)"
			}
			if a.More > 0 {
				line += fmt.Sprintf(" +%d", a.More)
			}
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

const failed = "Liveness probe failed: context deadline exceeded"

// Each attempt is there once, whoever told of it and in whichever order.
func TestAttemptsThatTheKubeletTellsOf(t *testing.T) {
	told := journal.KubeletTells{Node: "node-1", Tells: true}
	tests := []struct {
		name  string
		story func(*story)
		want  string
	}{
		{"from the beginning", func(s *story) {
			s.tell(1, told)
			s.start(4, "liveness-app", "u1", true, livenessProbe())
			s.tells(10, 0.01, "liveness-app", probes.Success, 1, false)
			s.tell(10.1, journal.LogFollowed{Pod: "u1"})
			s.tell(10.2, journal.Logged{Line: lab.LogLine{At: instant(10.01), Text: answered("/health")}})
			s.tells(15, 1, "liveness-app", probes.Failure, 1, false)
			s.event(16, 16.1, "liveness-app", "Unhealthy", failed, 1)
			s.tells(20, 1, "liveness-app", probes.Failure, 2, false)
			s.event(21, 21.1, "liveness-app", "Unhealthy", failed, 2)
		}, "10.01 success\n16.00 failure\n21.00 failure"},
		{"an event that comes before what it is about", func(s *story) {
			s.tell(1, told)
			s.start(4, "liveness-app", "u1", true, livenessProbe())
			s.event(16, 16.1, "liveness-app", "Unhealthy", failed, 1)
			s.tells(15, 1, "liveness-app", probes.Failure, 1, false)
		}, "16.10 failure"}, // it took so long to be told
		{"heard late: what events had told is told again, but for what the agent no longer knows", func(s *story) {
			s.start(4, "liveness-app", "u1", true, livenessProbe())
			s.event(16, 16.1, "liveness-app", "Unhealthy", failed, 1)
			s.event(21, 21.1, "liveness-app", "Unhealthy", failed, 2)
			s.tell(22, told)
			s.tells(20, 1, "liveness-app", probes.Failure, 2, true)
			s.tells(25, 0.1, "liveness-app", probes.Success, 1, false)
		}, "16.10 failure (event)\n21.10 failure\n25.10 success"},
		{"not heard for a while, then told again from where one was", func(s *story) {
			s.tell(1, told)
			s.start(4, "liveness-app", "u1", true, livenessProbe())
			s.tells(10, 0.01, "liveness-app", probes.Success, 1, false)
			s.tell(12, journal.KubeletTells{Node: "node-1", Why: lab.T("끊김", "lost")})
			s.event(16, 16.1, "liveness-app", "Unhealthy", failed, 1)
			s.tell(19, told)
			s.tells(15, 1, "liveness-app", probes.Failure, 1, false)
			s.tells(20, 0.1, "liveness-app", probes.Success, 1, false)
		}, "10.01 success\n16.00 failure\n20.10 success"},
		{"of another node", func(s *story) {
			s.tell(1, journal.KubeletTells{Node: "node-2", Tells: true})
			s.start(4, "liveness-app", "u1", true, livenessProbe())
			s.event(16, 16.1, "liveness-app", "Unhealthy", failed, 1)
		}, "16.10 failure (event)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := begin(labs()...)
			tt.story(s)
			if got := s.kubelet("liveness-app"); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

// What the kubelet tells by itself is known to the millisecond: the first failure, and the verdict before the event of it.
func TestEpisodeAsTheKubeletTellsIt(t *testing.T) {
	s := begin(labs()...)
	s.tell(1, journal.KubeletTells{Node: "node-1", Tells: true})
	s.start(4, "liveness-app", "u1", true, livenessProbe())
	s.tells(10.25, 0.01, "liveness-app", probes.Success, 1, false)
	s.fault(12, 12.5, "hang", "liveness-app", lab.TaskDone)
	for i := range 3 {
		s.tells(15.25+5*float64(i), 1, "liveness-app", probes.Failure, i+1, false)
	}
	s.event(26.3, 26.5, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
	view := s.View()
	if len(view.Episodes) != 1 {
		t.Fatalf("%d episodes", len(view.Episodes))
	}
	for code, want := range map[PointCode]float64{PointFailure: 16.25, PointVerdict: 26.25} {
		p, _ := view.Episodes[0].Point(code)
		if off := p.Told.At.Sub(instant(want)); off < 0 || off > 5*time.Millisecond || p.Told.Within > 5*time.Millisecond || !p.Probed.IsZero() {
			t.Errorf("%s told %s within %v, probed %v; want %.2f", code, secs(p.Told.At), p.Told.Within, p.Probed, want)
		}
	}
	probe := view.Pods[0].Containers[0].Probes[0]
	if last, _ := probe.Verdicts.Last(); !probe.Told || last.Is != probes.Failing || probe.Engine.Len() != 0 {
		t.Errorf("told %v, verdict %s, %d attempts of the engine", probe.Told, last.Is, probe.Engine.Len())
	}
}
