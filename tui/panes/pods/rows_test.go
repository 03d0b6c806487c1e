package pods

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/probes"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func newPane(w, h int, s *lab.Snapshot) *Pane {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(w, h)
	p.SetSnapshot(s)
	return p
}

func plain(p *Pane, now time.Time) string { return ansi.Strip(p.View(now)) }

func TestASCIIWithoutColour(t *testing.T) {
	p := newPane(90, 14, panetest.Snapshot())
	p.SetStyle(theme.New(theme.Light, theme.Options{ASCII: true, Colors: theme.NoColor}), lab.English)
	view := p.View(panetest.Now())
	for _, r := range ansi.Strip(view) {
		if r > '~' {
			t.Errorf("%q is not seven-bit", r)
		}
	}
	if strings.Contains(view, "38;") || strings.Contains(view, "48;") {
		t.Error("there are colours")
	}
	golden.RequireEqual(t, ansi.Strip(view)+"\n")
}

func TestColours(t *testing.T) {
	p := newPane(70, 6, panetest.Snapshot())
	golden.RequireEqual(t, strings.ReplaceAll(p.View(panetest.Now()), "\x1b", "^")+"\n")
}

func TestRestartsAndAge(t *testing.T) {
	now := panetest.Now()
	for name, tc := range map[string]struct {
		row           row
		restarts, age string
	}{
		"never":       {row{created: now.Add(-5 * time.Second)}, "0", "5s"},
		"once":        {row{restarts: 1, lastRestart: now.Add(-31 * time.Second), created: now.Add(-3 * time.Minute)}, "1 (31s ago)", "3m"},
		"time is not": {row{restarts: 2}, "2", "<unknown>"},
		"clock back":  {row{restarts: 1, lastRestart: now.Add(time.Hour), created: now.Add(time.Hour)}, "1 (0s ago)", "0s"},
	} {
		t.Run(name, func(t *testing.T) {
			got := []string{tc.row.restartsCell(now), tc.row.ageCell(now)}
			if diff := cmp.Diff([]string{tc.restarts, tc.age}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCountStopsAtTheThreshold(t *testing.T) {
	got := probe("key", lab.Probe{Streak: 7, Threshold: 3, Outcome: probes.Failure}).count
	if got != "3/3" {
		t.Errorf("got %s, want 3/3", got)
	}
}

func TestMood(t *testing.T) {
	for name, tc := range map[string]struct {
		pod  lab.Pod
		want mood
	}{
		"ready":     {lab.Pod{Status: "Running", Ready: true}, good},
		"not ready": {lab.Pod{Status: "Running"}, waiting},
		"creating":  {lab.Pod{Status: "ContainerCreating"}, waiting},
		"deleting":  {lab.Pod{Status: "Terminating", Ready: true, Deleting: panetest.Now()}, waiting},
		"back-off":  {lab.Pod{Status: "CrashLoopBackOff"}, bad},
		"completed": {lab.Pod{Status: "Completed"}, good},
	} {
		t.Run(name, func(t *testing.T) {
			if got := moodOf(tc.pod); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestDetailFollowsTheRoom(t *testing.T) {
	rows := podRows(panetest.Snapshot().Pods)
	chosen := rows[2].name
	for name, tc := range map[string]struct {
		h    int
		want detail
	}{
		"all": {12, everything}, "no quiet containers": {11, probesOnly}, "still": {9, probesOnly},
		"the chosen pod": {8, chosenOnly}, "even at the price of other rows": {3, chosenOnly}, "rows": {2, rowOnly}, "nothing": {0, rowOnly},
	} {
		t.Run(name, func(t *testing.T) {
			if got := choose(rows, chosen, tc.h); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestTheGracePeriodCountsDown(t *testing.T) {
	p := newPane(100, 20, panetest.Snapshot())
	for after, want := range map[time.Duration]string{
		0: "SIGKILL in 17 s", 5500 * time.Millisecond: "SIGKILL in 12 s", time.Minute: "SIGKILL in 0 s",
	} {
		if got := plain(p, panetest.Now().Add(after)); !strings.Contains(got, want) {
			t.Errorf("after %s there is no %q:\n%s", after, want, got)
		}
	}
	if !p.Animated() {
		t.Error("a countdown does not ask to be redrawn")
	}
}

func TestARecoveryIsSaid(t *testing.T) {
	s := panetest.Snapshot()
	s.Pods[2].Containers[0].Probes[0].Verdict = probes.Failing
	p := newPane(100, 20, s)
	next := panetest.Snapshot()
	next.At = panetest.Now().Add(time.Second)
	probe := &next.Pods[2].Containers[0].Probes[0]
	probe.Verdict, probe.Outcome, probe.Streak, probe.Threshold = probes.Passing, probes.Success, 1, 1
	p.SetSnapshot(next)
	if got := plain(p, next.At); strings.Count(got, "recovered") != 1 {
		t.Errorf("the recovery is not said once:\n%s", got)
	}
	if got := plain(p, next.At.Add(theme.FadeFor)); strings.Contains(got, "recovered") {
		t.Errorf("it is still said after %s:\n%s", theme.FadeFor, got)
	}
}

func TestOnlyAfterFailuresIsItARecovery(t *testing.T) {
	s := panetest.Snapshot()
	s.Pods[1].Containers[0].Probes[0].Verdict = probes.Failing // as readiness begins
	p := newPane(100, 20, s)
	p.SetSnapshot(panetest.Snapshot())
	if got := plain(p, panetest.Now()); strings.Contains(got, "recovered") {
		t.Errorf("a first success is called a recovery:\n%s", got)
	}
}

func TestKeysChoosePods(t *testing.T) {
	s := panetest.Snapshot()
	p := newPane(100, 20, s)
	press := func(key, want string) {
		t.Helper()
		action, handled := p.HandleKey(panetest.Key(key))
		if diff := cmp.Diff(lab.Action(lab.ChoosePod{Pod: want}), action); diff != "" || !handled {
			t.Errorf("%s: handled %v, %s", key, handled, diff)
		}
	}
	press("j", s.Pods[3].Name)
	press("j", s.Pods[3].Name) // the last one
	press("up", s.Pods[2].Name)
	press("k", s.Pods[1].Name)
	press("g", s.Pods[0].Name)
	press("G", s.Pods[3].Name)
	answered := panetest.Snapshot()
	answered.ChosenPod = s.Pods[1].Name
	p.SetSnapshot(answered)
	press("j", s.Pods[2].Name)

	if _, handled := p.HandleKey(panetest.Key("r")); handled {
		t.Error("a key that is not the pane's was taken")
	}
	if action, handled := newPane(100, 20, &lab.Snapshot{}).HandleKey(panetest.Key("j")); handled || action != nil {
		t.Error("a pod was chosen where there is none")
	}
}

func TestClicksChoosePods(t *testing.T) {
	s := panetest.Snapshot()
	p := newPane(100, 20, s)
	p.View(panetest.Now())
	for y, want := range map[int]lab.Action{
		-1: nil, 0: nil, 1: lab.ChoosePod{Pod: s.Pods[0].Name}, 3: lab.ChoosePod{Pod: s.Pods[0].Name},
		4: lab.ChoosePod{Pod: s.Pods[1].Name}, 19: nil, 99: nil,
	} {
		if diff := cmp.Diff(want, p.Click(0, y)); diff != "" {
			t.Errorf("line %d: %s", y, diff)
		}
	}
}

func TestTheChosenPodIsScrolledIntoSight(t *testing.T) {
	s := panetest.Korean(10)
	s.ChosenPod = s.Pods[len(s.Pods)-1].Name
	p := newPane(150, 6, s)
	if got := plain(p, panetest.Now()); !strings.Contains(got, s.ChosenPod) {
		t.Errorf("it is not in sight:\n%s", got)
	}
}

func TestUnavailableProbesSayWhy(t *testing.T) {
	s := panetest.Snapshot()
	s.Pods[0].Containers[0].Probes[0].Unavailable = lab.T("경로가 없음", "no way to reach the pod")
	if got := plain(newPane(100, 20, s), panetest.Now()); !strings.Contains(got, "? no way to reach the pod") {
		t.Error(got)
	}
}

func TestWhatComesNextIsTold(t *testing.T) {
	next := probes.Plan{Next: panetest.Now().Add(2500 * time.Millisecond)}
	s := panetest.Snapshot()
	said := map[string]bool{}
	for name, tc := range map[string]struct {
		change func(*lab.Probe)
		want   string
	}{
		"the first attempt":    {func(p *lab.Probe) { p.Streak, p.Plan = 0, next }, "· first in 3 s"},
		"another attempt":      {func(p *lab.Probe) { p.Plan = next }, "next in 3 s"},
		"an attempt under way": {func(p *lab.Probe) { p.Plan = probes.Plan{Next: panetest.Now().Add(-9 * time.Second)} }, "● under way"},
		"the startup probe":    {func(p *lab.Probe) { p.Streak, p.Plan = 0, probes.Plan{Wait: probes.WaitStartup} }, "○ waits for startup"},
		"the next container":   {func(p *lab.Probe) { p.Plan = probes.Plan{Wait: probes.WaitSuccessor} }, "‖ on hold"},
		"a startup probe that succeeded": {func(p *lab.Probe) {
			p.Spec.Kind, p.Verdict, p.Plan = probes.Startup, probes.Passing, probes.Plan{Wait: probes.WaitSuccessor}
		}, "✓ done"},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.Pods[3].Containers[0].Probes[0]
			tc.change(&p)
			row := probe("key", p)
			got := newPane(100, 20, s).next(&row, panetest.Now())
			if got != tc.want || said[got] {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			said[got] = true
		})
	}
}

func TestCaveatsOfTheChosenPodAreTold(t *testing.T) {
	s := panetest.Snapshot()
	caveat := lab.T("노드의 localhost에 묻습니다", "hostNetwork: the node's localhost is asked, where another process may answer")
	for i := range s.Pods {
		for _, kind := range []probes.Kind{probes.Readiness, probes.Liveness} {
			c := &s.Pods[i].Containers[0]
			c.Probes = append(c.Probes, lab.Probe{Spec: probes.Spec{Kind: kind}, Caveats: []lab.Text{caveat}})
		}
	}
	for h, want := range map[int]int{40: 1, 8: 1, 3: 0} {
		got := plain(newPane(60, h, s), panetest.Now())
		if n := strings.Count(got, "• hostNetwork"); n != want || n > 0 && !strings.Contains(got, "process may answer") {
			t.Errorf("in %d lines it is told %d times, want %d:\n%s", h, n, want, got)
		}
	}
}

// At the end of a replay the pods may be gone, not still to come.
func TestWithoutPods(t *testing.T) {
	for replay, want := range map[bool]string{false: "No pods yet.", true: "No pods at this moment."} {
		s := *panetest.Snapshot()
		s.Pods, s.Replay = nil, replay
		if got := plain(newPane(60, 9, &s), panetest.Now()); !strings.Contains(got, want) {
			t.Errorf("replay %v: %q is missing in\n%s", replay, want, got)
		}
	}
}

// Where room is short, why another pod is as it is does not take it from the probe of the chosen one.
func TestTheReasonOfAnotherPodTakesNoRoom(t *testing.T) {
	s := panetest.Snapshot()
	chosen, other := s.Pods[2], s.Pods[0]
	s.ChosenPod = chosen.Name
	p := newPane(90, 2+len(s.Pods), s)
	why := []cause.Cause{{Sentence: lab.T("까닭", "the reason")}}
	p.SetCauses(other, why)
	view := plain(p, panetest.Now())
	if strings.Contains(view, "the reason") || !strings.Contains(view, "readiness probe") {
		t.Errorf("want the probe of the chosen pod, and not why another one was restarted:\n%s", view)
	}
	p.SetCauses(chosen, why)
	view = plain(p, panetest.Now())
	if !strings.Contains(view, "the reason") || !strings.Contains(view, "readiness probe") || !strings.Contains(view, chosen.Name[len(chosen.Name)-5:]) {
		t.Errorf("want the chosen pod, its probe, and why it is as it is:\n%s", view)
	}
}

// What the pane needs does not change when there is something to tell: nothing else moves then.
func TestAReasonMovesNothing(t *testing.T) {
	s := panetest.Snapshot()
	p := newPane(90, 12, s)
	before := p.Needs(90)
	p.SetCauses(s.Pods[0], []cause.Cause{{Sentence: lab.T("까닭", "the reason")}})
	if after := p.Needs(90); after != before {
		t.Errorf("it needs %d lines with a reason, and %d without", after, before)
	}
}
