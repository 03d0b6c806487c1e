package plain

import (
	"testing"
	"testing/synctest"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// stoppedBy is a snapshot after a task was stopped by what is somebody else's, and more tasks after that.
func stoppedBy(revision uint64, foreign *lab.Foreign, more ...lab.Task) *lab.Snapshot {
	s := at(tuitest.Running(revision), revision, 0, 1)
	s.Tasks = append([]lab.Task{{
		ID: 7, Line: "kubectl apply -f ~/a.yaml", State: lab.TaskFailed, Started: tuitest.Now(),
		Problem: lab.T("healthlab이 만들지 않았습니다", "healthlab did not make it"), Foreign: foreign,
	}}, more...)
	return s
}

func TestChoiceAboutForeignObjects(t *testing.T) {
	pod := &lab.Foreign{Objects: []lab.ForeignObject{{Name: "pod/liveness-app", Owner: "kubectl-run"}}, File: "/home/kim/a.yaml"}
	look, adopt := lab.Compare{Task: 7}, lab.Adopt{Task: 7}
	for _, tt := range []struct {
		name    string
		foreign *lab.Foreign
		lang    lab.Lang
		typed   []string
		hears   []string
		want    []lab.Action
	}{
		{
			"left by default", pod, lab.English,
			[]string{""},
			[]string{
				"Reason: healthlab did not make it\n", "healthlab did not create them: pod/liveness-app, owner kubectl-run. Nothing was changed.",
				"Number 1: Hear the difference\n", "Number 2: Adopt it; asks first\n", "Number 3: Use another namespace\n",
				"Enter alone leaves it unchanged.\n", "Left unchanged.\n",
			},
			nil,
		},
		{
			"in Korean", pod, lab.Korean,
			[]string{""},
			[]string{"pod/liveness-app, 소유자 kubectl-run. 아무것도 바꾸지 않았습니다.", "1번: 차이 듣기\n", "그대로 둡니다.\n"},
			nil,
		},
		{"another namespace", pod, lab.English, []string{"3"}, []string{"--namespace NAME or --student NAME"}, nil},
		{"adopting asks, and the default is no", pod, lab.English, []string{"2", ""}, []string{"Adopt this?", "Nothing was done.\n"}, nil},
		{"adopted", pod, lab.English, []string{"2", "y"}, []string{"Adopt this?"}, []lab.Action{adopt}},
		{"the difference", pod, lab.English, []string{"1"}, []string{"Number 1: Hear the difference\n"}, []lab.Action{look}},
		{
			"controlled by another object", &lab.Foreign{Objects: []lab.ForeignObject{{Name: "pod/a", Controller: "replicaset/b"}}}, lab.English,
			[]string{"1"},
			[]string{"pod/a, controlled by replicaset/b.", "Number 1: Use another namespace\n", "--namespace NAME"},
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := start(t, tt.lang, at(tuitest.Running(1), 1, 0, 1))
				u.publish(stoppedBy(2, tt.foreign))
				u.types(tt.typed...)
				u.hears(tt.hears...)
				u.did(tt.want...)
			})
		})
	}
}

func TestDifferenceIsToldBeforeItIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pod := &lab.Foreign{Objects: []lab.ForeignObject{{Name: "pod/liveness-app"}}, File: "/a.yaml"}
		u := start(t, lab.English, at(tuitest.Running(1), 1, 0, 1))
		u.publish(stoppedBy(2, pod))
		u.types("1")
		u.said()
		diff := lab.Task{ID: 8, Action: lab.Compare{Task: 7}, Line: "kubectl diff -f /a.yaml", State: lab.TaskRunning, Started: tuitest.Now()}
		u.publish(stoppedBy(3, pod, diff))
		u.silent()
		diff.State, diff.Output = lab.TaskDone, "+  replicas: 3\n"
		u.publish(stoppedBy(4, pod, diff))
		u.hears("+  replicas: 3\n", "Done.\n", "What do you want to do?\n", "Number 2: Adopt it")
		u.types("2", "y")
		u.did(lab.Compare{Task: 7}, lab.Adopt{Task: 7})
		u.said()
		u.publish(stoppedBy(5, pod, diff))
		u.silent()
	})
}
