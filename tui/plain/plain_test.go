package plain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// user sits before a Run and a session that does only what the test says.
type user struct {
	t       *testing.T
	session *tuitest.Session
	lines   chan string
	begun   chan bool
	out     page
	read    int // how much of out was looked at
	ended   chan error
	answers map[string]int
	cancel  context.CancelFunc
}

// page is what was printed. Its lock tells the race detector what the clock of a bubble does not: who came first.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// start runs with a first snapshot. It must be called in a synctest bubble.
func start(t *testing.T, lang lab.Lang, first *lab.Snapshot) *user {
	t.Helper()
	return startWith(t, lang, tuitest.Labs(), first)
}

func startWith(t *testing.T, lang lab.Lang, labs []lab.Lab, first *lab.Snapshot) *user {
	t.Helper()
	u := &user{
		t: t, session: tuitest.NewSession(), lines: make(chan string), begun: make(chan bool), ended: make(chan error, 1), answers: map[string]int{},
	}
	ctx, cancel := context.WithCancel(t.Context())
	u.cancel = cancel
	t.Cleanup(cancel)
	go func() {
		u.ended <- Run(ctx, Config{
			Lab: u.session, Labs: labs, Lang: lang, Lines: u.lines, Begun: u.begun, Out: &u.out, Edit: u.edit,
			OnAnswer: func(step string, answer int) error { u.answers[step] = answer; return nil },
		})
	}()
	u.publish(first)
	return u
}

// edit is an editor that makes three replicas of two, and needs a terminal of its own.
func (u *user) edit(_ context.Context, path string) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.ReplaceAll(before, []byte("replicas: 2"), []byte("replicas: 3")), 0o600)
}

func (u *user) publish(s *lab.Snapshot) {
	u.session.Publish(s)
	synctest.Wait()
}

func (u *user) types(lines ...string) {
	for _, line := range lines {
		u.lines <- line
		synctest.Wait()
	}
}

// said is what was printed since it was asked for last.
func (u *user) said() string {
	all := u.out.String()
	said := all[u.read:]
	u.read = len(all)
	return said
}

// hears checks that the lines come in this order in what was said since it was called last.
func (u *user) hears(want ...string) {
	u.t.Helper()
	said := u.said()
	rest := said
	for _, w := range want {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			u.t.Errorf("%q was not said, or not in this order; what was said:\n%s", w, said)
			return
		}
		rest = after
	}
}

func (u *user) silent() {
	u.t.Helper()
	if said := u.said(); said != "" {
		u.t.Errorf("said without need:\n%s", said)
	}
}

func (u *user) did(want ...lab.Action) {
	u.t.Helper()
	if diff := cmp.Diff(want, u.session.Actions()); diff != "" {
		u.t.Errorf("actions (-want +got):\n%s", diff)
	}
}

func (u *user) ends() error {
	synctest.Wait()
	select {
	case err := <-u.ended:
		return err
	default:
		u.t.Fatal("it goes on")
		return nil
	}
}

func met(s *lab.Snapshot, revision uint64) *lab.Snapshot {
	next := *s
	next.Revision = revision
	next.Position.Goals = nil
	for _, g := range s.Position.Goals {
		next.Position.Goals = append(next.Position.Goals, lab.GoalState{Goal: g.Goal, Met: true})
	}
	return &next
}

func at(s *lab.Snapshot, revision uint64, l, step int) *lab.Snapshot {
	next := *s
	next.Revision, next.Position.Lab, next.Position.Step, next.Position.Goals = revision, l, step, nil
	for _, g := range tuitest.Labs()[l].Steps[step].Goals {
		next.Position.Goals = append(next.Position.Goals, lab.GoalState{
			Goal: g, Why: lab.Text{Ko: "RESTARTS가 0입니다", En: "RESTARTS is 0"},
		})
	}
	return &next
}

func TestStory(t *testing.T) {
	for _, tt := range []struct {
		name                       string
		lang                       lab.Lang
		page, run, done, next, bye []string
	}{
		{
			name: "Korean", lang: lab.Korean,
			page: []string{
				"활성 프로브(Liveness), 3단계 중 2단계: 파드 배포.\n", "파드를 배포하고 Ready가 되기를 기다립니다.\n", "이 단계의 명령:\n",
				"kubectl create namespace healthchecks\n", "이 단계의 목표:\n- liveness-app 파드가 Ready\n", "Enter를 누르면 이 단계의 명령을 실행합니다.",
			},
			run:  []string{"명령을 실행합니다. 끝나면 알립니다.\n"},
			done: []string{"목표 달성: Ready. 시작 후 0초.\n", "단계를 마쳤습니다. Enter를 누르면 다음 단계로 갑니다: 앱을 멈추고 지켜보기. 이 단계의 명령을 실행하려면 r을 입력하십시오.\n"},
			next: []string{"3단계 중 3단계: 앱을 멈추고 지켜보기.\n", "Enter를 누르면 실행합니다: 앱 멈추기.\n"},
			bye:  []string{"모르는 명령입니다: 아무거나."},
		},
		{
			name: "English", lang: lab.English,
			page: []string{
				"Liveness probe, step 2 of 3: Deploy the pod.\n", "Deploy the pod and wait until it is Ready.\n", "Commands of this step:\n",
				"kubectl apply -f ~/environment/healthchecks/liveness-app.yaml\n", "Goals of this step:\n- The pod liveness-app is Ready\n",
				"Press Enter to run the commands of this step",
			},
			run:  []string{"Running the commands. You will be told when they have ended.\n"},
			done: []string{"Goal met: Ready. 0 seconds in.\n", "Step complete. Press Enter for the next step: Hang the app and watch. Type r to run"},
			next: []string{"step 3 of 3: Hang the app and watch.\n", "Press Enter to do this: Hang the app.\n"},
			bye:  []string{"This is no command: 아무거나."},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := tuitest.Running(1)
				u := start(t, tt.lang, first)
				u.hears(tt.page...)
				u.types("")
				u.hears(tt.run...)
				u.session.Tell(lab.Fact{Seq: 1, At: time.Now(), Kind: lab.FactGoalMet, Text: lab.Text{Ko: "목표 달성: Ready", En: "goal met: Ready"}})
				u.publish(met(first, 2))
				u.hears(tt.done...)
				u.types("")
				u.silent()
				u.publish(at(first, 3, 0, 2))
				u.hears(tt.next...)
				u.types("아무거나")
				u.hears(tt.bye...)
				u.did(lab.RunStep{}, lab.GoTo{Lab: 0, Step: 2})
				u.types("q")
				if err := u.ends(); err != nil {
					t.Errorf("after q: %v", err)
				}
			})
		})
	}
}

// With the Korean input method on, letters come as Hangul; Korean and English words are commands too.
func TestKoreanInput(t *testing.T) {
	for _, tt := range []struct {
		typed string
		want  lab.Action
	}{
		{"ㅜ", lab.GoTo{Lab: 0, Step: 2}},
		{"다음", lab.GoTo{Lab: 0, Step: 2}},
		{"N", lab.GoTo{Lab: 0, Step: 2}},
		{"ㅠ", lab.GoTo{Lab: 0, Step: 0}},
		{"back", lab.GoTo{Lab: 0, Step: 0}},
		{"ㄱ", lab.RunStep{}},
		{"ㅜㄷㅌㅅ", lab.GoTo{Lab: 0, Step: 2}},
		{"ㄴ 4", lab.GoTo{Lab: 1, Step: 0}},
		{"s4", lab.GoTo{Lab: 1, Step: 0}},
		{"단계 4", lab.GoTo{Lab: 1, Step: 0}},
		{"ㅌ", lab.Inject{Fault: "hang"}},
		{":get pods", lab.Kubectl{Args: []string{"get", "pods"}}},
		{"ㅏ ㅎㄷㅅ ㅔㅐㅇㄴ -A", lab.Kubectl{Args: []string{"get", "pods", "-A"}}},
		{"ㅏ get pods -o 'jsonpath={.items}'", lab.Kubectl{Args: []string{"get", "pods", "-o", "jsonpath={.items}"}}},
		{"kubectl get pods", lab.Kubectl{Args: []string{"get", "pods"}}},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := start(t, lab.Korean, tuitest.Running(1))
				u.types(tt.typed)
				u.did(tt.want)
			})
		})
	}
}

func TestEndOfInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		close(u.lines)
		if err := u.ends(); err != nil {
			t.Errorf("after the end of the input: %v", err)
		}
		u.hears("The input has ended, so this ends too.\n")
	})
}

func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		u.cancel()
		if err := u.ends(); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	})
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestOutputThatCannotBeWrittenEndsIt(t *testing.T) {
	session := tuitest.NewSession()
	session.Publish(tuitest.Running(1))
	err := Run(t.Context(), Config{Lab: session, Labs: tuitest.Labs(), Lines: make(chan string), Out: closedPipe{}})
	if err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("error %v, want the pipe's", err)
	}
}

func TestQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, at(tuitest.Running(1), 1, 0, 2))
		u.types("")
		u.hears("A question first. When will RESTARTS become 1?\n", "Number 1: Within a second\n",
			"Number 2: After about 45 seconds\n", "Type a number from 1 to 2 and Enter. Enter alone goes on without an answer.\n")
		u.types("7")
		u.hears("There is no such number: 7\n", "Type a number from 1 to 2 and Enter.")
		u.did()
		u.types("1")
		u.hears("Doing it: Hang the app. The app stops answering.\n")
		u.did(lab.Inject{Fault: "hang"})
		if diff := cmp.Diff(map[string]int{"liveness/hang": 0}, u.answers); diff != "" {
			t.Errorf("answers kept (-want +got):\n%s", diff)
		}
		u.session.Tell(lab.Fact{Seq: 1, At: time.Now(), Kind: lab.FactStepDone, Lab: "liveness", Step: "hang", Text: lab.Text{En: "step done"}})
		synctest.Wait()
		u.hears("You expected 'Within a second', but it was 'After about 45 seconds'. The grace period is 30 seconds.\n")
		u.types("x")
		u.hears("Doing it: Hang the app.") // it is asked once
	})
}

func TestSkippedQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.Korean, at(tuitest.Running(1), 1, 0, 2))
		u.types("x", "")
		u.did(lab.Inject{Fault: "hang"})
		if diff := cmp.Diff(map[string]int{"liveness/hang": -1}, u.answers); diff != "" {
			t.Errorf("answers kept (-want +got):\n%s", diff)
		}
	})
}

func TestConfirmations(t *testing.T) {
	cleanup := at(tuitest.Breaking(1), 1, 1, 1)
	cleanup.Tasks = nil
	for _, tt := range []struct {
		name  string
		typed []string
		ask   string
		want  []lab.Action
	}{
		{"nothing is no", []string{"r", ""}, "Delete the deployment? Type y and Enter for yes; Enter alone is no.\n", nil},
		{"anything but yes is no", []string{"r", "sure"}, "Delete the deployment?", nil},
		{"y", []string{"r", "y"}, "Delete the deployment?", []lab.Action{lab.RunStep{Confirmed: true}}},
		{"y with the Korean input method on", []string{"r", "ㅛ"}, "Delete the deployment?", []lab.Action{lab.RunStep{Confirmed: true}}},
		{"no reset without consent", []string{"R", "n"}, "begin again at its first step?", nil},
		{"reset", []string{"R", "네"}, "begin again at its first step?", []lab.Action{lab.ResetLab{}}},
		{"reset with the Korean input method on", []string{"ㄲ", "ㅛ"}, "begin again at its first step?", []lab.Action{lab.ResetLab{}}},
		{"no reset of the step without consent", []string{"t", ""}, "delete what its commands have made?", nil},
		{"reset of the step", []string{"다시", "y"}, "delete what its commands have made?", []lab.Action{lab.ResetStep{}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := start(t, lab.English, cleanup)
				u.types(tt.typed...)
				u.hears(tt.ask)
				u.did(tt.want...)
			})
		})
	}
}

func TestChoosePod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Breaking(1)
		u := start(t, lab.English, s)
		u.types("c")
		u.hears("Which pod?\n", "Number 1: Pod "+s.Pods[0].Name+": READY 1/1, STATUS Running, RESTARTS 0.\n",
			"Number 2: Pod "+s.Pods[1].Name+": READY 0/1, STATUS Running, RESTARTS 0, the chosen pod.\n")
		u.types("3", "c 1", "c", "")
		u.did(lab.ChoosePod{Pod: s.Pods[2].Name}, lab.ChoosePod{Pod: s.Pods[0].Name})
	})
}

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Breaking(1))
		u.types("h")
		u.hears(
			"You are in Readiness probe, step 1 of 2, ",
			"Connected to cluster healthlab, namespace healthchecks.\n",
			"READY 0/1, STATUS Running, RESTARTS 0, the chosen pod.\n",
			"Readiness probe: 3 failures in a row, threshold 1, ",
			"Deployment readiness-deployment, Replicas: 3 desired, 3 updated, 3 total, 2 available, 1 unavailable.\n",
			"Service readiness-service, address 10.0.0.5, ", "gets traffic.\n",
			"address 10.0.0.6, ", "gets no traffic.\n",
		)
	})
}

func TestTasks(t *testing.T) {
	task := lab.Task{ID: 9, Line: "kubectl get pods", Took: 400 * time.Millisecond}
	for _, tt := range []struct {
		name  string
		state lab.TaskState
		want  []string
	}{
		{"done", lab.TaskDone, []string{"Output of kubectl get pods:\nNAME  READY\na     1/1\n", "Done: kubectl get pods\n"}},
		{"failed", lab.TaskFailed, []string{"Failed: kubectl get pods\n", "Reason: no such pod\n", "type i for a hint"}},
		{"cancelled", lab.TaskCanceled, []string{"Cancelled: kubectl get pods\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := start(t, lab.English, tuitest.Running(1))
				u.hears("Press Enter")
				ended := task
				ended.State, ended.Output = tt.state, "NAME  \x1b[1mREADY\x1b[0m\r\na     1/1\n\n"
				ended.Problem = lab.Text{En: "no such pod"}
				s := tuitest.Running(2)
				s.Tasks = append(s.Tasks, ended)
				u.publish(s)
				u.hears(append(tt.want, "Press Enter to run the commands")...)
				again := *s
				again.Revision = 3
				u.publish(&again)
				u.silent()
			})
		})
	}
}

// During a wait it is said what is waited for, after ten seconds of silence and only if that has changed.
func TestReminders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := at(tuitest.Running(1), 1, 0, 2)
		s.Position.Since = time.Now()
		s.Tasks = []lab.Task{{
			ID: 1, Line: "kubectl -n healthchecks exec liveness-app -- /bin/kill -s SIGUSR1 1", State: lab.TaskDone, Started: time.Now(),
		}}
		u := start(t, lab.English, s)
		u.hears("Waiting for the goals.")
		time.Sleep(quiet + time.Second)
		synctest.Wait()
		u.hears("Waiting. Goal: RESTARTS is 1 or more. RESTARTS is 0.\n")
		time.Sleep(3 * quiet)
		synctest.Wait()
		u.silent()

		killing := *s
		killing.Revision = 2
		killing.Pods = []lab.Pod{s.Pods[0]}
		killing.Pods[0].Containers = []lab.Container{s.Pods[0].Containers[0]}
		killing.Pods[0].Containers[0].Grace = &lab.Grace{Since: time.Now(), Until: time.Now().Add(30 * time.Second)}
		u.publish(&killing)
		time.Sleep(2*quiet + time.Second)
		synctest.Wait()
		u.hears("of the grace period are left; until then the pod looks as it did.\n", "of the grace period are left")
	})
}

func TestLanguageAndHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.Korean, tuitest.Running(1))
		u.types("i", "ㅑ", "힌트")
		u.hears("힌트 1, 모두 2개. 네임스페이스를 먼저 만듭니다.", "힌트 2, 모두 2개. 이벤트를 봅니다.", "힌트 1, 모두 2개.")
		u.types("ㅣ")
		u.hears("step 2 of 3: Deploy the pod.")
		u.types("g")
		u.hears("Not met yet: The pod liveness-app is Ready. Reason: 0 of 1 pods are Ready.\n")
		u.types("?")
		u.hears("n or next: go to the next step.\n", "capital R or reset", "q or quit: quit.\n")
	})
}

// A session's first snapshot may be made before its goals are looked at.
func TestGoalsNotLookedAtYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Position.Goals = nil
		u := start(t, lab.English, s)
		u.types("g")
		u.hears("Not met yet: The pod liveness-app is Ready.\n")
	})
}

func TestRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		u.session.Fail(&lab.Error{Msg: lab.Text{En: "the cluster is still starting"}})
		u.types("r")
		u.hears("Not possible now. The cluster is still starting.\n", "Press Enter to run the commands of this step")
	})
}

func TestSentences(t *testing.T) {
	got := sentences("# Title\n\nOne **bold** sentence\nover two lines. Another `x`? Yes.\n\n- an item\n  that goes on\n- second\n\n```yaml\na: 1\n  b: 2\n```\n**To do:** go.\n")
	want := []string{
		"Title", "One bold sentence over two lines.", "Another x?", "Yes.", "- an item that goes on", "- second", "a: 1", "  b: 2", "To do: go.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
}

// What happens while a line is being typed is told after it, in order.
func TestNewsWaitForTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		u.hears("Press Enter")
		u.begun <- true
		go u.session.Tell(lab.Fact{Seq: 1, At: time.Now(), Kind: lab.FactPodReady, Pod: "liveness-app", Text: lab.Text{En: "liveness-app: Ready"}})
		u.publish(tuitest.Running(2))
		time.Sleep(3 * quiet)
		u.silent()
		u.types("g")
		u.begun <- false
		synctest.Wait()
		u.hears("Not met yet: ", "liveness-app: Ready. 0 seconds in.\n")

		u.begun <- true
		go u.session.Tell(lab.Fact{Seq: 2, At: time.Now(), Kind: lab.FactPodReady, Text: lab.Text{En: "again"}})
		synctest.Wait()
		u.silent()
		u.begun <- false // taken back
		synctest.Wait()
		u.hears("Again. 30 seconds in.\n")
	})
}

// A command that was long in typing is obeyed as things are by then.
func TestALineIsObeyedAsThingsAreNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		u := start(t, lab.English, s)
		u.said()
		u.begun <- true
		done := met(s, 2)
		done.Facts = 2
		u.publish(done)
		go func() {
			u.session.Tell(lab.Fact{Seq: 1, At: time.Now(), Kind: lab.FactGoalMet, Text: lab.Text{En: "goal met: Ready"}})
			u.session.Tell(lab.Fact{Seq: 2, At: time.Now(), Kind: lab.FactStepDone, Text: lab.Text{En: "step done: Deploy"}})
		}()
		u.types("g")
		u.hears("Goal met: Ready.", "Step done: Deploy.", "Met: The pod liveness-app is Ready.", "Step complete.")
	})
}

// What has led to a state is told before the state.
func TestFactsComeBeforeTheirSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		u := start(t, lab.English, s)
		u.said()
		done := met(s, 2)
		done.Facts = 1
		done.Tasks = append(slices.Clone(s.Tasks),
			lab.Task{ID: 8, Line: "kubectl get pods", State: lab.TaskDone, Started: time.Now()},
			lab.Task{ID: 9, Line: "kubectl get events", State: lab.TaskDone, Started: time.Now().Add(time.Second)})
		u.publish(done)
		u.silent()
		u.session.Tell(lab.Fact{Seq: 1, At: time.Now(), Kind: lab.FactGoalMet, Text: lab.Text{En: "goal met: Ready"}})
		synctest.Wait()
		u.hears("Done: kubectl get pods\n", "Goal met: Ready.", "Done: kubectl get events\n", "Step complete.")
	})
}

func TestSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Position.Done = [][]bool{{true, false, false}, {false, false}}
		u := start(t, lab.English, s)
		u.said()
		u.types("s")
		u.hears("Which step?\n", "Number 1: Liveness probe, step 1, ", ", done.\n", "Number 2: Liveness probe, step 2, Deploy the pod, you are here.\n",
			"Number 5: Readiness probe, step 2, ", "Type a number from 1 to 5 and Enter. Enter alone leaves it.\n")
		u.types("")
		u.hears("Nothing was chosen.\n", "Press Enter")
		u.types("s", "2")
		u.hears("Liveness probe, step 2 of 3: Deploy the pod.\n")
		u.types("s", "5")
		u.did(lab.GoTo{Lab: 1, Step: 1})
	})
}

// Whoever types a command instead of an answer has changed their mind.
func TestACommandInsteadOfAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, at(tuitest.Running(1), 1, 0, 2))
		u.types("x", "g")
		u.hears("A question first.", "Not met yet: RESTARTS is 1 or more.", "Press Enter to do this")
		u.did()
		u.types("x")
		u.hears("A question first.")
	})
}

func TestFaultsNeedAPod(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(s *lab.Snapshot)
		want   string
	}{
		{"no pods", func(s *lab.Snapshot) { s.Pods = nil }, "There is no running pod for this."},
		{"no cluster", func(s *lab.Snapshot) { s.Cluster.Phase = lab.Starting }, "The cluster is starting."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := at(tuitest.Running(1), 1, 0, 2)
				tt.change(s)
				u := start(t, lab.English, s)
				u.types("x")
				u.hears(tt.want)
				u.did()
				if len(u.answers) > 0 {
					t.Errorf("the question was asked in vain: %v", u.answers)
				}
			})
		})
	}
}

func TestEdit(t *testing.T) {
	for _, tt := range []struct {
		name, content, answer string
		want                  []string
		acts                  bool
	}{
		{
			"changed and applied", "kind: Deployment\nreplicas: 2\n", "y",
			[]string{
				"Opening the file app.yaml in your editor.", "Line 2 removed: replicas: 2\nLine 2 added: replicas: 3\n",
				"Apply the changed file app.yaml to the cluster? Type y and Enter for yes", "Applying it.\n",
			},
			true,
		},
		{"changed and not applied", "replicas: 2\n", "", []string{"Apply the changed file", "Nothing was done.\n"}, false},
		{"not changed", "replicas: 1\n", "", []string{"Nothing was changed in the file app.yaml.\n"}, false},
		{"not there", "", "", []string{"There is no file ", "app.yaml yet. Run the commands of the step that writes it first.\n"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "app.yaml")
			if tt.content != "" {
				if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				s := tuitest.Running(1)
				s.Dir = dir
				labs := tuitest.Labs()
				labs[0].Manifests = []string{"app.yaml"}
				u := startWith(t, lab.English, labs, s)
				u.types("e")
				if tt.answer != "" || tt.want[0] == "Apply the changed file" {
					u.types(tt.answer)
				}
				u.hears(tt.want...)
				if tt.acts {
					u.did(lab.Kubectl{Args: []string{"apply", "-n", "healthchecks", "-f", path}})
				} else {
					u.did()
				}
			})
		})
	}
}

func TestPastCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Tasks = []lab.Task{
			{ID: 1, Line: "cat > a.yaml", State: lab.TaskDone, Took: time.Second, Note: lab.Text{En: "wrote the file a.yaml"}},
			{ID: 2, Line: "kubectl get pods -w", State: lab.TaskRunning, Started: time.Now().Add(-5 * time.Second)},
		}
		u := start(t, lab.English, s)
		u.hears("Wrote the file a.yaml.\nDone, 1 second: cat > a.yaml\n")
		u.types("w")
		u.hears("Number 1: Running, 5 seconds: kubectl get pods -w\n", "Number 2: Done, 1 second: cat > a.yaml\n")
		u.types("2")
		u.hears("Wrote the file a.yaml.\n")
		u.types("z")
		u.hears("Cancelling: kubectl get pods -w\n")
		u.types("q")
		u.hears("Commands still running: 1. Stop them and quit?")
		u.types("")
		u.hears("Nothing was done.")
		u.did(lab.Cancel{Task: 2})
	})
}

// A step whose goals somebody has met before it was entered is not passed over: its commands are there to be seen.
func TestAStepThatWasDoneBefore(t *testing.T) {
	for _, tt := range []struct {
		name string
		met  time.Duration // after the step was entered
		want string
	}{
		{"before it was entered", -time.Minute, "Press Enter to run its commands. Type n for the next step.\n"},
		{"since then", time.Second, "Step complete. Press Enter for the next step: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := met(tuitest.Running(1), 1)
				s.Position.Since = time.Now()
				for i := range s.Position.Goals {
					s.Position.Goals[i].MetAt = s.Position.Since.Add(tt.met)
				}
				u := start(t, lab.English, s)
				u.hears(tt.want)
			})
		})
	}
}

// No two commands answer to one name, and each can be typed by its letter, in both languages and with the Korean input
// method on.
func TestNames(t *testing.T) {
	c := &console{verbs: verbs()}
	seen := map[string]string{}
	for _, v := range c.verbs {
		for _, name := range append([]string{v.letter, v.word, v.korean}, v.others...) {
			if other, taken := seen[name]; taken {
				t.Errorf("%q is both %s and %s", name, other, v.word)
			}
			seen[name] = v.word
			if got, rest, ok := c.find(name + " 1"); !ok || got.word != v.word || rest != "1" {
				t.Errorf("%q is taken for %q %q", name, got.word, rest)
			}
		}
		if v.does.Ko == "" || v.does.En == "" {
			t.Errorf("%s is not described in both languages", v.word)
		}
	}
}
