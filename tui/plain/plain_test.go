package plain

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

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
			done: []string{"목표 달성: liveness-app 파드가 Ready. 시작 후 0초.\n", "단계를 마쳤습니다. Enter를 누르면 다음 단계로 갑니다: 앱을 멈추고 지켜보기. 그래도 실행하려면 r 명령을 입력하십시오.\n"},
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
			run:  []string{"Running the commands. You will be told when they finish.\n"},
			done: []string{"Goal met: The pod liveness-app is Ready. 0 seconds after the start.\n", "Step complete. Press Enter for the next step: Hang the app and watch. Type r to run"},
			next: []string{"step 3 of 3: Hang the app and watch.\n", "Press Enter to do this: Hang the app.\n"},
			bye:  []string{"Unknown command: 아무거나."},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first := tuitest.Running(1)
				u := start(t, tt.lang, first)
				u.hears(tt.page...)
				u.types("")
				u.hears(tt.run...)
				u.session.Tell(lab.Fact{At: time.Now(), Kind: lab.FactGoalMet, Lab: "liveness", Step: "apply", Goal: "ready"})
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

func TestEndOfInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		close(u.lines)
		if err := u.ends(); err != nil {
			t.Errorf("after the end of the input: %v", err)
		}
		u.hears("End of input. Quitting.\n")
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

func TestOutputThatCannotBeWrittenEndsIt(t *testing.T) {
	session := tuitest.NewSession()
	session.Publish(tuitest.Running(1))
	err := Run(t.Context(), Config{Lab: session, Labs: tuitest.Labs(), Lines: make(chan string), Out: closedPipe{}})
	if err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("error %v, want the pipe's", err)
	}
}

func TestTasks(t *testing.T) {
	task := lab.Task{ID: 9, Line: "kubectl get pods", Took: 400 * time.Millisecond}
	for _, tt := range []struct {
		name  string
		state lab.TaskState
		want  []string
	}{
		{"done", lab.TaskDone, []string{"Output: kubectl get pods\nNAME  READY\na     1/1\n", "Done.\n"}},
		{"failed", lab.TaskFailed, []string{"Output: kubectl get pods\n", "Failed.\n", "Reason: no such pod\n", "type i for a hint"}},
		{"cancelled", lab.TaskCanceled, []string{"Output: kubectl get pods\n", "Canceled.\n"}},
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
			ID: 1, Action: lab.Inject{Fault: "hang", Pod: "liveness-app"}, Of: &lab.StepCommand{Lab: "liveness", Step: "hang"},
			Line: "kubectl -n healthchecks exec liveness-app -- /bin/kill -s SIGUSR1 1", State: lab.TaskDone, Started: time.Now(),
		}}
		u := start(t, lab.English, s)
		u.hears("Waiting for the goals.")
		u.waits(quiet + time.Second)
		u.hears("Waiting. Goal: RESTARTS is 1 or more. RESTARTS is 0.\n")
		u.waits(3 * quiet)
		u.silent()

		killing := *s
		killing.Revision = 2
		killing.Pods = []lab.Pod{s.Pods[0]}
		killing.Pods[0].Containers = []lab.Container{s.Pods[0].Containers[0]}
		killing.Pods[0].Containers[0].Grace = &lab.Grace{Since: time.Now(), Until: time.Now().Add(30 * time.Second)}
		u.publish(&killing)
		u.waits(2*quiet + time.Second)
		u.hears("the grace period ends in 21 seconds. Until then the pod looks unchanged.\n", "the grace period ends in 11 seconds.")
	})
}

// What happens while a line is being typed is told after it, in order.
func TestNewsWaitForTheLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		u.hears("Press Enter")
		u.begun <- true
		u.session.Tell(lab.Fact{At: time.Now(), Kind: lab.FactPodReady, Pod: "liveness-app", Ready: 1, Total: 1})
		u.publish(tuitest.Running(2))
		u.waits(3 * quiet)
		u.silent()
		u.types("g")
		u.begun <- false
		synctest.Wait()
		u.hears("liveness-app: ready (1/1). 0 seconds after the start.\n", "Not met yet: ")

		u.begun <- true
		u.session.Tell(lab.Fact{
			At: time.Now(), Kind: lab.FactEndpointJoined, Endpoint: lab.Endpoint{Service: "web", Address: "10.0.0.1", Pod: "p"},
		})
		synctest.Wait()
		u.silent()
		u.begun <- false // taken back
		synctest.Wait()
		u.hears("Service web: endpoint 10.0.0.1 (p) joined. 30 seconds after the start.\n")
	})
}

// A command that was long in typing is obeyed as things are by then.
func TestALineIsObeyedAsThingsAreNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		u := start(t, lab.English, s)
		u.said()
		u.begun <- true
		u.publish(met(s, 2),
			lab.Fact{At: time.Now(), Kind: lab.FactGoalMet, Lab: "liveness", Step: "apply", Goal: "ready"},
			lab.Fact{At: time.Now(), Kind: lab.FactStepDone, Lab: "liveness", Step: "apply"})
		u.types("g")
		u.hears("Goal met: The pod liveness-app is Ready.", "Step done: Deploy the pod.", "Met: The pod liveness-app is Ready.", "Step complete.")
	})
}

// What has led to a state is told before the state.
func TestFactsComeBeforeTheirSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		u := start(t, lab.English, s)
		u.said()
		done := met(s, 2)
		done.Tasks = append(slices.Clone(s.Tasks),
			lab.Task{ID: 8, Line: "kubectl get pods", State: lab.TaskDone, Started: time.Now()},
			lab.Task{ID: 9, Line: "kubectl get events", State: lab.TaskDone, Started: time.Now().Add(time.Second)})
		u.publish(done, lab.Fact{At: time.Now(), Kind: lab.FactGoalMet, Lab: "liveness", Step: "apply", Goal: "ready"})
		u.hears("Done: kubectl get pods\n", "Goal met: The pod liveness-app is Ready.", "Done: kubectl get events\n", "Step complete.")
	})
}

// A goal of a later step that is met early is told with that step's page, and not before.
func TestGoalsOfLaterStepsAreNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		u := start(t, lab.English, s)
		u.said()
		early := []lab.Fact{
			{At: time.Now(), Kind: lab.FactGoalMet, Lab: "liveness", Step: "hang", Goal: "restarted"},
			{At: time.Now(), Kind: lab.FactStepDone, Lab: "liveness", Step: "hang"},
		}
		next := *s
		next.Revision = 2
		u.publish(&next, early...)
		u.silent()
		u.publish(met(at(s, 2, 0, 2), 3), append([]lab.Fact{{At: time.Now(), Kind: lab.FactStepEntered, Lab: "liveness", Step: "hang"}}, early...)...)
		if said := u.said(); !strings.Contains(said, "- RESTARTS is 1 or more, met already\n") || strings.Contains(said, "Goal met") {
			t.Errorf("said:\n%s", said)
		}
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
