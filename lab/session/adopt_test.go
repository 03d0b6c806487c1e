package session

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
)

func TestAdopt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		foreign := &lab.Foreign{Objects: []lab.ForeignObject{{Name: "pod/web-1", Owner: "kubectl-run", UID: "u"}}, File: "/app.yaml"}
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "apply" })
		h.cluster.answers["create namespace healthchecks"] = answer{err: &lab.Error{Msg: text("exists"), Cause: foreign}}
		h.do(lab.RunStep{})
		tasks := h.now().Tasks
		if len(tasks) != 1 || tasks[0].State != lab.TaskFailed || tasks[0].Problem != text("exists") {
			t.Fatalf("tasks %+v", tasks)
		}
		if diff := cmp.Diff(foreign, tasks[0].Foreign); diff != "" {
			t.Errorf("what stopped the step (-want +got):\n%s", diff)
		}
		if why := h.refused(lab.Adopt{Task: tasks[0].ID + 1}); !strings.Contains(why, "nothing to adopt") {
			t.Errorf("adopting for a task that was not stopped: %s", why)
		}
		if len(h.cluster.adopted) > 0 {
			t.Errorf("adopted unasked: %v", h.cluster.adopted)
		}
		h.do(lab.Adopt{Task: tasks[0].ID})
		if diff := cmp.Diff(foreign.Objects, h.cluster.adopted); diff != "" {
			t.Errorf("adopted (-want +got):\n%s", diff)
		}
		if last := h.now().Tasks[1]; last.State != lab.TaskDone || last.Output != "labeled\n" || last.Title.En != "adopt pod/web-1" || last.Foreign != nil {
			t.Errorf("task %+v", last)
		}
	})
}

func TestDiffThatDiffersHasNotFailed(t *testing.T) {
	for _, tt := range []struct {
		name string
		line string
		answer
		want lab.TaskState
	}{
		{"the same", "diff -f a.yaml", answer{}, lab.TaskDone},
		{"different", "diff -f a.yaml", answer{output: "-  a: error: 1\n+  a: 2\n", code: 1}, lab.TaskDone},
		{"not found out", "diff -f a.yaml", answer{output: "Error from server\n", code: 2}, lab.TaskFailed},
		{"not understood", "diff -f a.yaml", answer{output: "error: unknown flag\n", code: 1}, lab.TaskFailed},
		{"another command", "get pods", answer{code: 1}, lab.TaskFailed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := start(t, nil)
				h.cluster.answers[tt.line] = tt.answer
				h.do(lab.Kubectl{Args: strings.Fields(tt.line)})
				got := h.now().Tasks[0]
				if got.State != tt.want || got.Note.IsZero() == (tt.want == lab.TaskDone && tt.code == 1) {
					t.Errorf("task %+v", got)
				}
			})
		})
	}
}
