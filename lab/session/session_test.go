package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
)

func TestFirstSnapshotIsThereBeforeRun(t *testing.T) {
	s := New(Config{Labs: twoLabs(), Cluster: lab.Cluster{Name: "c", Components: []lab.Component{{Name: "etcd"}}}})
	snapshot := latest(s)
	if snapshot.Revision == 0 || snapshot.Cluster.Phase != lab.Starting || len(snapshot.Cluster.Components) != 1 {
		t.Errorf("first snapshot: %+v", snapshot)
	}
}

func TestComponentsAreSeenWhileConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) {
			c.Connect = func(ctx context.Context, progress func(lab.Component)) (Cluster, error) {
				progress(lab.Component{Name: "etcd", State: lab.ComponentStarting})
				progress(lab.Component{Name: "api", State: lab.ComponentWaiting})
				progress(lab.Component{Name: "etcd", State: lab.ComponentReady})
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		want := []lab.Component{{Name: "etcd", State: lab.ComponentReady}, {Name: "api", State: lab.ComponentWaiting}}
		if diff := cmp.Diff(want, h.now().Cluster.Components); diff != "" {
			t.Errorf("components (-want +got):\n%s", diff)
		}
		if why := h.refused(lab.Kubectl{Args: []string{"get", "pods"}}); !strings.Contains(why, "still starting") {
			t.Errorf("refused with %q", why)
		}
		if _, err := h.session.Complete(t.Context(), []string{"get", ""}); err == nil || !strings.Contains(err.Error(), "still starting") {
			t.Errorf("completion without a cluster: %v", err)
		}
	})
}

func TestFailedConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) {
			c.Connect = func(context.Context, func(lab.Component)) (Cluster, error) {
				return nil, &lab.Error{Msg: text("no start"), Cause: fmt.Errorf("listen: %w", &lab.Error{Msg: text("port taken")})}
			}
		})
		if c := h.now().Cluster; c.Phase != lab.Failed || c.Problem != text("no start: port taken") {
			t.Errorf("cluster %+v", c)
		}
		if why := h.refused(lab.Kubectl{Args: []string{"get"}}); !strings.Contains(why, "port taken") {
			t.Errorf("refused with %q", why)
		}
	})
}

func TestSnapshotsAreCoalescedAndRestWhenNothingChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.pass(time.Second)
		before := h.published()
		h.pass(time.Minute)
		if h.published() != before {
			t.Errorf("%d snapshots although nothing changed", h.published()-before)
		}
		for i := range 100 { // within a second
			h.cluster.changes <- lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Available: i}}
			<-time.After(10 * time.Millisecond)
		}
		h.settle()
		if n := h.published() - before; n < 5 || n > 12 {
			t.Errorf("%d snapshots for a second of changes", n)
		}
		if got := h.now().Deployments[0].Available; got != 99 {
			t.Errorf("last snapshot shows change %d", got)
		}
	})
}

func TestFileThatAppearsMeetsItsGoal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab = "readiness" })
		before := h.published()
		h.pass(time.Minute)
		if h.published() != before {
			t.Errorf("%d snapshots while nothing happened", h.published()-before)
		}
		if err := os.WriteFile(filepath.Join(h.config.Dir, "app.yaml"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		h.pass(2 * time.Second)
		if !h.now().Position.Goals[0].Met {
			t.Errorf("goals %+v", h.now().Position.Goals)
		}
	})
}

func TestOlderSnapshotsStayAsTheyWere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.send(lab.PodChanged{Pod: web(true)})
		old := h.now()
		pods, attempts := slices.Clone(old.Pods), slices.Clone(old.Attempts)
		recent := slices.Clone(old.Pods[0].Containers[0].Probes)
		h.cluster.setHealthy(false)
		h.pass(time.Minute)
		h.send(lab.PodChanged{Pod: web(false)})
		if diff := cmp.Diff(pods, old.Pods); diff != "" {
			t.Errorf("pods of a published snapshot changed:\n%s", diff)
		}
		if diff := cmp.Diff(recent, old.Pods[0].Containers[0].Probes); diff != "" {
			t.Errorf("probes of a published snapshot changed:\n%s", diff)
		}
		if diff := cmp.Diff(attempts, old.Attempts); diff != "" {
			t.Errorf("attempts of a published snapshot changed:\n%s", diff)
		}
		if len(h.now().Attempts) <= len(attempts) {
			t.Error("no attempts since")
		}
	})
}

func TestClusterEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.told()
		h.send(lab.LinkChanged{Ended: true, Problem: text("the disk is full")})
		if c := h.now().Cluster; c.Phase != lab.Failed || c.Problem != text("the disk is full") {
			t.Errorf("cluster %+v", c)
		}
		if diff := cmp.Diff([]string{"ClusterEnded the cluster stopped unexpectedly: the disk is full"}, h.told()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestConnectionLostAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		if c := h.now().Cluster; c.Phase != lab.Up || c.Version != "v1.37.2" || c.Name != "fake" {
			t.Errorf("cluster %+v", c)
		}
		h.send(lab.PodChanged{Pod: web(true)})
		h.told()
		heard := time.Now().Add(-20 * time.Second)
		h.send(lab.LinkChanged{Problem: text("refused"), Since: heard})
		if c := h.now().Cluster; c.Phase != lab.Lost || c.Problem != text("refused") || !c.Since.Equal(heard) || len(h.now().Pods) != 1 {
			t.Errorf("cluster %+v, pods %v", c, h.now().Pods)
		}
		attempts := len(h.now().Attempts)
		h.pass(time.Minute)
		if got := len(h.now().Attempts); got != attempts {
			t.Errorf("%d attempts while the cluster is lost", got-attempts)
		}
		if why := h.refused(lab.RunStep{}); why == "" {
			t.Error("a step can be run although the cluster is lost")
		}
		h.send(lab.LinkChanged{Up: true})
		if h.now().Cluster.Phase != lab.Up || !h.now().Cluster.Problem.IsZero() {
			t.Errorf("cluster %+v", h.now().Cluster)
		}
		if len(h.now().Attempts) == attempts {
			t.Error("probing did not go on")
		}
		want := []string{"ClusterLost the connection to the cluster is lost: refused", "ClusterUp connected to cluster fake"}
		if diff := cmp.Diff(want, h.told()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestObserverAndKubeletWitness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.send(lab.PodChanged{Pod: web(true)})
		h.pass(4 * time.Second)
		h.told()
		h.cluster.setHealthy(false)
		h.pass(10 * time.Second)
		unhealthy := lab.Event{
			UID: "e", Reason: "Unhealthy", ObjectKind: "Pod", ObjectName: "web-1", ObjectUID: "uid-1", Container: "app", Count: 1,
			Message: "Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n", Last: time.Now(),
		}
		twice := unhealthy
		twice.Count = 2
		h.send(lab.EventChanged{Event: unhealthy}, lab.EventChanged{Event: twice})
		p := h.now().Pods[0].Containers[0].Probes[0]
		if p.Verdict != probes.Failing || p.Outcome != probes.Failure || p.KubeletFailures != 2 || len(p.Recent) < 4 {
			t.Errorf("probe %+v", p)
		}
		h.cluster.setHealthy(true)
		h.pass(8 * time.Second)
		again := unhealthy
		again.Count = 3
		h.send(lab.EventChanged{Event: again})
		want := []string{
			"ProbeFailed web-1: readiness probe failed 1/3 — cat: can't open '/tmp/healthy': No such file or directory",
			"ProbeFailed web-1: readiness probe failed 2/3 — cat: can't open '/tmp/healthy': No such file or directory",
			"ProbeRecovered web-1: the readiness probe succeeds again",
			"ProbeFailed web-1: readiness probe failed 1/3 — cat: can't open '/tmp/healthy': No such file or directory",
		}
		if diff := cmp.Diff(want, h.told()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		restarted := web(true)
		restarted.Restarts, restarted.Containers[0].Restarts, restarted.Containers[0].ID = 1, 1, "run-2"
		h.send(lab.PodChanged{Pod: restarted})
		if p := h.now().Pods[0].Containers[0].Probes[0]; p.KubeletFailures != 0 {
			t.Errorf("the new run inherits %d failures", p.KubeletFailures)
		}
	})
}

func TestWarningsAreToldOnceForEachReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.send(lab.PodChanged{Pod: web(true)})
		h.told()
		warning := func(uid, reason, message string) lab.EventChanged {
			return lab.EventChanged{Event: lab.Event{
				UID: uid, Type: "Warning", Reason: reason, ObjectKind: "Pod", ObjectName: "web-1", ObjectUID: "uid-1", Count: 1,
				Message: message, Last: time.Now(),
			}}
		}
		normal := warning("n", "Pulled", "Container image already present")
		normal.Event.Type = "Normal"
		stranger := warning("s", "FailedMount", "of an earlier pod")
		stranger.Event.ObjectUID = "uid-0"
		notMade := warning("r", "FailedCreate", "exceeded quota")
		notMade.Event.ObjectKind, notMade.Event.ObjectName, notMade.Event.ObjectUID = "ReplicaSet", "web", "uid-rs"
		h.send(
			warning("1", "FailedCreatePodSandBox", "sandbox 7f: no network"), normal, stranger, notMade,
			warning("2", "FailedCreatePodSandBox", "sandbox a3: no network"), warning("3", "NodeNotReady", "Node is not ready"),
		)
		want := []string{
			"Warning web-1: sandbox 7f: no network", "Warning web: exceeded quota", "Warning web-1: Node is not ready",
		}
		if diff := cmp.Diff(want, h.told()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestTheFirstAttemptIsCountedDownTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		p := web(false)
		p.Containers[0].Started = false
		p.Containers[0].Probes[0].Spec.InitialDelay = 5 * time.Second
		waiting := p
		waiting.Containers = slices.Clone(p.Containers)
		waiting.Containers[0].State = lab.Waiting
		plan := func() probes.Plan { return h.now().Pods[0].Containers[0].Probes[0].Plan }
		h.send(lab.PodChanged{Pod: waiting})
		if got := plan(); got != (probes.Plan{}) {
			t.Errorf("without a container: %+v", got)
		}
		h.send(lab.PodChanged{Pod: p})
		if got := plan(); got.Wait != probes.WaitStartup {
			t.Errorf("before the container has started: %+v", got)
		}
		p.Containers = slices.Clone(p.Containers)
		p.Containers[0].Started = true
		h.send(lab.PodChanged{Pod: p})
		planned := plan().Next
		if left := time.Until(planned); left < 4*time.Second || left > 6*time.Second {
			t.Errorf("the first attempt is planned %s ahead", left)
		}
		h.pass(time.Until(planned) + time.Second)
		if got := h.now().Attempts; len(got) != 1 || !got[0].Start.Equal(planned) {
			t.Errorf("attempts %+v, planned for %s", got, planned)
		}
		if got := plan().Next; got.Sub(planned) != 3*time.Second {
			t.Errorf("the second one is planned for %s", got)
		}
	})
}

func TestGraceCountdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		p := web(true)
		p.Containers[0].Probes[0].Spec.Kind = probes.Liveness
		h.send(lab.PodChanged{Pod: p}, lab.EventChanged{Event: lab.Event{
			UID: "k", Reason: "Killing", ObjectKind: "Pod", ObjectName: "web-1", ObjectUID: "uid-1", Container: "app", Count: 1,
			Message: "Container app failed liveness probe, will be restarted", Last: time.Now().Add(time.Second),
		}})
		grace := h.now().Pods[0].Containers[0].Grace
		if grace == nil || grace.Until.Sub(grace.Since) != 30*time.Second {
			t.Fatalf("grace %+v", grace)
		}
		p.Containers = slices.Clone(p.Containers)
		p.Restarts, p.Containers[0].Restarts, p.Containers[0].ID = 1, 1, "run-2"
		p.Containers[0].Last = &lab.Termination{ExitCode: 137}
		h.told()
		h.send(lab.PodChanged{Pod: p})
		if grace := h.now().Pods[0].Containers[0].Grace; grace != nil {
			t.Errorf("grace after the restart: %+v", grace)
		}
		want := []string{"Restarted web-1: the container was restarted: RESTARTS 1, previous exit code 137"}
		if diff := cmp.Diff(want, h.told()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestEventsThatAreListedBeforeThePodsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		p := web(false)
		h.send(lab.EventChanged{Initial: true, Event: lab.Event{
			UID: "e", Reason: "Unhealthy", ObjectKind: "Pod", ObjectName: p.Name, ObjectUID: p.UID, Container: "app", Count: 7,
			Message: "Readiness probe failed: no", Last: time.Now(),
		}}, lab.PodChanged{Pod: p, Initial: true}, lab.PodChanged{Pod: p})
		if got := h.now().Pods[0].Containers[0].Probes[0].KubeletFailures; got != 7 {
			t.Errorf("the kubelet reported 7 failures, %d are shown", got)
		}
	})
}

func TestSlowWayIsNotAFailedProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFakeCluster()
		fake.way = 2 * time.Second
		h := startOn(t, fake, nil)
		h.send(lab.PodChanged{Pod: web(true)})
		h.pass(5 * time.Second)
		p := h.now().Pods[0].Containers[0].Probes[0]
		if len(p.Recent) == 0 || p.Verdict != probes.Passing || p.Recent[0].Way != 2*time.Second || p.Recent[0].Own() != 0 {
			t.Errorf("probe %+v", p)
		}
	})
}

func TestUnreachableContainerIsNotAFailedProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil) // its Dial fails
		p := web(true)
		spec := &p.Containers[0].Probes[0].Spec
		spec.Exec, spec.TCP = nil, &probes.TCPAction{Port: probes.Port{Number: 80}}
		h.send(lab.PodChanged{Pod: p})
		h.pass(2 * time.Second)
		if got := h.now().Pods[0].Containers[0].Probes[0]; got.Unavailable.IsZero() || len(got.Recent) != 0 {
			t.Errorf("probe %+v", got)
		}
	})
}

func TestLabFromBeginningToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.State = filepath.Join(c.Dir, "state", "progress.json") })
		h.cluster.answers["create namespace healthchecks"] = answer{output: "Error from server (AlreadyExists): namespaces exists\n", code: 1}
		h.cluster.answers["describe deployment web"] = answer{output: "Name: web\nReplicas: 1 desired\n", code: 0}
		h.do(lab.GoTo{Lab: 0, Step: 1})
		h.do(lab.GoTo{Lab: 1, Step: 0})
		h.do(lab.RunStep{})
		h.do(lab.GoTo{Lab: 1, Step: 1})
		h.do(lab.RunStep{})
		if task := h.now().Tasks[len(h.now().Tasks)-1]; task.Output != "Replicas: 1 desired\n" || task.State != lab.TaskDone {
			t.Errorf("last task %+v", task)
		}
		if goal := h.now().Position.Goals[0]; goal.Met || goal.Why.En != "there is no pod app=web yet" {
			t.Errorf("goal %+v", goal)
		}
		h.send(lab.PodChanged{Pod: web(true)})
		h.send(lab.PodChanged{Pod: web(false)}) // someone else broke it, while the console is still here
		h.do(lab.GoTo{Lab: 1, Step: 3})
		if why := h.refused(lab.RunStep{}); why != "this must be confirmed first: Delete?" {
			t.Errorf("refused with %q", why)
		}
		h.do(lab.RunStep{Confirmed: true})
		h.send(lab.PodChanged{Pod: web(false), Deleted: true})
		if diff := cmp.Diff([][]bool{{true, true}, {true, true, true, true}}, h.now().Position.Done); diff != "" {
			t.Errorf("done (-want +got):\n%s", diff)
		}
		var goals []string
		for _, fact := range h.told() {
			if strings.HasPrefix(fact, "GoalMet") || strings.HasPrefix(fact, "LabDone") {
				goals = append(goals, fact)
			}
		}
		want := []string{
			"LabDone lab done: Intro",
			"GoalMet goal met: file is there", "GoalMet goal met: ready", "GoalMet goal met: broken", "GoalMet goal met: gone",
			"LabDone lab done: Readiness",
		}
		if diff := cmp.Diff(want, goals); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
		h.stop()
		again := h.config
		again.Resume = true
		if p := latest(New(again)).Position; p.Lab != 1 || p.Step != 3 || !p.Done[1][3] {
			t.Errorf("resumed at %+v", p)
		}
		if !h.cluster.closed {
			t.Error("the cluster was not closed")
		}
	})
}

func TestManifestThatWasEditedIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Cluster.Namespace = "readiness", "other" })
		path := filepath.Join(h.config.Dir, "app.yaml")
		h.do(lab.RunStep{})
		content, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(content), "namespace: other\n") {
			t.Fatalf("written %q, %v", content, err)
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		h.do(lab.RunStep{})
		content, err = os.ReadFile(path)
		if err != nil || string(content) != "mine" {
			t.Errorf("the edited file became %q, %v", content, err)
		}
		if note := h.now().Tasks[1].Note; !strings.HasPrefix(note.En, "left the file ") {
			t.Errorf("note %q", note)
		}
	})
}

func TestPathsBelowTheHomeDirectoryAreShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Home = "readiness", filepath.Dir(c.Dir) })
		below := "~" + strings.TrimPrefix(h.config.Dir, h.config.Home)
		if why := h.now().Position.Goals[0].Why.En; !strings.HasSuffix(why, " in "+below) {
			t.Errorf("goal: %q", why)
		}
		h.do(lab.RunStep{})
		task := h.now().Tasks[0]
		if want := lab.T(below+"/app.yaml 파일을 만들었습니다", "wrote the file "+below+"/app.yaml"); task.Note != want {
			t.Errorf("note %q, want %q", task.Note, want)
		}
		if !strings.Contains(task.Line, below) {
			t.Errorf("line %q", task.Line)
		}
	})
}

func TestWorkingDirectoryThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) {
			file := filepath.Join(c.Dir, "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			c.Lab, c.Dir = "readiness", filepath.Join(file, "dir")
		})
		h.do(lab.RunStep{})
		if task := h.now().Tasks[0]; task.State != lab.TaskFailed || !strings.Contains(task.Problem.En, "--dir chooses another") {
			t.Errorf("task %+v", task)
		}
	})
}

func TestFailedCommandStopsTheStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "apply" })
		h.cluster.answers["create namespace healthchecks"] = answer{output: "Error from server (Forbidden): no\n", code: 1}
		h.do(lab.RunStep{})
		tasks := h.now().Tasks
		if len(tasks) != 1 || tasks[0].State != lab.TaskFailed || tasks[0].ExitCode != 1 ||
			tasks[0].Problem.En != "Error from server (Forbidden): no" {
			t.Errorf("tasks %+v", tasks)
		}
	})
}

func TestFailureOfKubectl(t *testing.T) {
	const conflict = "error: Apply failed with 2 conflicts: conflicts with \"somebody\":\n- .spec.replicas\n- .spec.paused\n" +
		"Please review the fields above--they currently have other managers. Here\nare the ways\nSee https://kubernetes.io\n"
	for output, want := range map[string]string{
		"": "exit code 1",
		"Warning: old\nError from server (NotFound): pods \"x\" not found\n": `Error from server (NotFound): pods "x" not found`,
		conflict: `somebody else has changed the same fields: 2 conflicts: conflicts with "somebody": - .spec.replicas - .spec.paused; ` +
			"bring the manifest in line with them, or take them over by typing kubectl apply --server-side --force-conflicts",
	} {
		if got := lab.InFull(failure([]byte(output), 1)); got.En != want || got.Ko == "" {
			t.Errorf("of %q: %q / %q, want %q", output, got.En, got.Ko, want)
		}
	}
}

func TestRightsWithdrawnAndGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.told()
		for _, resource := range []string{"pods", "namespaces", "events"} {
			h.send(lab.AccessChanged{Resource: resource, Denied: true})
		}
		if diff := cmp.Diff([]string{"events", "pods"}, h.now().Cluster.Denied); diff != "" {
			t.Errorf("denied (-want +got):\n%s", diff)
		}
		h.send(lab.AccessChanged{Resource: "pods"})
		if diff := cmp.Diff([]string{"events"}, h.now().Cluster.Denied); diff != "" {
			t.Errorf("denied (-want +got):\n%s", diff)
		}
		want := []string{"Denied no permission to watch pods", "Denied no permission to watch events"}
		if diff := cmp.Diff(want, h.told()); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestNamespaceThatExistsNeedNotBeCreated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "apply" })
		h.cluster.answers["create namespace healthchecks"] = answer{output: "Error from server (Forbidden): no\n", code: 1}
		h.send(lab.AccessChanged{Resource: "namespaces", Denied: true})
		h.do(lab.RunStep{})
		tasks := h.now().Tasks
		if len(tasks) != 2 || tasks[0].State != lab.TaskDone || tasks[1].State != lab.TaskDone {
			t.Errorf("tasks %+v", tasks)
		}
	})
}

func TestTaskIsSeenRunningAndCanBeCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "apply" })
		h.cluster.blocked["create namespace healthchecks"] = make(chan struct{})
		h.do(lab.RunStep{})
		if task := h.now().Tasks[0]; task.State != lab.TaskRunning || task.Line != "kubectl create namespace healthchecks" {
			t.Errorf("task %+v", task)
		}
		if why := h.refused(lab.RunStep{}); why != "Commands of a step are still running." {
			t.Errorf("refused with %q", why)
		}
		h.do(lab.Cancel{Task: h.now().Tasks[0].ID})
		if tasks := h.now().Tasks; len(tasks) != 1 || tasks[0].State != lab.TaskCanceled {
			t.Errorf("tasks %+v", tasks)
		}
		if why := h.refused(lab.Cancel{Task: 1}); why != "That task is not running." {
			t.Errorf("refused with %q", why)
		}
	})
}

func TestFaultHitsTheChosenPod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "break" })
		if why := h.refused(lab.RunStep{}); !strings.Contains(why, "Deploy it first") {
			t.Errorf("refused with %q", why)
		}
		second, other := web(true), web(true)
		second.Name, second.UID = "web-2", "uid-2"
		other.Name, other.UID, other.Labels = "a-stranger", "uid-3", nil
		h.send(lab.PodChanged{Pod: other}, lab.PodChanged{Pod: second}, lab.PodChanged{Pod: web(true)})
		if got := h.now().ChosenPod; got != "web-1" {
			t.Errorf("%q is chosen, want the first that the fault fits", got)
		}
		h.do(lab.ChoosePod{Pod: "web-2"})
		h.do(lab.RunStep{})
		h.do(lab.ChoosePod{Pod: "a-stranger"}) // to read its log
		if got := h.now().ChosenPod; got != "a-stranger" {
			t.Errorf("%q is chosen, although the user chose another", got)
		}
		h.do(lab.ChoosePod{Pod: "web-2"})
		if why := h.refused(lab.Inject{Fault: "break", Pod: "a-stranger"}); !strings.Contains(why, "does not apply to") {
			t.Errorf("refused with %q", why)
		}
		h.send(lab.PodChanged{Pod: second, Deleted: true})
		if got := h.now().ChosenPod; got != "web-1" {
			t.Errorf("%q is chosen after web-2 has gone", got)
		}
		if diff := cmp.Diff([]string{"-n healthchecks exec web-2 -- rm /tmp/healthy"}, h.cluster.commands); diff != "" {
			t.Errorf("commands (-want +got):\n%s", diff)
		}
	})
}

func TestResetDeletesOnlyWhatTheLabMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "apply" })
		h.send(lab.PodChanged{Pod: web(true)})
		if !h.now().Position.Goals[0].Met {
			t.Fatal("goal is not met")
		}
		line := "--namespace healthchecks delete --ignore-not-found --grace-period=1 pod/web-1"
		h.cluster.blocked[line] = make(chan struct{})
		h.do(lab.ResetLab{})
		h.send(lab.PodChanged{Pod: web(true), Deleted: true})
		close(h.cluster.blocked[line])
		h.settle()
		if p := h.now().Position; p.Step != 0 || slices.Contains(p.Done[1], true) {
			t.Errorf("position %+v", p)
		}
		if diff := cmp.Diff([]string{line}, h.cluster.commands); diff != "" {
			t.Errorf("commands (-want +got):\n%s", diff)
		}
	})
}

func TestResetStepForgetsOnlyThatStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) {
			c.Lab, c.Step = "readiness", "apply"
			c.Labs[1].Steps[1].Commands = append(c.Labs[1].Steps[1].Commands, lab.Command{Line: "kubectl apply -f {dir}/app.yaml"})
		})
		if err := os.WriteFile(filepath.Join(h.config.Dir, "app.yaml"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		h.send(lab.NamespaceChanged{Phase: "Active"}, lab.PodChanged{Pod: web(true)})
		if done := h.now().Position.Done[1]; !slices.Equal(done, []bool{true, true, false, false}) {
			t.Fatalf("done %v", done)
		}
		line := "--namespace healthchecks delete --ignore-not-found --grace-period=1 pod/web-1"
		h.cluster.blocked[line] = make(chan struct{})
		h.do(lab.ResetStep{})
		h.send(lab.PodChanged{Pod: web(true), Deleted: true})
		close(h.cluster.blocked[line])
		h.settle()
		if p := h.now().Position; p.Step != 1 || !slices.Equal(p.Done[1], []bool{true, false, false, false}) || p.Goals[0].Met {
			t.Errorf("position %+v", p)
		}
		if diff := cmp.Diff([]string{line}, h.cluster.commands); diff != "" {
			t.Errorf("commands (-want +got):\n%s", diff)
		}
	})
}

func TestLogFollowsTheChosenPodAcrossRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab = "readiness" })
		h.send(lab.PodChanged{Pod: web(true)})
		h.cluster.logs <- lab.LogLine{At: time.Now(), Text: "one"}
		h.cluster.endLog()
		h.settle()
		again := web(true)
		again.Containers[0].ID = "run-2"
		h.send(lab.PodChanged{Pod: again})
		h.cluster.logs <- lab.LogLine{At: time.Now(), Text: "two"}
		h.settle()
		var lines []string
		for _, l := range h.now().Log {
			lines = append(lines, l.Text)
		}
		if diff := cmp.Diff([]string{"one", "two"}, lines); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestFactsWaitForASlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		s := New(Config{
			Labs: twoLabs(), Manifests: fstest.MapFS{}, Dir: t.TempDir(),
			Connect: func(context.Context, func(lab.Component)) (Cluster, error) { return cluster, nil },
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Run(ctx) }()
		for i := range 1000 {
			cluster.changes <- lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Available: i + 1}}
		}
		synctest.Wait()
		<-time.After(2 * frame)
		news, last := s.Subscribe(), uint64(0)
		for last < 1000 {
			batch, ok := news.Next(ctx)
			if !ok || batch.LostFacts > 0 {
				t.Fatalf("after fact %d: %d lost, going on %v", last, batch.LostFacts, ok)
			}
			for _, fact := range batch.Facts {
				if fact.Seq != last+1 {
					t.Fatalf("fact %d after %d", fact.Seq, last)
				}
				last = fact.Seq
			}
		}
		news.Stop()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Do(t.Context(), lab.ResetLab{}); err == nil || errors.Is(err, context.Canceled) {
			t.Errorf("Do after the end returned %v", err)
		}
	})
}

func TestCompleteAsksTheCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.pass(time.Second)
		got, err := h.session.Complete(t.Context(), []string{"get", "po"})
		want := lab.Completion{Candidates: []lab.Candidate{{Word: "po…"}}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("error %v; completion (-want +got):\n%s", err, diff)
		}
	})
}

// A working directory with a blank in its name: the lines can be typed, and what is typed so is the step's command.
func TestDirectoryWithABlank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := t.TempDir()
		h := start(t, func(c *Config) {
			c.Lab, c.Step, c.Home, c.Dir = "readiness", "apply", home, filepath.Join(home, "my lab")
			c.Labs[1].Steps[1].Commands = []lab.Command{{Line: "kubectl apply -f {dir}/app.yaml"}}
		})
		h.do(lab.RunStep{})
		moment := course.Moment{Labs: h.config.Labs, Snapshot: h.now(), Home: home}
		const line = "kubectl apply -f ~/'my lab'/app.yaml"
		if got := h.now().Tasks[0].Line; got != line || moment.Commands()[0].Line != line || moment.Progress() != course.Ran {
			t.Errorf("the task's line is %s, that of the step %s, progress %d", got, moment.Commands()[0].Line, moment.Progress())
		}
		typed, err := course.Typed(line, home)
		if err != nil {
			t.Fatal(err)
		}
		h.do(lab.ResetStep{})
		h.do(typed)
		if of := h.now().Tasks[len(h.now().Tasks)-1].Of; of == nil || *of != (lab.StepCommand{Lab: "readiness", Step: "apply"}) {
			t.Errorf("what was typed counts as %+v", of)
		}
		want := []string{
			"apply -f " + filepath.Join(home, "my lab", "app.yaml"), "--namespace healthchecks delete --ignore-not-found --grace-period=1 pod/web-1",
			"apply -f " + filepath.Join(home, "my lab", "app.yaml"),
		}
		if diff := cmp.Diff(want, h.cluster.commands); diff != "" {
			t.Errorf("commands (-want +got):\n%s", diff)
		}
	})
}

func TestTasksCarryWhatTheyAreFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab, c.Step = "readiness", "apply" })
		h.send(lab.PodChanged{Pod: web(true)})
		h.do(lab.RunStep{})
		h.do(lab.GoTo{Lab: 1, Step: 2})
		h.do(lab.RunStep{}) // its fault
		h.do(lab.Kubectl{Args: []string{"get", "pods"}})
		var got []lab.Task
		for _, task := range h.now().Tasks {
			got = append(got, lab.Task{Action: task.Action, Of: task.Of})
		}
		of := func(step string, index int) *lab.StepCommand {
			return &lab.StepCommand{Lab: "readiness", Step: step, Index: index}
		}
		want := []lab.Task{
			{Action: lab.RunStep{}, Of: of("apply", 0)},
			{Action: lab.RunStep{}, Of: of("apply", 1)},
			{Action: lab.Inject{Fault: "break", Pod: "web-1"}, Of: of("break", 0)},
			{Action: lab.Kubectl{Args: []string{"get", "pods"}}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tasks (-want +got):\n%s", diff)
		}
	})
}

func TestErrorOfAFilteredCommandIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		const output = "Error from server (NotFound): no\n"
		h.cluster.answers["get pod x"] = answer{output: output, code: 1}
		h.do(lab.Kubectl{Args: []string{"get", "pod", "x"}})
		h.do(lab.Kubectl{Args: []string{"get", "pod", "x"}, Grep: "Running"})
		tasks := h.now().Tasks
		if len(tasks) != 2 || !tasks[0].Told || tasks[1].Told || tasks[0].Output != output || tasks[1].Output != "" || tasks[1].Problem.IsZero() {
			t.Errorf("tasks %+v", tasks)
		}
	})
}
