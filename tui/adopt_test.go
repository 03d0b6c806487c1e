package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// stoppedBy is a snapshot whose last task was stopped by what is somebody else's.
func stoppedBy(revision, task uint64, foreign *lab.Foreign) *lab.Snapshot {
	s := onReal(revision)
	s.Tasks = []lab.Task{{
		ID: task, Line: "kubectl apply -f ~/environment/healthchecks/liveness-app.yaml", State: lab.TaskFailed, Started: tuitest.Now(),
		Problem: lab.T("healthlab이 만들지 않았습니다", "healthlab did not make it"), Foreign: foreign,
	}}
	return s
}

// looked is what comes after the user has looked at the difference.
func looked(revision uint64, stopped *lab.Snapshot, difference lab.Task) *lab.Snapshot {
	s := *stopped
	s.Revision = revision
	difference.ID, difference.Action, difference.Started = s.Tasks[0].ID+1, lab.Compare{Task: s.Tasks[0].ID}, tuitest.Now()
	s.Tasks = append(s.Tasks[:1:1], difference)
	return &s
}

func somebodyElses() *lab.Foreign {
	return &lab.Foreign{
		Objects: []lab.ForeignObject{{Name: "pod/liveness-app", Owner: "kubectl-run", UID: "u"}, {Name: "service/web", Owner: "Helm", UID: "w"}},
		File:    "/home/kim/environment/healthchecks/liveness-app.yaml",
	}
}

var difference = lab.Task{
	State: lab.TaskDone, ExitCode: 1,
	Output: "diff -u -N /tmp/LIVE-1/a /tmp/MERGED-2/a\n--- /tmp/LIVE-1/a\n+++ /tmp/MERGED-2/a\n@@ -3,4 +3,4 @@\n spec:\n" +
		"-  replicas: 2\n+  replicas: 3\n   revisionHistoryLimit: 10\n",
}

func TestForeignDialogs(t *testing.T) {
	controlled := somebodyElses()
	controlled.Objects[1].Controller = "replicaset/shop"
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		for _, lang := range []lab.Lang{lab.Korean, lab.English} {
			open := func(t *testing.T, s *lab.Snapshot, keys ...string) *console {
				c := newConsole(t, size.w, size.h, func(cfg *Config) { cfg.Lang = lang }).withPlainPanes()
				c.publish(s)
				c.press(keys...)
				return c
			}
			name := fmt.Sprintf("%dx%d-%s", size.w, size.h, lang)
			t.Run("choice-"+name, func(t *testing.T) {
				golden.RequireEqual(t, []byte(open(t, stoppedBy(1, 1, somebodyElses())).screen()))
			})
			t.Run("controlled-"+name, func(t *testing.T) {
				golden.RequireEqual(t, []byte(open(t, stoppedBy(1, 1, controlled)).screen()))
			})
			t.Run("difference-"+name, func(t *testing.T) {
				s := stoppedBy(1, 1, somebodyElses())
				c := open(t, s, "1")
				c.publish(looked(2, s, difference))
				golden.RequireEqual(t, []byte(c.screen()))
			})
			t.Run("adopt-"+name, func(t *testing.T) {
				golden.RequireEqual(t, []byte(open(t, stoppedBy(1, 1, somebodyElses()), "2").screen()))
			})
		}
	}
}

func TestChoiceAboutForeignObjects(t *testing.T) {
	const title = "Objects that healthlab did not create"
	look := lab.Compare{Task: 7}
	adopt := lab.Adopt{Task: 7}
	bare := somebodyElses()
	bare.File = ""
	for _, tt := range []struct {
		name    string
		foreign *lab.Foreign
		change  func(*lab.Snapshot)
		keys    string
		then    *lab.Task // what came of looking at the difference
		more    string    // pressed after that
		want    []lab.Action
		screen  string
		lacks   string
	}{
		{name: "the harmless way is the default", keys: "enter", want: []lab.Action{look}},
		{name: "left", keys: "esc", lacks: title},
		{name: "left alone", keys: "4", lacks: title},
		{name: "adopting is not the default", keys: "2 enter", lacks: title},
		{name: "adopted", keys: "2 y", want: []lab.Action{adopt}, lacks: "x — healthlab did not make it"},
		{name: "rehearsed", change: func(s *lab.Snapshot) { s.Cluster.DryRun = true }, keys: "2", screen: "This is a dry run"},
		{name: "another namespace, and back", keys: "3 esc", screen: title},
		{name: "the difference", keys: "1", then: &difference, want: []lab.Action{look}, screen: "+  replicas: 3"},
		{name: "adopted after a look", keys: "1", then: &difference, more: "esc 2 y", want: []lab.Action{look, adopt}},
		{name: "no difference", keys: "1", then: &lab.Task{State: lab.TaskDone}, want: []lab.Action{look}, screen: "the same as on the cluster"},
		{
			name: "a difference that cannot be told", keys: "1", want: []lab.Action{look},
			then: &lab.Task{State: lab.TaskFailed, Problem: lab.T("금지", "the Pod is invalid")}, screen: "the Pod is invalid",
		},
		{name: "a difference on its way", keys: "1", then: &lab.Task{State: lab.TaskRunning}, want: []lab.Action{look}, lacks: title},
		{name: "without a manifest it is left alone", foreign: bare, keys: "enter", lacks: title},
		{
			name: "what another object controls", keys: "2",
			foreign: &lab.Foreign{Objects: []lab.ForeignObject{{Name: "pod/a", Controller: "replicaset/b"}}, File: "/a.yaml"},
			screen:  "The namespace cannot change",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.foreign == nil {
				tt.foreign = somebodyElses()
			}
			c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English })
			s := stoppedBy(1, 7, tt.foreign)
			if tt.change != nil {
				tt.change(s)
			}
			c.send(feedMsg{Snapshot: s, Facts: []lab.Fact{{Kind: lab.FactCommandFailed, Command: lab.FactTask{ID: 7, Line: "x"}, Problem: s.Tasks[0].Problem}}})
			c.wants(title, "pod/")
			c.press(strings.Fields(tt.keys)...)
			actions := c.perform()
			if tt.then != nil {
				c.publish(looked(2, s, *tt.then))
				c.press(strings.Fields(tt.more)...)
				actions = append(actions, c.perform()...)
			}
			if diff := cmp.Diff(tt.want, actions); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
			if tt.screen != "" {
				c.wants(tt.screen)
			}
			if tt.lacks != "" {
				c.lacks(tt.lacks)
			}
		})
	}
}

// The choice comes once for each task, after what is open, and after a failed look only when the step is stopped again.
func TestChoiceComesOnce(t *testing.T) {
	const title = "Objects that healthlab did not create"
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English })
	c.publish(onReal(1))
	c.press("?")
	c.publish(stoppedBy(2, 1, somebodyElses()))
	c.lacks(title)
	c.press("esc")
	c.publish(stoppedBy(3, 1, somebodyElses()))
	c.wants(title)
	c.press("esc")
	c.publish(stoppedBy(4, 1, somebodyElses()))
	c.lacks(title)
	c.publish(stoppedBy(5, 2, somebodyElses()))
	c.wants(title)
	c.session.Fail(errors.New("lost"))
	c.press("1")
	c.perform()
	c.publish(looked(6, stoppedBy(5, 2, somebodyElses()), difference)) // somebody has typed it
	c.lacks(title, "From the cluster to")
	c.publish(stoppedBy(7, 9, somebodyElses()))
	c.wants(title)
}
