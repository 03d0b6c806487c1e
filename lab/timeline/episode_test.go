package timeline

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

func TestEpisodes(t *testing.T) {
	tests := []struct {
		name  string
		story func(*story)
		pod   string
		want  string
	}{
		{"the liveness lab", livenessLab, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, told 3.8..3.9, probed 3.1
verdict: expected 10.8..16.0, then 13.8..13.8, told 13.8..13.9, probed 13.1
stop: expected 10.8..16.0, then 13.8..13.8, told 13.8..13.9
restart: expected 40.8..46.0, then 43.8..43.9, told 43.8..44.1
ready: expected 40.8..46.0, then 43.8..44.1, told 43.8..44.1
ready at 44.1
`},
		{"the readiness lab", readinessLab, "uid-r1", `
fault: told -0.1..0.0
failure: expected -0.1..3.0, told 0.9..1.7, probed 1.1
verdict: expected 5.9..9.0, then 6.9..7.7, told 6.9..7.8, probed 7.1
left: expected 5.9..9.0, then 6.9..7.7, told 6.9..7.8
repair: told 19.9..20.0
success: expected 19.9..23.0, probed 21.1
ready: expected 19.9..23.0, told 21.9..22.2
joined: expected 19.9..23.0, told 21.9..22.2
ready at 22.2
`},
		{"a preStop hook that sleeps", hooked(4*time.Second, 4*time.Second, 71.2), "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, told 3.8..3.9
verdict: expected 10.8..16.0, then 13.8..13.8, told 13.8..13.9
stop: expected 14.8..20.0, then 17.8..17.9, told 17.8..17.9
restart: expected 40.8..46.0, then 43.8..43.9, told 43.8..44.1
ready: expected 40.8..46.0, then 43.8..44.1, told 43.8..44.1
ready at 44.1
`},
		{"a preStop hook of unknown length", hooked(0, probes.Longest, 73.2), "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, told 3.8..3.9
verdict: expected 10.8..16.0, then 13.8..13.8, told 13.8..13.9
stop: expected 10.8..46.0, then 13.8..43.9
restart: expected 40.8..48.0, then 43.8..45.9, told 45.8..46.1
ready: expected 40.8..48.0, then 45.8..46.1, told 45.8..46.1
ready at 46.1
`},
		{"the liveness lab, whose log tells when the kubelet looks", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.tell(4.2, journal.LogFollowed{Pod: "uid-l"})
			for t := 10.0; t < 27; t += 5 {
				s.tell(t+0.03, journal.Logged{Line: lab.LogLine{At: instant(t + 0.004), Text: answered("/health")}})
			}
			s.fault(27, 27.2, "hang", "", lab.TaskDone)
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 3.5..4.1
verdict: expected 13.5..14.1
stop: expected 13.5..14.1
restart: expected 43.5..44.1
ready: expected 43.5..44.1
`},
		{"somebody else hangs the app: the kubelet is the first to see it", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.event(31.01, 31.05, "liveness-app", "Unhealthy", hung, 1)
		}, "uid-l", `
failure: expected 0.9..1.0, told 0.9..1.0
verdict: expected 10.9..11.0
stop: expected 10.9..11.0
restart: expected 10.9..41.0
ready: expected 10.9..41.0
`},
		{"somebody else hangs the app: the engine is the first to see it", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.attempt(24, 0.01, "liveness-app", probes.Liveness, probes.Success, 1)
			s.attempt(29, 1, "liveness-app", probes.Liveness, probes.Failure, 1)
			s.event(31.01, 31.05, "liveness-app", "Unhealthy", hung, 1)
			s.event(36.01, 36.05, "liveness-app", "Unhealthy", hung, 2)
		}, "uid-l", `
failure: expected -4.0..6.0, told 2.0, probed 1.0
verdict: expected 6.0..16.0, then 12.0..12.1
stop: expected 6.0..16.0, then 12.0..12.1
restart: expected 6.0..46.0, then 12.0..42.0
ready: expected 6.0..46.0, then 12.0..42.0
`},
		{"events that never come", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			for i, t := range []float64{29, 34, 39} {
				s.attempt(t, 1, "liveness-app", probes.Liveness, probes.Failure, i+1)
			}
			s.restart(71.2, "liveness-app", 137)
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, probed 2.8
verdict: expected 10.8..16.0, probed 12.8
stop: expected 10.8..16.0
restart: expected 40.8..46.0, told 43.8..44.1
ready: expected 40.8..46.0, then 43.8..44.1, told 43.8..44.1
ready at 44.1
`},
		{"events that come late, and twice", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			for i, t := range []float64{29, 34, 39} {
				s.attempt(t, 1, "liveness-app", probes.Liveness, probes.Failure, i+1)
			}
			s.restart(71.2, "liveness-app", 137)
			for range 2 {
				s.event(41.02, 75, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
			}
			s.event(41.01, 76, "liveness-app", "Unhealthy", hung, 3)
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, told -0.2..14.9, probed 2.8
verdict: expected 10.8..16.0, told 13.8..14.9, probed 12.8
stop: expected 10.8..16.0, told 13.8..14.9
restart: expected 40.8..46.0, told 43.8..44.1
ready: expected 40.8..46.0, then 43.8..44.1, told 43.8..44.1
ready at 44.1
`},
		{"a command that failed does nothing", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskFailed)
		}, "uid-l", `
none`},
		{"a TCP probe sees nothing of it", func(s *story) {
			tcp := livenessProbe()
			tcp.HTTP, tcp.TCP = nil, &probes.TCPAction{Port: probes.Port{Number: 3000}}
			s.start(4, "liveness-app", "uid-l", true, tcp)
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			for t := 29.0; t < 40; t += 5 {
				s.attempt(t, 0.01, "liveness-app", probes.Liveness, probes.Success, 1)
			}
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected never: seen
verdict: expected never: seen
stop: expected never: seen
restart: expected never: seen
ready: expected never: seen
nothing at 6.8
`},
		{"a container that is not started again", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.pod(5, "liveness-app", func(p *lab.Pod) { p.Containers[0].Once = true })
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			s.pod(71, "liveness-app", func(p *lab.Pod) {
				c := &p.Containers[0]
				c.State, c.Final, c.Ready, p.Ready = lab.Terminated, true, false, false
			})
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0
verdict: expected 10.8..16.0
stop: expected 10.8..16.0
restart: expected never: restarts
ready: expected never: restarts
stopped at 43.8
`},
		{"one more restart within a short time is put off", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.pod(5, "liveness-app", func(p *lab.Pod) { p.GracePeriod = 2 * time.Second })
			for t := 20.0; t < 80; t += 20 {
				s.restart(t, "liveness-app", 1)
			}
			s.fault(67, 67.2, "hang", "liveness-app", lab.TaskDone)
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0
verdict: expected 10.8..16.0
stop: expected 10.8..16.0
restart: expected 12.8..48.0
ready: expected 12.8..48.0
`},
		{"the pod is deleted meanwhile", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			s.event(31.01, 31.05, "liveness-app", "Unhealthy", hung, 1)
			s.pod(33, "liveness-app", func(p *lab.Pod) { p.Deleting = s.stamp(33) })
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, told 3.8..3.9
verdict: expected 10.8..16.0, then 13.8..13.8
stop: expected 10.8..16.0, then 13.8..13.8
restart: expected 40.8..46.0, then 43.8..43.9
ready: expected 40.8..46.0, then 43.8..43.9
gone at 5.8
`},
		{"another pod of its name has nothing to do with it", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			s.start(40, "liveness-app", "uid-2", true, livenessProbe())
			s.event(41.02, 41.06, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0
verdict: expected 10.8..16.0
stop: expected 10.8..16.0
restart: expected 40.8..46.0
ready: expected 40.8..46.0
gone at 12.3
`},
		{"a readiness probe that recovers in time", func(s *story) {
			s.start(2, "r-1", "uid-r1", true, readinessProbe())
			s.fault(20, 20.1, "break", "r-1", lab.TaskDone)
			s.event(21.8, 21.82, "r-1", "Unhealthy", missing, 1)
			s.fault(23, 23.1, "repair", "r-1", lab.TaskDone)
			for t := 24.2; t < 30; t += 3 {
				s.attempt(t, 0.02, "r-1", probes.Readiness, probes.Success, 1)
			}
		}, "uid-r1", `
fault: told -0.1..0.0
failure: expected -0.1..3.0, told 0.9..1.7
verdict: expected 5.9..9.0, then never: enough
left: expected ?
repair: told 2.9..3.0
success: expected never: enough
ready: expected never: enough
joined: expected ?
recovered at 7.1
`},
		{"a readiness probe of a pod that is not ready has nothing to lose", func(s *story) {
			s.start(2, "r-1", "uid-r1", false, readinessProbe())
			s.event(8.8, 8.82, "r-1", "Unhealthy", missing, 1)
			s.fault(20, 20.1, "break", "r-1", lab.TaskDone)
		}, "uid-r1", `
none`},
		{"a startup probe that passes in time", func(s *story) {
			s.start(2, "web", "uid-w", false, startupProbe(), livenessProbe())
			for i, t := range []float64{3.1, 5.1, 7.1} {
				s.event(t, t+0.02, "web", "Unhealthy", "Startup probe failed: Get \"http://10.0.0.1/\": dial tcp 10.0.0.1:80: connect: connection refused", i+1)
			}
			s.pod(9.2, "web", func(p *lab.Pod) {
				p.Ready, p.Containers[0].Ready, p.Containers[0].Started, p.ReadySince = true, true, true, s.stamp(9.1)
			})
		}, "uid-w", `
failure: expected -0.1..0.0, told -0.1..0.0
verdict: expected 5.9..6.0
stop: expected 5.9..6.0
restart: expected 5.9..36.0
started: expected ?, told -0.1..6.1
ready: expected ?
recovered at 6.1
`},
		{"a startup probe that does not pass", func(s *story) {
			s.start(2, "web", "uid-w", false, startupProbe(), livenessProbe())
			for i, t := range []float64{3.1, 5.1, 7.1, 9.1} {
				s.event(t, t+0.02, "web", "Unhealthy", "Startup probe failed: Get \"http://10.0.0.1/\": dial tcp 10.0.0.1:80: connect: connection refused", i+1)
			}
			s.event(9.1, 9.2, "web", "Killing", "Container app failed startup probe, will be restarted", 1)
			s.restart(10.2, "web", 143)
			s.pod(17, "web", func(p *lab.Pod) {
				p.Ready, p.Containers[0].Ready, p.Containers[0].Started, p.ReadySince = true, true, true, s.stamp(16.9)
			})
		}, "uid-w", `
failure: expected -0.1..0.0, told -0.1..0.0
verdict: expected 5.9..6.0, told 5.9..6.1
stop: expected 5.9..6.0, told 5.9..6.1
restart: expected 5.9..36.0, then 5.9..36.1, told 6.9..7.2
started: expected ?, told 6.9..13.9
ready: expected ?, told 6.9..13.9
ready at 13.9
`},
		{"a restart that does not help", func(s *story) {
			s.start(2, "web", "uid-w", false, startupProbe())
			const refused = "Startup probe failed: dial tcp 10.0.0.1:80: connect: connection refused"
			s.event(9.1, 9.12, "web", "Unhealthy", refused, 4)
			s.event(9.1, 9.2, "web", "Killing", "Container app failed startup probe, will be restarted", 1)
			s.restart(10.2, "web", 143)
			s.event(12.1, 12.12, "web", "Unhealthy", refused, 5)
		}, "uid-w", `
failure: expected -0.1..0.0, told -0.1..0.0
verdict: expected 5.9..6.0
stop: expected 5.9..6.0
restart: expected 5.9..36.0
started: expected ?
ready: expected ?
`},
		{"nobody tells how it goes on", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.fault(27, 27.2, "hang", "liveness-app", lab.TaskDone)
			s.tell(600, journal.PodChosen{})
		}, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0
verdict: expected 10.8..16.0
stop: expected 10.8..16.0
restart: expected 40.8..46.0
ready: expected 40.8..46.0
lost at 572.8
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			test.story(s)
			got := inWords(s.View().Latest(test.pod))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("episode (-want +got):\n%s", diff)
			}
		})
	}
}
