package guide

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func labs() []lab.Lab {
	return []lab.Lab{{
		ID: "liveness", Title: lab.T("활성 프로브", "Liveness"),
		Steps: []lab.Step{{ID: "first"}, {
			ID: "hang", Title: lab.T("앱 멈추기", "Hang the app"),
			Body: lab.T("## 무슨 일이 일어납니까\n\n**준비성(readiness)**은 트래픽을, **활성**은 재시작을 정합니다. `kubectl`을 쓰면 "+
				"**`RESTARTS`**가 보입니다.\n\n- 첫째 항목은 한 줄보다 길어서 다음 줄로 넘어가는데 낱말은 잘리지 않아야 합니다.\n"+
				"- 둘째\n\n```sh\nkubectl get pods\n```\n\n| 종류 | 뜻 |\n|---|---|\n| liveness | 다시 시작 |\n",
				"## What happens\n\n**Liveness** decides about restarts.\n"),
			Commands: []lab.Command{{Line: "kubectl -n {namespace} exec {pod} -- /bin/kill -s SIGUSR1 1"}},
			Question: &lab.Question{
				Prompt:  lab.T("RESTARTS가 늘어납니까?", "Does RESTARTS rise?"),
				Options: []lab.Text{lab.T("예", "Yes"), lab.T("아니요", "No")},
				Because: lab.T("컨테이너가 다시 시작됩니다.", "The container is restarted."),
			},
		}},
	}}
}

func newPane() *Pane {
	p := New(labs(), "")
	p.SetKeys("r", "n", "y")
	return p
}

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, newPane(),
		panetest.Size{W: 38, H: 20, Lang: lab.Korean},
		panetest.Size{W: 60, H: 30, Lang: lab.English},
		panetest.Size{W: 100, H: 45, Lang: lab.Korean})
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, newPane()) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, newPane()) }

func TestWhatToDoNextIsAlwaysInSight(t *testing.T) {
	p := newPane()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSnapshot(panetest.Snapshot())
	for h := 1; h < 40; h++ {
		p.SetSize(60, h)
		if view := ansi.Strip(p.View(panetest.Now())); !strings.Contains(view, "[r] run the commands") {
			t.Errorf("height %d does not say what to do next:\n%s", h, view)
		}
	}
}

func TestNoAsterisksAreShown(t *testing.T) {
	for name, text := range map[string]string{
		"particle after a parenthesis": "**준비성(readiness)**은 다릅니다",
		"particle after code":          "**`kubectl`**을 씁니다",
		"quotes":                       "그것은 **\"정상\"**으로 봅니다",
		"two in a line":                "**하나(1)**와 **둘(2)**를",
	} {
		t.Run(name, func(t *testing.T) {
			style := theme.New(theme.Dark, theme.Options{})
			got := ansi.Strip(strings.Join(markdown(text, 60, &style), "\n"))
			want := strings.NewReplacer("**", "", "`", "").Replace(text)
			if diff := cmp.Diff(want, strings.TrimRight(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnswersStandBesideWhatHappened(t *testing.T) {
	p := newPane()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(60, 30)
	s := panetest.Snapshot()
	p.SetSnapshot(s)
	p.SetAnswers(course.Answers{"liveness/hang": {Option: 1}})
	view := func() string { return ansi.Strip(p.View(panetest.Now())) }
	if got := view(); !strings.Contains(got, "▸ 2. No") {
		t.Errorf("the answer is not marked:\n%s", got)
	}
	s.Position.Goals = []lab.GoalState{{Met: true}}
	p.SetSnapshot(s)
	if got := view(); !strings.Contains(got, "✗ You expected: No") || !strings.Contains(got, "✓ Yes") {
		t.Errorf("the answer is not compared with what happened:\n%s", got)
	}
	p.SetAnswers(course.Answers{"liveness/hang": {Option: course.Skipped}})
	if got := view(); strings.Contains(got, "expected") {
		t.Errorf("a skipped question has an answer:\n%s", got)
	}
}

func TestListsHang(t *testing.T) {
	style := theme.New(theme.Dark, theme.Options{})
	text := "앞의 문장도 **굵은 글씨(bold)**를 담고 넘어갑니다.\n\n- 첫째 항목은 `code`를 담고 다음 줄로 넘어갑니다.\n" +
		"- 둘째\n\n1. 번호가 있는 항목도 다음 줄로 넘어갑니다.\n"
	var got []string
	for _, line := range markdown(text, 24, &style) {
		got = append(got, strings.TrimRight(ansi.Strip(line), " "))
	}
	want := []string{
		"앞의 문장도 굵은", "글씨(bold)를 담고", "넘어갑니다.", "",
		"• 첫째 항목은 code를", "  담고 다음 줄로", "  넘어갑니다.", "• 둘째", "",
		"1. 번호가 있는 항목도", "   다음 줄로 넘어갑니다.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Where there is no room for how else the commands can be run, what comes after them is still said.
func TestTheNextStepIsNotCutOff(t *testing.T) {
	p := New([]lab.Lab{{ID: "l", Steps: []lab.Step{{ID: "look", Commands: []lab.Command{{Line: "kubectl get pods"}}}, {ID: "last"}}}}, "")
	p.SetKeys("r", "n", "y")
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSnapshot(&lab.Snapshot{Cluster: lab.Cluster{Phase: lab.Up}})
	p.SetSize(43, 10)
	if view := ansi.Strip(p.View(panetest.Now())); !strings.Contains(view, "→ [r] run  [n] next step") {
		t.Errorf("it is cut off:\n%s", view)
	}
}

func TestWhatToDoNext(t *testing.T) {
	labs := []lab.Lab{{
		ID: "l", Faults: []lab.Fault{{ID: "hang", Title: lab.Text{En: "Hang the app"}, Line: "kubectl exec {pod} -- kill"}},
		Steps: []lab.Step{
			{ID: "read"},
			{ID: "run", Commands: []lab.Command{{Line: "kubectl get pods"}, {Line: "kubectl get deploy"}}},
			{ID: "fault", Fault: "hang"},
			{ID: "last"},
		},
	}}
	since := panetest.Now()
	task := func(step string, index int, state lab.TaskState, after time.Duration) lab.Task {
		return lab.Task{Of: &lab.StepCommand{Lab: "l", Step: step, Index: index}, State: state, Started: since.Add(after)}
	}
	unmet, met := lab.GoalState{Goal: lab.Goal{ID: "g"}}, lab.GoalState{Goal: lab.Goal{ID: "g"}, Met: true}
	for name, tc := range map[string]struct {
		step  int
		goals []lab.GoalState
		tasks []lab.Task
		want  string
		lacks string // what is not there yet
	}{
		"to read":     {step: 0, want: "→ [n] next step"},
		"to run":      {step: 1, goals: []lab.GoalState{unmet}, want: "→ [r] run the commands or type them"},
		"under way":   {step: 1, goals: []lab.GoalState{unmet}, tasks: []lab.Task{task("run", 0, lab.TaskRunning, 1)}, want: "● running"},
		"half way":    {step: 1, goals: []lab.GoalState{unmet}, tasks: []lab.Task{task("run", 0, lab.TaskDone, 1)}, want: "→ [r] run the commands or type them"},
		"was before":  {step: 1, tasks: []lab.Task{task("run", 0, lab.TaskDone, -1), task("run", 1, lab.TaskDone, -1)}, want: "→ [r] run the commands or type them  [n] next step"},
		"has run":     {step: 1, tasks: []lab.Task{task("run", 0, lab.TaskDone, 1), task("run", 1, lab.TaskDone, 2)}, want: "→ [n] next step"},
		"has failed":  {step: 1, goals: []lab.GoalState{unmet}, tasks: []lab.Task{task("run", 0, lab.TaskFailed, 1), task("run", 1, lab.TaskDone, 2)}, want: "→ [r] run the commands or type them"},
		"to wait":     {step: 1, goals: []lab.GoalState{unmet}, tasks: []lab.Task{task("run", 0, lab.TaskDone, 1), task("run", 1, lab.TaskDone, 2)}, want: "· waiting for the goals"},
		"fault":       {step: 2, goals: []lab.GoalState{unmet}, want: "→ [r] Hang the app"},
		"fault done":  {step: 2, goals: []lab.GoalState{unmet}, tasks: []lab.Task{task("fault", 0, lab.TaskDone, 1)}, want: "· waiting for the goals"},
		"complete":    {step: 2, goals: []lab.GoalState{met}, want: "✓ Step complete. [n] next step"},
		"nowhere":     {step: 9, want: "Loading the guide."},
		"to the end":  {step: 3, want: "→ This is the last step."},
		"end reached": {step: 3, goals: []lab.GoalState{met}, want: "✓ Step complete. This is the last step."},
		"no cluster":  {step: 1, want: "→ cannot be run now  [n] next step", lacks: "cluster"},
		"no pod":      {step: 2, goals: []lab.GoalState{unmet}, want: "→ cannot be run now", lacks: "pod"},
	} {
		t.Run(name, func(t *testing.T) {
			p := New(labs, "")
			p.SetKeys("r", "n", "y")
			p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
			p.SetSize(60, 1)
			snapshot := &lab.Snapshot{
				Cluster: lab.Cluster{Phase: lab.Up}, Pods: []lab.Pod{{Name: "p", Phase: "Running"}}, ChosenPod: "p",
				Position: lab.Position{Step: tc.step, Goals: tc.goals, Since: since}, Tasks: tc.tasks,
			}
			p.SetSnapshot(snapshot)
			lacking := *snapshot
			switch tc.lacks {
			case "cluster":
				lacking.Cluster.Phase = lab.Lost
			case "pod":
				lacking.Pods = nil
			}
			p.SetSnapshot(&lacking)
			if got := strings.TrimRight(ansi.Strip(p.View(since)), " "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
