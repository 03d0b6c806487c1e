package cause

import (
	"fmt"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

func well(name string) lab.Pod {
	return lab.Pod{
		Name: name, UID: "uid-" + name, Node: "n", Phase: "Running", Ready: true, Created: zero, Acknowledged: zero,
		Containers: []lab.Container{{Name: "app", State: lab.Running, StartedAt: at(1), Started: true, Ready: true}},
	}
}

func TestSubject(t *testing.T) {
	restarted, crashed, done := well("restarted"), well("crashed"), well("done")
	restarted.Restarts = 1
	c := &restarted.Containers[0]
	c.Restarts, c.Last = 1, &lab.Termination{ExitCode: 1, Reason: "Error", StartedAt: zero, FinishedAt: at(1)}
	crashed.Ready, crashed.Restarts = false, 2
	crashed.Containers[0] = lab.Container{
		Name: "app", State: lab.Waiting, Reason: "CrashLoopBackOff", Restarts: 2,
		Last: &lab.Termination{ExitCode: 3, Reason: "Error", StartedAt: zero, FinishedAt: at(1)},
	}
	done.Ready, done.Phase = false, "Succeeded"
	for _, tt := range []struct {
		name   string
		pods   []lab.Pod
		chosen string
		want   string // the pod and the codes
	}{
		{"no pods", nil, "", " []"},
		{"all is well", []lab.Pod{well("a"), well("b")}, "b", "b []"},
		{"the chosen one", []lab.Pod{crashed, restarted}, "restarted", "restarted [exit]"},
		{"another, as the chosen one is well", []lab.Pod{well("a"), crashed}, "a", "crashed [crash-loop]"},
		{"none is chosen", []lab.Pod{well("a"), restarted}, "", "restarted [exit]"},
		{"one that has done its work is well", []lab.Pod{done, well("a")}, "a", "a []"},
		{"unless it is chosen", []lab.Pod{done, well("a")}, "done", "done [succeeded]"},
		{"one that is gone is chosen", []lab.Pod{well("a")}, "b", " []"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pod, causes := Subject(&lab.Snapshot{Pods: tt.pods, ChosenPod: tt.chosen}, time.Time{})
			var codes []Code
			for _, c := range causes {
				codes = append(codes, c.Code)
			}
			if got := fmt.Sprint(pod.Name, " ", codes); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// Without the right to see events it is said that they are missing, and nothing is concluded from that there is none.
func TestEventsThatMayNotBeSeen(t *testing.T) {
	pod := well("a")
	pod.Restarts = 1
	pod.Containers[0].Restarts = 1
	pod.Containers[0].Last = &lab.Termination{ExitCode: 137, Reason: "Error", StartedAt: zero, FinishedAt: at(1)}
	s := &lab.Snapshot{Pods: []lab.Pod{pod}, ChosenPod: "a", Cluster: lab.Cluster{Denied: []string{"events"}}}
	_, causes := Subject(s, time.Time{})
	if len(causes) != 1 || causes[0].Code != KilledUnknown || len(causes[0].Unknown) == 0 {
		t.Errorf("got %+v", causes)
	}
}

func TestLines(t *testing.T) {
	c := Cause{Container: "app", About: Restart, Sentence: lab.T("끝났습니다", "It ended")}
	one, two := well("a"), well("b")
	two.Init = []lab.Container{{Name: "init"}}
	if got := c.Line(one); got != lab.T("왜 재시작했나: 끝났습니다", "Why restarted: It ended") {
		t.Errorf("one container: %v", got)
	}
	if got := c.Line(two); got != lab.T("app, 왜 재시작했나: 끝났습니다", "Why restarted, app: It ended") {
		t.Errorf("several: %v", got)
	}
}

// BenchmarkSubject is what a snapshot costs that is as full as a session makes it.
func BenchmarkSubject(b *testing.B) {
	s := &lab.Snapshot{ChosenPod: "pod-1"}
	for i := range 50 {
		s.Pods = append(s.Pods, well(fmt.Sprintf("pod-%d", i)))
	}
	s.Pods[1].Restarts, s.Pods[1].Containers[0].Restarts = 1, 1
	s.Pods[1].Containers[0].Last = &lab.Termination{ExitCode: 137, Reason: "Error", StartedAt: zero, FinishedAt: at(1)}
	for i := range 200 {
		s.Events = append(s.Events, lab.Event{UID: fmt.Sprint(i), Reason: "Unhealthy", ObjectKind: "Pod", ObjectName: fmt.Sprintf("pod-%d", i%3), Last: at(i), First: at(i)})
	}
	for i := range 500 {
		s.Attempts = append(s.Attempts, lab.Attempt{Pod: "pod-1", Container: "app", Attempt: probes.Attempt{Key: probes.Key{Pod: "uid-pod-1"}, Start: at(i)}})
		s.Log = append(s.Log, lab.LogLine{At: at(i), Text: "GET /health"})
	}
	for b.Loop() {
		Subject(s, time.Time{})
	}
}
