package timeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// secs is a time of a story.
func secs(t time.Time) string { return fmt.Sprintf("%.2f", t.Sub(zero).Seconds()) }

func runs(s Spans[Run]) string {
	var out []string
	for span := range s.All() {
		r := span.Is
		text := fmt.Sprintf("%s %d from %s", r.Phase, r.Number, secs(span.From.At))
		if !span.Open() {
			text += " to " + secs(span.To.At)
		}
		if r.Stop != "" {
			text += fmt.Sprintf(" (%s %s)", r.Stop, r.Probe)
		}
		if !r.Until.IsZero() {
			text += " until " + secs(r.Until)
		}
		if r.Phase == Ended {
			text += fmt.Sprintf(" exit %d %s", r.ExitCode, r.Reason)
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func TestRuns(t *testing.T) {
	state := func(s *story, t float64, state lab.ContainerState, reason, message string) {
		s.pod(t, "liveness-app", func(p *lab.Pod) {
			c := &p.Containers[0]
			c.State, c.Reason, c.Message = state, reason, message
		})
	}
	tests := []struct {
		name  string
		story func(*story)
		want  string
	}{
		{"the liveness lab", livenessLab, `
creating 0 from 3.50 to 4.10
running 0 from 4.10 to 41.06
stopping 0 from 41.06 to 71.30 (probe liveness) until 71.06
ended 0 from 71.30 to 71.30 (probe liveness) exit 137 Error
running 1 from 71.30`},
		{"a stop that is told after the restart", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.restart(71.2, "liveness-app", 137)
			s.event(41.02, 75, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
		}, `
creating 0 from 3.50 to 4.10
running 0 from 4.10 to 42.10
stopping 0 from 42.10 to 71.30 (probe liveness)
ended 0 from 71.30 to 71.30 exit 137 Error
running 1 from 71.30`},
		{"a crash, and a back-off", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true)
			s.pod(20.2, "liveness-app", func(p *lab.Pod) {
				c := &p.Containers[0]
				c.State, c.Reason, c.Exit = lab.Terminated, "Error", &lab.Termination{ExitCode: 1, FinishedAt: s.stamp(20)}
			})
			s.pod(21, "liveness-app", func(p *lab.Pod) {
				c := &p.Containers[0]
				c.State, c.Reason, c.Exit, c.Message = lab.Waiting, "CrashLoopBackOff", nil, "back-off 10s restarting failed container=app"
				c.Last = &lab.Termination{ExitCode: 1, StartedAt: s.stamp(4), FinishedAt: s.stamp(20)}
			})
			state(s, 22, lab.Waiting, "CrashLoopBackOff", "back-off 10s restarting failed container=app")
			s.restart(32, "liveness-app", 1)
		}, `
creating 0 from 3.50 to 4.10
running 0 from 4.10 to 20.20
ended 0 from 20.20 to 21.00 exit 1 Error
backOff 0 from 21.00 to 32.10 until 31.00
running 1 from 32.10`},
		{"an image that cannot be pulled", func(s *story) {
			s.pod(5, "liveness-app", func(p *lab.Pod) {
				*p = lab.Pod{Name: "liveness-app", UID: "uid-l", Containers: []lab.Container{{Name: "app", State: lab.Waiting, Reason: "ErrImagePull"}}}
			})
			state(s, 6, lab.Waiting, "ImagePullBackOff", `Back-off pulling image "alpineee"`)
		}, `
creating 0 from 5.00 to 6.00
backOff 0 from 6.00`},
		{"a deletion that the kubelet tells first", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.event(20.2, 20.3, "liveness-app", "Killing", "Stopping container app", 1)
			s.pod(20.4, "liveness-app", func(p *lab.Pod) { p.Deleting = s.stamp(20.1) })
		}, `
creating 0 from 3.50 to 4.10
running 0 from 4.10 to 20.30
stopping 0 from 20.30 (deletion ) until 50.30`},
		{"a deletion", func(s *story) {
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			s.pod(20.1, "liveness-app", func(p *lab.Pod) { p.Deleting = s.stamp(20.1) })
			s.event(20.2, 20.3, "liveness-app", "Killing", "Stopping container app", 1)
			s.see(50.2, lab.PodChanged{Pod: s.pods["liveness-app"], Deleted: true})
		}, `
creating 0 from 3.50 to 4.10
running 0 from 4.10 to 20.10
stopping 0 from 20.10 to 50.20 (deletion ) until 50.10`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			test.story(s)
			got := runs(s.View().Pod("uid-l").Containers[0].Runs)
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("runs (-want +got):\n%s", diff)
			}
		})
	}
}

// attempted are attempts in words.
func attempted(all Attempts) string {
	var out []string
	for _, a := range all.All() {
		when := secs(a.Ended.At)
		if a.Ended.Within == probes.Longest {
			when = "by " + when
		} else if a.Ended.Within > 0 {
			when = fmt.Sprintf("%s-%.2f", when, a.Ended.Within.Seconds())
		}
		text := when + " " + string(a.Outcome)
		if a.More > 0 {
			text += fmt.Sprintf(" and %d more", a.More)
		}
		if a.Logged {
			text += " logged"
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

func TestKubeletAttempts(t *testing.T) {
	fail := func(s *story, stamped, t float64, count int) {
		s.event(stamped, t, "liveness-app", "Unhealthy", hung, count)
	}
	line := func(s *story, at, t float64, text string) {
		s.tell(t, journal.Logged{Line: lab.LogLine{At: instant(at), Text: text}})
	}
	tests := []struct {
		name  string
		story func(*story)
		want  string
	}{
		{"told at once", func(s *story) { fail(s, 10.4, 10.5, 1) }, "10.50-0.50 failure"},
		{"told twice, and counted up", func(s *story) {
			fail(s, 10.4, 10.5, 1)
			fail(s, 10.4, 10.6, 1)
			fail(s, 15.4, 15.5, 2)
			fail(s, 15.4, 15.6, 2)
		}, "10.50-0.50 failure\n15.50-0.50 failure"},
		{"counted up by more than one", func(s *story) {
			fail(s, 10.4, 10.5, 1)
			fail(s, 30.4, 30.5, 5)
		}, "10.50-0.50 failure\n30.50-0.50 failure and 3 more"},
		{"told late: where it belongs", func(s *story) {
			fail(s, 10.4, 10.5, 1)
			fail(s, 30.4, 30.5, 5)
			s.event(20.4, 31, "liveness-app", "Unhealthy", "Liveness probe failed: other", 1)
		}, "10.50-0.50 failure\n21.50-1.50 failure\n30.50-0.50 failure and 3 more"},
		{"expired, and written anew", func(s *story) {
			fail(s, 10.4, 10.5, 3)
			p := s.pods["liveness-app"]
			s.see(20, lab.EventChanged{Deleted: true, Event: lab.Event{UID: "1", ObjectUID: p.UID}})
			s.see(21, lab.EventChanged{Event: lab.Event{
				UID: "another", Reason: "Unhealthy", Message: hung, ObjectKind: "Pod", ObjectName: p.Name, ObjectUID: p.UID, Container: "app",
				Count: 4, First: s.stamp(10.4), Last: s.stamp(20.4),
			}})
		}, "10.50-0.50 failure and 2 more\n21.00-1.00 failure"},
		{"those that a node's clock ahead of ours stamps", func(s *story) {
			s.skew = 20
			fail(s, 10.4, 10.5, 1)
		}, "10.50-1.25 failure"},
		{"those that a node's clock behind ours stamps", func(s *story) {
			s.skew = -20
			fail(s, 10.4, 10.5, 1)
		}, "10.50-20.50 failure"},
		{"listed before the pod", func(s *story) {
			s.start(4, "other", "uid-l", true, livenessProbe())
			s.Builder = New(nil)
			p := s.pods["other"]
			s.see(39, lab.EventChanged{Initial: true, Event: lab.Event{
				UID: "e", Reason: "Unhealthy", Message: hung, ObjectKind: "Pod", ObjectName: p.Name, ObjectUID: p.UID, Container: "app",
				Count: 9, First: s.stamp(10), Last: s.stamp(38),
			}})
			s.see(40, lab.PodChanged{Pod: p, Initial: true})
		}, "11.00-1.00 failure\n39.00-1.00 failure and 7 more"},
		{"other outcomes", func(s *story) {
			s.event(10.4, 10.5, "liveness-app", "Unhealthy", "Liveness probe errored and resulted in unknown state: rpc error", 1)
			s.event(15.4, 15.5, "liveness-app", "ProbeWarning", "Liveness probe warning: Probe terminated redirects", 1)
			s.event(20.4, 20.5, "liveness-app", "Unhealthy", "(combined from similar events): "+hung, 1)
			s.event(25.4, 25.5, "liveness-app", "Unhealthy", "Something else", 1)
		}, "10.50-0.50 unknown\n15.50-0.50 success\n20.50-0.50 failure"},
		{"successes that the log tells", func(s *story) {
			s.tell(9, journal.LogFollowed{Pod: "uid-l"})
			line(s, 10, 10.01, answered("/health"))
			line(s, 10.5, 10.51, strings.ReplaceAll(answered("/health"), "kube-probe", "healthlab-probe"))
			line(s, 11, 11.01, answered("/other"))
			line(s, 12, 12.01, strings.ReplaceAll(answered("/health"), "200", "500"))
			line(s, 15, 15.01, answered("/health"))
			s.tell(16, journal.LogFollowed{Pod: "uid-l"})
			line(s, 15, 16.01, answered("/health"))
		}, "10.00 success logged\n15.00 success logged"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			s.start(4, "liveness-app", "uid-l", true, livenessProbe())
			clear(s.clock.lags)
			test.story(s)
			got := attempted(s.View().Pod("uid-l").Containers[0].Probes[0].Kubelet)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("attempts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTwoProbesThatAskTheSame(t *testing.T) {
	s := begin()
	ready := livenessProbe()
	ready.Kind = probes.Readiness
	s.start(4, "web", "uid-w", true, ready, livenessProbe())
	s.tell(5, journal.LogFollowed{Pod: "uid-w"})
	s.tell(10, journal.Logged{Line: lab.LogLine{At: instant(10), Text: answered("/health")}})
	for _, pr := range s.View().Pod("uid-w").Containers[0].Probes {
		if n := pr.Kubelet.Len(); n != 0 {
			t.Errorf("%s: %d attempts, of which nobody knows whose they are", pr.Spec.Kind, n)
		}
	}
}

func TestPodMadeAnew(t *testing.T) {
	s := begin(labs()...)
	s.start(4, "liveness-app", "uid-1", true, livenessProbe())
	s.attempt(10, 0.01, "liveness-app", probes.Liveness, probes.Success, 1)
	old := s.pods["liveness-app"]
	s.start(20, "liveness-app", "uid-2", true, livenessProbe())
	s.see(21, lab.PodChanged{Pod: old}) // late
	s.attempt(25, 0.01, "liveness-app", probes.Liveness, probes.Success, 1)
	v := s.View()
	first, second := v.Pod("uid-1"), v.Pod("uid-2")
	if len(v.Pods) != 2 || first.Gone.IsZero() || !second.Gone.IsZero() || v.Named("liveness-app") != second {
		t.Errorf("%d pods, the first gone at %v", len(v.Pods), first.Gone)
	}
	for _, p := range v.Pods {
		if n := p.Containers[0].Probes[0].Engine.Len(); n != 1 {
			t.Errorf("pod %s has %d attempts", p.UID, n)
		}
	}
	if s := v.At("uid-1", instant(15)); !s.Known || !s.Ready || s.Containers[0].Run.Is.Phase != Running {
		t.Errorf("at 15 s: %+v", s)
	}
	if s := v.At("uid-1", instant(30)); s.Known {
		t.Error("it is known after it was gone")
	}
}

func TestReadinessLanes(t *testing.T) {
	s := begin(labs()...)
	readinessLab(s)
	v := s.View()
	names, members := v.MembersOf("uid-r1")
	if !slices.Equal(names, []string{"svc"}) {
		t.Fatalf("services %v", names)
	}
	var got []string
	for span := range members[0].States.All() {
		got = append(got, fmt.Sprint(secs(span.From.At), " ", span.Is.Ready))
	}
	want := []string{"2.20 false", "8.15 true", "27.95 false", "42.35 true"}
	if !slices.Equal(got, want) {
		t.Errorf("membership %v, want %v", got, want)
	}
	sight := v.At("uid-r1", instant(29))
	if sight.Ready || len(sight.Services) != 1 || sight.Services[0].Ready || len(sight.Episodes) != 1 ||
		sight.Containers[0].Probes[0].Verdict != probes.Failing || sight.Containers[0].Probes[0].Kubelet.Message == "" {
		t.Errorf("at 29 s: %+v", sight)
	}
	acts := v.ActsIn(instant(30), instant(60))
	if len(acts) != 1 || acts[0].Fault.ID != "repair" || acts[0].Pod != "uid-r1" || acts[0].Container != "app" {
		t.Errorf("acts %+v", acts)
	}
}

func TestDeployments(t *testing.T) {
	s := begin()
	counts := func(t float64, available int) {
		s.see(t, lab.DeploymentChanged{Deployment: lab.Deployment{
			Name: "r", Selector: map[string]string{"app": "r"}, Desired: 3, Available: available,
		}})
	}
	s.start(4, "r-1", "uid-1", true, readinessProbe())
	s.start(4, "other", "uid-2", true)
	counts(5, 3)
	counts(6, 3)
	counts(7, 2)
	v := s.View()
	if n := v.Deployments[0].Counts.Len(); n != 2 {
		t.Errorf("%d counts", n)
	}
	if at, ok := v.Deployments[0].Counts.At(instant(6.5)); !ok || at.Is.Available != 3 || at.Open() {
		t.Errorf("at 6.5 s: %+v", at)
	}
	if pods := v.PodsOf("r"); len(pods) != 1 || pods[0].UID != "uid-1" || v.PodsOf("none") != nil {
		t.Errorf("pods %v", pods)
	}
}

func TestGaps(t *testing.T) {
	s := begin()
	s.tell(1, journal.PodChosen{})
	s.see(5, lab.LinkChanged{Since: instant(3)})
	s.see(6, lab.LinkChanged{})
	s.see(9, lab.LinkChanged{Up: true})
	s.see(10, lab.AccessChanged{Resource: "events", Denied: true})
	s.Lost(7)
	s.seq += 7
	s.tell(12, journal.PodChosen{})
	s.seq += 3
	s.tell(13, journal.PodChosen{})
	var got []string
	v := s.View()
	for _, g := range v.Gaps {
		to := ""
		if !g.To.IsZero() {
			to = secs(g.To)
		}
		got = append(got, fmt.Sprint(g.Why, " ", secs(g.From), "-", to, " ", g.Entries, g.Resource))
	}
	want := []string{"link 3.00-9.00 0", "entries 10.00-12.00 7", "denied 10.00- 0events", "entries 12.00-13.00 3"}
	if !slices.Equal(got, want) {
		t.Errorf("gaps %q, want %q", got, want)
	}
	if in := v.GapsIn(instant(4), instant(8)); len(in) != 1 || in[0].Why != GapLink {
		t.Errorf("gaps from 4 s to 8 s: %v", in)
	}
}

func TestClockSetBack(t *testing.T) {
	s := begin(labs()...)
	s.start(4, "liveness-app", "uid-l", true, livenessProbe())
	s.fault(27, 27.2, "hang", "", lab.TaskDone)
	s.seq++
	s.Add(journal.Entry{Seq: s.seq, At: instant(-3570), Body: journal.PodChosen{}}) // an hour earlier, at once
	s.seq++
	s.Add(journal.Entry{Seq: s.seq, At: instant(-3568), Body: journal.PodChosen{}})
	s.event(-3567, -3566.9, "liveness-app", "Unhealthy", hung, 1)
	v := s.View()
	if got := secs(v.To); got != "30.30" {
		t.Errorf("the axis ends at %s", got)
	}
	if got := secs(v.Clock(v.To)); got != "-3566.90" {
		t.Errorf("the clock shows %s then", got)
	}
	if got := secs(v.Clock(instant(20))); got != "20.00" {
		t.Errorf("the clock showed %s before", got)
	}
	if len(v.Gaps) != 1 || v.Gaps[0].Why != GapClock {
		t.Errorf("gaps %v", v.Gaps)
	}
	p, _ := v.Latest("uid-l").Point(PointFailure)
	if secs(p.Told.At) != "30.30" {
		t.Errorf("the failure is told at %s", secs(p.Told.At))
	}
}

func TestBounds(t *testing.T) {
	s := begin()
	for i := range 700 { // pods of one container, and one of many
		s.start(4, fmt.Sprint("pod-", i), fmt.Sprint(i), true, livenessProbe())
	}
	many := lab.Pod{UID: "many", Name: "many"}
	for i := range 200 {
		many.Containers = append(many.Containers, lab.Container{Name: fmt.Sprint("c", i), ID: "1", State: lab.Running})
	}
	s.see(5, lab.PodChanged{Pod: many})
	s.see(6, lab.PodChanged{Pod: many})
	v := s.View()
	if len(v.Pods) != maxPods || v.Dropped.Pods == 0 {
		t.Errorf("%d pods, %d dropped", len(v.Pods), v.Dropped.Pods)
	}

	s = begin()
	s.see(5, lab.PodChanged{Pod: many})
	v = s.View()
	if n := len(v.Pod("many").Containers); n != 200 {
		t.Errorf("%d containers", n)
	}

	s = begin()
	s.start(4, "web", "uid", true, livenessProbe())
	for i := range maxAttempts + 1000 {
		s.attempt(5+float64(i), 0.001, "web", probes.Liveness, probes.Success, 1)
	}
	pr := s.View().Pod("uid").Containers[0].Probes[0]
	if pr.Engine.Len() != maxAttempts || pr.Engine.Dropped != 1000 {
		t.Errorf("%d attempts, %d dropped", pr.Engine.Len(), pr.Engine.Dropped)
	}
}

func TestBoundOfAll(t *testing.T) {
	s := begin()
	for i := range 30 {
		s.start(4, fmt.Sprint("pod-", i), fmt.Sprint(i), true, livenessProbe())
	}
	for n := range maxKept + 50_000 {
		s.attempt(5+float64(n)/100, 0.001, fmt.Sprint("pod-", n%30), probes.Liveness, probes.Success, 1)
	}
	v := s.View()
	n := 0
	for _, p := range v.Pods {
		n += p.Containers[0].Probes[0].Engine.Len()
	}
	if n > maxKept || n < maxKept/2 || v.Dropped.Elements < 50_000 {
		t.Errorf("%d attempts are kept, %d dropped", n, v.Dropped.Elements)
	}
}

func TestHostileText(t *testing.T) {
	const evil = "a\x1b[2J\u202egone\n\xff"
	s := begin()
	s.start(4, "web", "uid", true, livenessProbe())
	s.pod(5, "web", func(p *lab.Pod) { p.Node = evil; p.Containers[0].Image = evil })
	s.event(6, 6.1, "web", "Unhealthy", "Liveness probe failed: "+evil+strings.Repeat("가", 5000), 1)
	s.tell(7, journal.TaskStarted{Task: lab.Task{ID: 1, Line: evil, Title: lab.T(evil, evil)}})
	s.see(8, lab.EndpointsChanged{Slice: "s", Endpoints: []lab.Endpoint{{Service: evil, Address: evil, Pod: evil}}})
	s.see(9, lab.DeploymentChanged{Deployment: lab.Deployment{Name: evil}})
	v := s.View()
	p := v.Pod("uid")
	m := v.Services[0].Members[0]
	texts := []string{
		p.Node, p.Containers[0].Image, p.Containers[0].Probes[0].Kubelet.All()[0].Message, v.Acts[0].Line, v.Acts[0].Title.Ko,
		v.Services[0].Name, m.Address, m.Pod, v.Deployments[0].Name,
	}
	for i, text := range texts {
		if text == "" || text != lab.Printable(text) || utf8.RuneCountInString(text) > maxText+1 {
			t.Errorf("text %d is %q", i, text)
		}
	}
}
