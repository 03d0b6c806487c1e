package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/tuitest"
)

func at(labIndex, step int) func(*lab.Snapshot) {
	return func(s *lab.Snapshot) { s.Position.Lab, s.Position.Step, s.Position.Goals = labIndex, step, nil }
}

// withoutImage has a pod wait for an image that the embedded cluster does not have.
func withoutImage(s *lab.Snapshot) {
	c := &s.Pods[0].Containers[0]
	c.State, c.Reason, c.Image = lab.Waiting, "ImagePullBackOff", "node:18"
	c.Message = `Back-off pulling image "node:18": ErrImagePull: healthlab has no image node:18; ` + lab.StandInHint + "kubectl annotate …; the nearest …"
}

// The key of a stand-in is in sight while it helps, and only then.
func TestStandInIsOffered(t *testing.T) {
	con := newConsole(t, 120, 40)
	con.publish(tuitest.Running(1))
	con.lacks("% 대역")
	s := tuitest.Running(2)
	withoutImage(s)
	con.publish(s)
	con.wants("% 대역")
	s = tuitest.Running(3)
	s.Pods[0].Containers[0].StandIn, s.Pods[0].Containers[0].Image = true, "node:18"
	con.publish(s)
	con.lacks("% 대역")
	con.wants("Running (대역)")
}

func TestKeysBecomeActions(t *testing.T) {
	for _, c := range []struct {
		name   string
		from   func(uint64) *lab.Snapshot
		change func(*lab.Snapshot)
		keys   string // separated by blanks
		want   []lab.Action
	}{
		{name: "run the step", keys: "r", want: []lab.Action{lab.RunStep{}}},
		{name: "run the step with Enter", keys: "enter", want: []lab.Action{lab.RunStep{}}},
		{name: "run the step in Hangul mode", keys: "ㄱ", want: []lab.Action{lab.RunStep{}}},
		{name: "next step", keys: "right", want: []lab.Action{lab.GoTo{Lab: 0, Step: 2}}},
		{name: "next step by letter", keys: "n", want: []lab.Action{lab.GoTo{Lab: 0, Step: 2}}},
		{name: "previous step", keys: "left", want: []lab.Action{lab.GoTo{Lab: 0, Step: 0}}},
		{name: "next step is in the next lab", change: at(0, 2), keys: "n", want: []lab.Action{lab.GoTo{Lab: 1, Step: 0}}},
		{name: "previous step is in the lab before", change: at(1, 0), keys: "b", want: []lab.Action{lab.GoTo{Lab: 0, Step: 2}}},
		{name: "nothing before the first", change: at(0, 0), keys: "b"},
		{name: "nothing after the last", change: at(1, 1), keys: "n"},
		{name: "jump by digit", keys: "s 1", want: []lab.Action{lab.GoTo{Lab: 0, Step: 0}}},
		{name: "jump by arrows", keys: "s down enter", want: []lab.Action{lab.GoTo{Lab: 0, Step: 2}}},
		{name: "jump not after all", keys: "s down esc"},
		{name: "hang outside its step asks nothing", keys: "x", want: []lab.Action{lab.Inject{Fault: "hang"}}},
		{name: "hang in its step asks first", change: at(0, 2), keys: "x"},
		{name: "hang after an answer", change: at(0, 2), keys: "x 1", want: []lab.Action{lab.Inject{Fault: "hang"}}},
		{name: "hang after skipping", change: at(0, 2), keys: "x 3", want: []lab.Action{lab.Inject{Fault: "hang"}}},
		{name: "hang, but leave the question", change: at(0, 2), keys: "x esc"},
		{name: "a step without commands runs its fault", change: at(0, 2), keys: "r 2", want: []lab.Action{lab.Inject{Fault: "hang"}}},
		{name: "a question is asked once", change: at(0, 2), keys: "x 1 x", want: []lab.Action{
			lab.Inject{Fault: "hang"}, lab.Inject{Fault: "hang"},
		}},
		{name: "no such fault in this lab", keys: "u"},
		{name: "break readiness", from: tuitest.Breaking, keys: "u", want: []lab.Action{lab.Inject{Fault: "break"}}},
		{name: "repair", from: tuitest.Breaking, keys: "f", want: []lab.Action{lab.Inject{Fault: "repair"}}},
		{name: "repair from the list", from: tuitest.Breaking, keys: "d 2", want: []lab.Action{lab.Inject{Fault: "repair"}}},
		{name: "hang in a lab without", from: tuitest.Breaking, keys: "x"},
		{
			name: "choose a pod", from: tuitest.Breaking, keys: "c 3",
			want: []lab.Action{lab.ChoosePod{Pod: "readiness-deployment-7869b5d679-w8tnp"}},
		},
		{name: "run what asks: no by default", from: tuitest.Breaking, change: at(1, 1), keys: "r enter"},
		{name: "run what asks: no", from: tuitest.Breaking, change: at(1, 1), keys: "r n"},
		{name: "run what asks: yes", from: tuitest.Breaking, change: at(1, 1), keys: "r y", want: []lab.Action{lab.RunStep{Confirmed: true}}},
		{
			name: "run what asks: yes in Hangul mode", from: tuitest.Breaking, change: at(1, 1), keys: "r ㅛ",
			want: []lab.Action{lab.RunStep{Confirmed: true}},
		},
		{name: "reset: no by default", keys: "R enter"},
		{name: "reset: yes", keys: "R left enter", want: []lab.Action{lab.ResetLab{}}},
		{name: "reset the step: no by default", keys: "T enter"},
		{name: "reset the step: yes", keys: "T y", want: []lab.Action{lab.ResetStep{}}},
		{name: "reset in Hangul mode", keys: "ㄲ ㅛ", want: []lab.Action{lab.ResetLab{}}},
		{name: "cancel a task: no by default", from: tuitest.Breaking, keys: "w 1 enter"},
		{name: "cancel a task", from: tuitest.Breaking, keys: "w 1 y", want: []lab.Action{lab.Cancel{Task: 2}}},
		{name: "a stand-in for an image that is not there", change: withoutImage, keys: "%", want: []lab.Action{
			lab.Kubectl{Args: []string{"annotate", "--overwrite", "namespace", "healthchecks", "healthlab/stand-in=true"}},
		}},
		{name: "a stand-in for nothing", keys: "%"},
		{name: "nothing on a lost cluster", change: func(s *lab.Snapshot) { s.Cluster.Phase = lab.Lost }, keys: "r x :"},
		{name: "files can be written before the cluster is there", from: func(uint64) *lab.Snapshot { return tuitest.Starting() }, keys: "r", want: []lab.Action{lab.RunStep{}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t, 80, 24)
			from := tuitest.Running
			if c.from != nil {
				from = c.from
			}
			s := from(1)
			if c.change != nil {
				c.change(s)
			}
			con.publish(s)
			for _, k := range strings.Fields(c.keys) {
				con.press(k)
				con.screen()
			}
			if called := con.session.Actions(); len(called) > 0 {
				t.Fatalf("Update or View called the session: %v", called)
			}
			if d := cmp.Diff(c.want, con.perform()); d != "" {
				t.Errorf("actions (-want +got):\n%s", d)
			}
		})
	}
}

func TestKeyNotPossibleSaysWhy(t *testing.T) {
	for _, c := range []struct {
		name, keys, want string
		change           func(*lab.Snapshot)
	}{
		{name: "no fault of that kind", keys: "u", want: "이 실습에는 그런 장애가 없습니다"},
		{name: "first step", keys: "left", change: at(0, 0), want: "첫 단계입니다"},
		{name: "last step", keys: "right", change: at(1, 1), want: "마지막 단계입니다"},
		{name: "no hint", keys: "i", change: at(0, 2), want: "이 단계에는 힌트가 없습니다"},
		{name: "no pod to break", keys: "x", change: func(s *lab.Snapshot) { s.Pods = nil }, want: "실행 중인 대상 파드(liveness-app)가 없습니다"},
		{name: "no image is missing", keys: "%", want: "대역(stand-in)을 실행할 수 있는 파드가 없습니다"},
		{name: "a cluster without stand-ins", keys: "%", want: "대역(stand-in)은 내장 클러스터에만 있습니다", change: func(s *lab.Snapshot) {
			withoutImage(s)
			s.Cluster.Real, s.Cluster.Preflight = true, &lab.Preflight{}
		}},
		{name: "no error", keys: "v", want: "표시할 오류가 없습니다"},
		{name: "unknown key", keys: "Q", want: "Q 키에는 동작이 없습니다"},
		{
			name: "lost cluster", keys: "r", want: "서버가 답하지 않습니다",
			change: func(s *lab.Snapshot) {
				s.Cluster.Phase, s.Cluster.Problem = lab.Lost, lab.T("서버가 답하지 않습니다", "no answer")
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t, 120, 40)
			s := tuitest.Running(1)
			if c.change != nil {
				c.change(s)
			}
			con.publish(s)
			con.press(c.keys)
			con.wants(c.want)
			if got := con.perform(); len(got) > 0 {
				t.Errorf("actions %v", got)
			}
		})
	}
}

func TestErrorsStayUntilDismissed(t *testing.T) {
	now := &clock{tuitest.Now()}
	c := newConsole(t, 100, 30, func(cfg *Config) { cfg.Now = now.Now })
	c.publish(tuitest.Running(1))
	c.session.Fail(&lab.Error{Msg: lab.T("적용하지 못했습니다", "apply failed"), Cause: errors.New("line 3: bad indentation")})
	c.press("r")
	c.perform()
	c.send(actionFailedMsg{lab.RunStep{}, errors.New("another failure")})
	now.now = now.now.Add(time.Hour)
	c.send(tickMsg{}, feedMsg{Facts: []lab.Fact{{Kind: lab.FactLabDone, Lab: "liveness"}}})
	c.wants("another failure", "외 1건")
	c.press("v")
	c.wants("적용하지 못했습니다: line 3: bad indentation")
	c.press("esc", "esc")
	c.wants("적용하지 못했습니다")
	c.press("l")
	c.wants("apply failed")
	c.press("esc")
	c.lacks("apply failed")
}

func TestFailedCommandStaysUntilDismissed(t *testing.T) {
	now := &clock{tuitest.Now()}
	c := newConsole(t, 100, 30, func(cfg *Config) { cfg.Now = now.Now })
	c.publish(tuitest.Running(1))
	c.send(feedMsg{Facts: []lab.Fact{
		{Kind: lab.FactCommandFailed, Command: lab.FactTask{Line: "kubectl apply"}, Problem: lab.T("거부됨", "refused")},
		{Kind: lab.FactGoalMet, Lab: "liveness", Step: "apply", Goal: "ready"},
	}})
	now.now = now.now.Add(time.Hour)
	c.send(tickMsg{})
	c.wants("kubectl apply — 거부됨")
	c.press("esc")
	c.lacks("kubectl apply — 거부됨")
}

func TestNewsFadesAndTheNextGoalReturns(t *testing.T) {
	now := &clock{tuitest.Now()}
	c := newConsole(t, 100, 30, func(cfg *Config) { cfg.Now = now.Now })
	c.publish(tuitest.Running(1))
	c.wants("목표: liveness-app 파드가 Ready - 파드 1개 중 0개만 Ready입니다")
	c.send(feedMsg{Facts: []lab.Fact{
		{Kind: lab.FactGoalMet, Lab: "liveness", Step: "apply", Goal: "ready"},
		{Kind: lab.FactEndpointJoined, Endpoint: lab.Endpoint{Service: "web", Address: "10.0.0.5", Pod: "p"}},
	}})
	c.wants("목표 달성: liveness-app 파드가 Ready")
	c.lacks("엔드포인트가 들어왔습니다")
	now.now = now.now.Add(newsStays)
	c.send(tickMsg{})
	c.wants("목표: liveness-app 파드가 Ready")
	c.press("o")
	c.wants("엔드포인트가 들어왔습니다")
}

// What was told about a step goes when the student goes on, and what has happened since stays.
func TestNewsOfTheStepBeforeGoes(t *testing.T) {
	c := newConsole(t, 100, 30)
	s := tuitest.Running(1)
	c.publish(s)
	done := lab.Fact{Kind: lab.FactStepDone, Lab: "liveness", Step: "apply"}
	entered := lab.Fact{Kind: lab.FactStepEntered, Lab: "liveness", Step: "hang"}
	c.send(feedMsg{Facts: []lab.Fact{done}})
	c.wants("단계 완료: 파드 배포")
	next := tuitest.Running(2)
	at(0, 2)(next)
	c.send(feedMsg{Snapshot: next, Facts: []lab.Fact{entered}})
	c.lacks("단계 완료: 파드 배포")
	c.send(feedMsg{Facts: []lab.Fact{done, entered, {Kind: lab.FactPodReady, Pod: "liveness-app", Ready: 1, Total: 1}}})
	c.wants("liveness-app: 준비되었습니다")
	c.press("o")
	c.wants("단계 완료: 파드 배포")
}

// A goal of a later step that is met early is shown as met once the student is there, and not announced before.
func TestGoalsOfLaterStepsAreNotAnnounced(t *testing.T) {
	c := newConsole(t, 100, 30)
	c.publish(tuitest.Running(1))
	c.send(feedMsg{Facts: []lab.Fact{
		{Kind: lab.FactGoalMet, Lab: "liveness", Step: "hang", Goal: "restarted"},
		{Kind: lab.FactStepDone, Lab: "liveness", Step: "hang"},
	}})
	c.lacks("목표 달성", "단계 완료: ")
	s := tuitest.Running(2)
	at(0, 2)(s)
	s.Position.Goals = []lab.GoalState{{Goal: tuitest.Labs()[0].Steps[2].Goals[0], Met: true}}
	c.send(feedMsg{Snapshot: s, Facts: []lab.Fact{
		{Kind: lab.FactStepEntered, Lab: "liveness", Step: "hang"},
		{Kind: lab.FactGoalMet, Lab: "liveness", Step: "hang", Goal: "restarted"},
	}})
	c.lacks("목표 달성", "단계 완료: ")
	c.wants("✓ 단계 완료. [→] 다음 단계로", "[✓] RESTARTS가 1 이상")
	back := tuitest.Running(3)
	c.publish(back)
	c.send(feedMsg{Facts: []lab.Fact{{Kind: lab.FactGoalMet, Lab: "liveness", Step: "apply", Goal: "ready"}}})
	c.wants("목표 달성: liveness-app 파드가 Ready")
}

func TestSnapshotsThatGoBackAreIgnored(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Breaking(9))
	c.publish(tuitest.Running(8))
	c.wants("준비성 프로브(Readiness)")
}

func TestAnswerIsComparedWithWhatHappened(t *testing.T) {
	kept := course.Answers{}
	c := newConsole(t, 100, 30, func(cfg *Config) {
		cfg.OnAnswer = func(step string, answer course.Answer) error { kept[step] = answer; return nil }
	})
	s := tuitest.Running(1)
	at(0, 2)(s)
	c.publish(s)
	c.press("x")
	c.wants("RESTARTS는 언제 1이 될까요?", "1초 안에", "45초쯤 뒤에", "건너뛰기")
	c.press("1")
	c.perform()
	c.send(feedMsg{Facts: []lab.Fact{{Kind: lab.FactStepDone, Lab: "liveness", Step: "hang"}}})
	c.wants("예상과 달랐습니다. 정답: 45초쯤 뒤에")
	c.press("o")
	c.wants("유예 시간 30초를")
	if d := cmp.Diff(course.Answers{"liveness/hang": {Option: 0}}, kept); d != "" {
		t.Errorf("answers kept (-want +got):\n%s", d)
	}
}

func TestQuestionsAnsweredInEarlierRuns(t *testing.T) {
	c := newConsole(t, 100, 30, func(cfg *Config) { cfg.Answers = course.Answers{"liveness/hang": {Option: 1}} })
	s := tuitest.Running(1)
	at(0, 2)(s)
	c.publish(s)
	c.press("x")
	if d := cmp.Diff([]lab.Action{lab.Inject{Fault: "hang"}}, c.perform()); d != "" {
		t.Errorf("actions (-want +got):\n%s", d)
	}
	c.press("R", "y")
	c.perform()
	c.press("x")
	c.perform()
	c.wants("RESTARTS는 언제 1이 될까요?")
}

func TestQuitAsksWhileTasksRun(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Running(1))
	_, cmd := c.Update(keyPress("q"))
	if cmd == nil || cmd() != tea.Quit() {
		t.Fatal("q does not quit while nothing runs")
	}
	c.publish(tuitest.Breaking(2))
	c.press("q")
	c.wants("작업 1개가 아직 진행 중입니다")
	c.press("enter")
	c.lacks("작업 1개가 아직 진행 중입니다")
	c.press("q")
	_, cmd = c.Update(keyPress("y"))
	if cmd == nil || cmd() != tea.Quit() {
		t.Fatal("yes does not quit")
	}
	// Who is caught in a dialog gets out by Ctrl+C, also in Hangul mode.
	c.press("n", "q")
	_, cmd = c.Update(tea.KeyPressMsg{Code: 'ㅊ', Mod: tea.ModCtrl})
	if !quits(cmd) {
		t.Fatal("the second request does not quit")
	}
}

// quits looks for a quit among what cmd does.
func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg:
		for _, c := range msg {
			if quits(c) {
				return true
			}
		}
	}
	return false
}

func TestViews(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Breaking(1))
	c.press("4")
	c.wants("▸ [4 이벤트]")
	c.press("z")
	c.lacks("2 파드")
	c.press("tab")
	c.wants("▸ 5 프로브 기록")
	c.press("esc")
	c.wants("2 파드")
	c.press("p")
	c.wants("0:20 / 예정 4분", "█", "2 available")
	c.press("esc", "l")
	c.wants("Readiness probe", "Make one pod not ready")
	c.press("t")
	c.wants("Theme:")
	c.press("m")
	c.wants("The terminal has the mouse")
	if c.View().MouseMode != tea.MouseModeNone {
		t.Error("the mouse is still taken")
	}
	c.press("?")
	c.wants("Help", "export KUBECONFIG=")
	c.press("esc", "i")
	c.wants("This step has no hints")
}

// The focus is never on a pane that cannot be seen.
func TestFocusStaysInSight(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.publish(tuitest.Breaking(1))
	inSight := func(what string) {
		t.Helper()
		if !slices.Contains(c.layout.shown(), c.focus) {
			t.Errorf("after %s the focus is on %s, in sight are %v", what, c.focus, c.layout.shown())
		}
	}
	c.press("3")
	inSight("choosing the replicas")
	c.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	inSight("making the screen smaller")
	if c.focus != Replicas {
		t.Errorf("the focus has moved to %s", c.focus)
	}
	c.press("r")
	inSight("running a step, whose output comes forward")
	for range 20 {
		c.press("tab")
		inSight("Tab")
	}
	c.press("z", "tab", "z")
	inSight("zooming another pane")
	c.press("3")
	c.publish(tuitest.Running(2)) // without a deployment
	inSight("the end of the deployment")
	c.press("3")
	c.wants("아직 디플로이먼트가 없습니다.")
	c.press("z", "tab", "tab", "tab", "tab", "tab", "tab", "tab")
	inSight("a round through all panes")
}

// What a command prints comes into sight, unless the user has chosen to look at something else in this step.
func TestOutputComesForward(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Running(1))
	front := func() PaneID { return c.layout.Columns[0].Places[2].Front }
	c.press("r")
	if front() != Output {
		t.Errorf("running a step shows %s", front())
	}
	c.press("4", "r")
	if front() != Events {
		t.Errorf("the user chose the events, running a step shows %s", front())
	}
	s := tuitest.Running(2)
	s.Position.Step = 0
	c.publish(s)
	c.press("r")
	if front() != Output {
		t.Errorf("running the next step shows %s", front())
	}
}

func TestPresenterCountsDown(t *testing.T) {
	now := &clock{tuitest.Now()}
	c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Now = now.Now })
	s := tuitest.Running(1)
	c.publish(s)
	c.press("p")
	c.wants("다음 시도까지 2초")
	s = tuitest.Running(2)
	s.Pods[0].Containers[0].Grace = &lab.Grace{Since: now.now, Until: now.now.Add(30 * time.Second)}
	c.publish(s)
	now.now = now.now.Add(10 * time.Second)
	c.send(tickMsg{})
	c.wants("SIGKILL까지 20초")
}

func TestSmallScreenSaysWhatItNeeds(t *testing.T) {
	for _, size := range [][2]int{{20, 5}, {1, 1}, {0, 0}, {59, 40}, {200, 3}} {
		c := newConsole(t, size[0], size[1])
		c.publish(tuitest.Breaking(1))
		c.press("?", "z", "p", ":")
		c.screen()
	}
	// What cannot be seen must not be done; leaving always works.
	c := newConsole(t, 40, 10)
	c.publish(tuitest.Breaking(1))
	c.press("r", "u", "R", "y")
	if got := c.perform(); len(got) > 0 {
		t.Errorf("keys on an unusable screen do %v", got)
	}
	if _, cmd := c.Update(keyPress("q")); !quits(cmd) {
		t.Error("q does not quit")
	}
	newConsole(t, 40, 10).wants("40×10", "60×18")
}

func TestMouse(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.publish(tuitest.Breaking(1))
	click := func(x, y int) { c.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }

	places := c.layout.Columns[1].Places
	p := places[len(places)-1]
	tabs := c.tabs(p)
	click(p.X+tabs[2].x, p.Y)
	if c.focus != AppLog {
		t.Errorf("a click on the tab of the app log focuses %s", c.focus)
	}
	c.send(tea.MouseReleaseMsg{})

	before := c.layout.Columns[0].W
	click(c.layout.Columns[1].X-1, 10)
	c.send(tea.MouseMotionMsg{X: c.layout.Columns[1].X + 4, Y: 12}, tea.MouseReleaseMsg{})
	if got := c.layout.Columns[0].W; got != before+5 {
		t.Errorf("the guide is %d cells wide after a drag by 5 from %d", got, before)
	}
	c.screen()

	second := c.layout.Columns[1].Places[1]
	click(second.X+40, second.Y)
	c.send(tea.MouseMotionMsg{X: second.X, Y: second.Y + 2}, tea.MouseReleaseMsg{})
	if got := c.layout.Columns[1].Places[1].Y; got != second.Y+2 {
		t.Errorf("the second place begins at %d after a drag by 2 from %d", got, second.Y)
	}
	c.press("m")
	click(1, 5)
	if c.focus == Guide {
		t.Error("the console takes clicks after it gave the mouse away")
	}
}

// What keys do in the footer and in dialogs can be clicked, too.
func TestMouseInFooterAndDialogs(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.publish(tuitest.Breaking(1))
	click := func(text string) {
		t.Helper()
		for y, line := range strings.Split(c.screen(), "\n") {
			if before, _, ok := strings.Cut(line, text); ok {
				c.send(tea.MouseClickMsg{X: ansi.StringWidth(before) + 1, Y: y, Button: tea.MouseLeft})
				return
			}
		}
		t.Fatalf("no %q to click on:\n%s", text, c.screen())
	}
	click("도움말")
	c.wants("이 단계의 명령을 실행한다")
	c.press("esc", "R")
	click("아니요 (n)")
	c.lacks("아니요 (n)")
	if got := c.perform(); len(got) > 0 {
		t.Errorf("a click on no does %v", got)
	}
	c.press("R")
	click("예 (y)")
	if d := cmp.Diff([]lab.Action{lab.ResetLab{}}, c.perform()); d != "" {
		t.Errorf("a click on yes (-want +got):\n%s", d)
	}
	c.press("c")
	click("w8tnp  1/1")
	if d := cmp.Diff([]lab.Action{lab.ChoosePod{Pod: c.snap.Pods[2].Name}}, c.perform()); d != "" {
		t.Errorf("a click on a pod in the list (-want +got):\n%s", d)
	}
	c.lacks("파드 고르기 ─")
}

func TestCopy(t *testing.T) {
	file := t.TempDir() + "/sub/copied"
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.CopyFile = file })
	c.publish(tuitest.Running(1))
	c.press("y")
	c.perform()
	c.wants("복사했습니다")
	if d := cmp.Diff("kubectl create namespace healthchecks\n"+
		"kubectl apply -f ~/environment/healthchecks/liveness-app.yaml\n", readFile(t, file)); d != "" {
		t.Errorf("file (-want +got):\n%s", d)
	}
}

// A manifest to write is copied with its content, so that it can be pasted.
func TestCopyOfAManifest(t *testing.T) {
	file := t.TempDir() + "/copied"
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.CopyFile = file })
	s := tuitest.Running(1)
	at(0, 0)(s)
	c.publish(s)
	c.wants("~/environment/healthchecks/", "liveness-app.yaml <<'EOF'", "… 파일 내용, 끝에 EOF  [y] 모두 복사")
	c.press("y")
	c.perform()
	if d := cmp.Diff("cat > ~/environment/healthchecks/liveness-app.yaml <<'EOF'\n# liveness-app.yaml\nmetadata:\n"+
		"  namespace: healthchecks\nEOF\n", readFile(t, file)); d != "" {
		t.Errorf("file (-want +got):\n%s", d)
	}
}

func TestSwitchedLanguageIsTold(t *testing.T) {
	var told []lab.Lang
	c := newConsole(t, 80, 24, func(cfg *Config) { cfg.OnLang = func(l lab.Lang) { told = append(told, l) } })
	c.press("l", "l", "l")
	if d := cmp.Diff([]lab.Lang{lab.English, lab.Korean, lab.English}, told); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// Faults are offered only where one of their pods runs: by name and by labels.
func TestFaultOfOtherPodsIsNotOffered(t *testing.T) {
	c := newConsole(t, 120, 40)
	s := tuitest.Running(1) // only liveness-app is there
	at(1, 0)(s)
	c.publish(s)
	c.lacks("u 준비 해제")
	c.lacks("[r]")
	c.wants("지금은 실행할 수 없음", "→ 실행 중인 대상 파드(app=readiness-deployment)가 없습니다. 먼저 배포하십시오")
	for _, key := range []string{"u", "r"} {
		c.press(key)
		c.wants("실행 중인 대상 파드(app=readiness-deployment)가 없습니다. 먼저 배포하십시오")
	}
	if got := c.perform(); len(got) > 0 {
		t.Errorf("actions %v", got)
	}
	c.publish(tuitest.Breaking(2))
	c.wants("u 준비 해제", "[r] 준비 파일 지우기")
}

func TestResetThatIsRefusedForgetsNoAnswer(t *testing.T) {
	c := newConsole(t, 100, 30, func(cfg *Config) { cfg.Answers = course.Answers{"liveness/hang": {Option: 1}} })
	s := tuitest.Running(1)
	at(0, 2)(s)
	c.publish(s)
	c.session.Fail(errors.New("lost"))
	c.press("R", "y")
	c.perform()
	c.session.Fail(nil)
	c.press("esc", "x")
	if d := cmp.Diff([]lab.Action{lab.Inject{Fault: "hang"}}, c.perform()); d != "" {
		t.Errorf("actions (-want +got):\n%s", d)
	}
}

func TestHelpNamesThePaneKeysAsTheyAre(t *testing.T) {
	c := newConsole(t, 100, 60)
	c.press("?")
	c.wants("1-8 ")
	c = newConsole(t, 100, 60, func(cfg *Config) { cfg.Keys = map[string][]string{"pane-guide": {"g"}} })
	c.press("?")
	c.wants("g 2 3 4 5 6 7")
	c.lacks("1-8 ")
}

func TestPresenterShowsWarnings(t *testing.T) {
	c := newConsole(t, 100, 40, func(cfg *Config) { cfg.Presenter = true })
	s := tuitest.Running(1)
	c.publish(s)
	c.lacks(c.style.Glyphs.Warn)
	warned := *tuitest.Running(2)
	warned.Pods[0].Containers[0].Probes[0].Recent[7].Warning = true
	c.publish(&warned)
	c.wants(c.style.Glyphs.Warn)
}
