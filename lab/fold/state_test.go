package fold

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// epoch is when the entries of these tests happen, a second apart.
var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func webKey() probes.Key { return probes.Key{Pod: "uid-1", Container: "app", Kind: probes.Readiness} }

// podOf is web's pod as it would be at the epoch.
func podOf(change func(*lab.Pod)) lab.PodChanged {
	p := web(true)
	if change != nil {
		change(&p)
	}
	return lab.PodChanged{Pod: p}
}

func event(uid, reason, message string, count int) lab.EventChanged {
	return lab.EventChanged{Event: lab.Event{
		UID: uid, Type: "Warning", Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: "web-1", ObjectUID: "uid-1",
		Container: "app", Count: count, Last: epoch.Add(time.Minute),
	}}
}

func attempt(outcome probes.Outcome, verdict probes.Verdict) journal.Attempted {
	return journal.Attempted{Attempt: lab.Attempt{Pod: "web-1", Container: "app", Attempt: probes.Attempt{
		Key: webKey(), ContainerID: "run-1", Outcome: outcome, Verdict: verdict, Next: epoch.Add(time.Hour),
	}}}
}

// folded is the state after entries, and the kinds of what was worth telling of the last one.
func folded(bodies ...journal.Body) (*State, []lab.FactKind) {
	s := New()
	var kinds []lab.FactKind
	for i, body := range bodies {
		kinds = nil
		for _, fact := range s.Apply(journal.Entry{Seq: uint64(i + 1), At: epoch.Add(time.Duration(i) * time.Second), Body: body}) {
			kinds = append(kinds, fact.Kind)
		}
	}
	return s, kinds
}

func TestApply(t *testing.T) {
	change := func(c lab.Change) journal.Body { return journal.Changed{Change: c} }
	begun := journal.Begun{Cluster: lab.Cluster{Name: "c", Phase: lab.Starting, Components: []lab.Component{{Name: "etcd"}}}, Dir: "/labs"}
	up, lost := change(lab.LinkChanged{Up: true}), change(lab.LinkChanged{Problem: text("gone")})
	killing := "Container app failed liveness probe, will be restarted"
	for _, tt := range []struct {
		name    string
		entries []journal.Body
		news    []lab.FactKind // of the last entry
		want    any
		of      func(*lab.Snapshot) any
	}{
		{"the beginning", []journal.Body{begun}, nil, "/labs c Starting", func(s *lab.Snapshot) any {
			return fmt.Sprint(s.Dir, " ", s.Cluster.Name, " ", s.Cluster.Phase)
		}},
		{
			"a component",
			[]journal.Body{begun, journal.ComponentChanged{Component: lab.Component{Name: "etcd", State: lab.ComponentReady}}},
			nil,
			[]lab.Component{{Name: "etcd", State: lab.ComponentReady}},
			func(s *lab.Snapshot) any { return s.Cluster.Components },
		},
		{
			"no cluster",
			[]journal.Body{begun, journal.ConnectFailed{Problem: text("port taken")}},
			[]lab.FactKind{lab.FactClusterFailed},
			lab.Cluster{Name: "c", Phase: lab.Failed, Since: epoch.Add(time.Second), Problem: text("port taken"), Components: begun.Cluster.Components},
			func(s *lab.Snapshot) any { return s.Cluster },
		},
		{"a connection", []journal.Body{begun, up}, []lab.FactKind{lab.FactClusterUp}, lab.Up, func(s *lab.Snapshot) any { return s.Cluster.Phase }},
		{"the same connection again", []journal.Body{begun, up, up}, nil, epoch.Add(time.Second), func(s *lab.Snapshot) any { return s.Cluster.Since }},
		{
			"a lost connection",
			[]journal.Body{begun, up, lost},
			[]lab.FactKind{lab.FactClusterLost},
			text("gone"),
			func(s *lab.Snapshot) any { return s.Cluster.Problem },
		},
		{"a version", []journal.Body{begun, journal.VersionLearned{Version: "v1.37.2"}}, nil, "v1.37.2", func(s *lab.Snapshot) any { return s.Cluster.Version }},
		{
			"nothing may be watched",
			[]journal.Body{change(lab.AccessChanged{Resource: "pods", Denied: true}), change(lab.AccessChanged{Resource: "events", Denied: true})},
			[]lab.FactKind{lab.FactDenied},
			[]string{"events", "pods"},
			func(s *lab.Snapshot) any { return s.Cluster.Denied },
		},
		{
			"and again it may",
			[]journal.Body{change(lab.AccessChanged{Resource: "pods", Denied: true}), change(lab.AccessChanged{Resource: "pods"})},
			nil, 0, func(s *lab.Snapshot) any { return len(s.Cluster.Denied) },
		},
		{"a finding that is new", []journal.Body{journal.Preflighted{}, journal.Preflighted{
			Preflight: lab.Preflight{Findings: []lab.Finding{{State: lab.FindingLimited}, {State: lab.FindingOK}}}, Version: "v1.36.0",
		}}, []lab.FactKind{lab.FactFinding}, "v1.36.0 2", func(s *lab.Snapshot) any {
			return fmt.Sprint(s.Cluster.Version, " ", len(s.Cluster.Preflight.Findings))
		}},
		{"a pod that was there", []journal.Body{change(lab.PodChanged{Pod: web(true), Initial: true})}, nil, "web-1", func(s *lab.Snapshot) any { return s.Pods[0].Name }},
		{
			"a new pod",
			[]journal.Body{change(podOf(nil))},
			[]lab.FactKind{lab.FactPodAdded, lab.FactPodRunning, lab.FactPodReady},
			1,
			func(s *lab.Snapshot) any { return len(s.Pods) },
		},
		{
			"a pod that is deleted",
			[]journal.Body{change(podOf(nil)), change(lab.PodChanged{Pod: web(true), Deleted: true})},
			[]lab.FactKind{lab.FactPodDeleted},
			0, func(s *lab.Snapshot) any { return len(s.Pods) },
		},
		{
			"a pod that is made anew under its name",
			[]journal.Body{
				change(podOf(nil)), attempt(probes.Failure, probes.Failing),
				change(podOf(func(p *lab.Pod) { p.UID = "uid-2"; p.Ready = false })),
			},
			[]lab.FactKind{lab.FactPodDeleted, lab.FactPodAdded, lab.FactPodRunning},
			0,
			func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].Failures },
		},
		{
			"the late end of an earlier pod",
			[]journal.Body{change(podOf(nil)), change(lab.PodChanged{Pod: lab.Pod{Name: "web-1", UID: "uid-0"}, Deleted: true})},
			nil, 1, func(s *lab.Snapshot) any { return len(s.Pods) },
		},
		{"a restart", []journal.Body{change(podOf(nil)), attempt(probes.Failure, probes.Failing), change(podOf(func(p *lab.Pod) {
			p.Restarts, p.Containers[0].Restarts, p.Containers[0].ID = 1, 1, "run-2"
		}))}, []lab.FactKind{lab.FactRestarted}, "0 failures, 1 attempt", func(s *lab.Snapshot) any {
			pr := s.Pods[0].Containers[0].Probes[0]
			return fmt.Sprintf("%d failures, %d attempt", pr.Failures, len(pr.Recent))
		}},
		{
			"an attempt",
			[]journal.Body{change(podOf(nil)), attempt(probes.Success, probes.Passing)},
			nil,
			probes.Plan{Next: epoch.Add(time.Hour)},
			func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].Plan },
		},
		{"an attempt after a failure", []journal.Body{
			change(podOf(nil)), attempt(probes.Success, probes.Passing), attempt(probes.Failure, probes.Passing),
			attempt(probes.Success, probes.Passing),
		}, []lab.FactKind{lab.FactProbeRecovered}, 3, func(s *lab.Snapshot) any { return len(s.Attempts) }},
		{"an attempt on a pod that is gone", []journal.Body{attempt(probes.Failure, probes.Failing)}, nil, 1, func(s *lab.Snapshot) any { return len(s.Attempts) }},
		{
			"what the engine cannot do",
			[]journal.Body{change(podOf(nil)), journal.ProbeObserved{Key: webKey(), Unavailable: text("forbidden")}},
			nil,
			text("forbidden"), func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].Unavailable },
		},
		{
			"and then it can",
			[]journal.Body{change(podOf(nil)), journal.ProbeObserved{Key: webKey(), Unavailable: text("forbidden")}, attempt(probes.Success, probes.Passing)},
			nil,
			lab.Text{},
			func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].Unavailable },
		},
		{
			"the kubelet's failures in a row",
			[]journal.Body{
				change(podOf(nil)), change(event("e", "Unhealthy", "Readiness probe failed: no", 1)),
				change(event("e", "Unhealthy", "Readiness probe failed: no", 2)),
			},
			[]lab.FactKind{lab.FactProbeFailed},
			2,
			func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].KubeletFailures },
		},
		{
			"the kubelet's failures that client-go has combined",
			[]journal.Body{
				change(podOf(nil)), change(event("e", "Unhealthy", "(combined from similar events): Readiness probe failed: no", 2)),
			},
			[]lab.FactKind{lab.FactProbeFailed},
			2,
			func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].KubeletFailures },
		},
		{
			"the same event again",
			[]journal.Body{
				change(podOf(nil)), change(event("e", "Unhealthy", "Readiness probe failed: no", 1)),
				change(event("e", "Unhealthy", "Readiness probe failed: no", 1)),
			},
			nil, 1,
			func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Probes[0].KubeletFailures },
		},
		{
			"events that were listed before their pod",
			[]journal.Body{
				change(event("f", "Unhealthy", "Readiness probe failed: two", 2)),
				change(event("e", "Unhealthy", "Readiness probe failed: one", 1)), change(podOf(nil)),
			},
			[]lab.FactKind{lab.FactPodAdded, lab.FactPodRunning, lab.FactPodReady},
			"3 Readiness probe failed: two", func(s *lab.Snapshot) any {
				pr := s.Pods[0].Containers[0].Probes[0]
				return fmt.Sprint(pr.KubeletFailures, " ", pr.KubeletMessage)
			},
		},
		{
			"a kill",
			[]journal.Body{change(podOf(nil)), change(event("k", "Killing", killing, 1))},
			[]lab.FactKind{lab.FactKilling},
			&lab.Grace{Since: epoch.Add(time.Second), Until: epoch.Add(31 * time.Second)}, func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Grace },
		},
		{
			"a kill of a container that is not started again",
			[]journal.Body{change(podOf(nil)), change(event("k", "Killing", strings.TrimSuffix(killing, ", will be restarted"), 1))},
			[]lab.FactKind{lab.FactKilling},
			&lab.Grace{Since: epoch.Add(time.Second), Until: epoch.Add(31 * time.Second)}, func(s *lab.Snapshot) any { return s.Pods[0].Containers[0].Grace },
		},
		{
			"replicas",
			[]journal.Body{change(lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Available: 1}})},
			[]lab.FactKind{lab.FactReplicas},
			1,
			func(s *lab.Snapshot) any { return s.Deployments[0].Available },
		},
		{"a deployment that is gone", []journal.Body{
			change(lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Available: 1}}),
			change(lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web"}, Deleted: true}),
		}, nil, 0, func(s *lab.Snapshot) any { return len(s.Deployments) }},
		{
			"endpoints",
			[]journal.Body{
				change(lab.EndpointsChanged{Slice: "s", Endpoints: []lab.Endpoint{{Address: "a", Ready: true}}}),
				change(lab.EndpointsChanged{Slice: "s", Endpoints: []lab.Endpoint{{Address: "b", Ready: true}}}),
			},
			[]lab.FactKind{lab.FactEndpointJoined, lab.FactEndpointLeft},
			"b", func(s *lab.Snapshot) any { return s.Endpoints[0].Address },
		},
		{"a choice", []journal.Body{journal.PodChosen{Pod: "web-1", ByUser: true}}, nil, "web-1", func(s *lab.Snapshot) any { return s.ChosenPod }},
		{"the log of another pod", []journal.Body{
			journal.LogFollowed{Pod: "a"},
			journal.Logged{Line: lab.LogLine{Text: "x"}},
			journal.LogFollowed{Pod: "b"},
			journal.Logged{Line: lab.LogLine{Text: "y"}},
		}, nil, []lab.LogLine{{Text: "y"}}, func(s *lab.Snapshot) any { return s.Log }},
		{
			"a task",
			[]journal.Body{
				journal.TaskStarted{Task: lab.Task{ID: 1, State: lab.TaskRunning}},
				journal.TaskPrinted{Task: 1, Text: "a\n"},
				journal.TaskPrinted{Task: 1, Text: "b\n"},
				journal.TaskNoted{Task: 1, Note: text("noted")},
				journal.TaskEnded{Task: 1, State: lab.TaskFailed, Took: time.Second, ExitCode: 2, Problem: text("bad")},
			},
			nil,
			[]lab.Task{{ID: 1, State: lab.TaskFailed, Took: time.Second, Output: "a\nb\n", Note: text("noted"), ExitCode: 2, Problem: text("bad")}},
			func(s *lab.Snapshot) any { return s.Tasks },
		},
		{
			"what is said of a task that is not kept",
			[]journal.Body{journal.TaskPrinted{Task: 7, Text: "x"}, journal.TaskNoted{Task: 7}, journal.TaskEnded{Task: 7}},
			nil,
			0, func(s *lab.Snapshot) any { return len(s.Tasks) },
		},
		{"much output", []journal.Body{
			journal.TaskStarted{Task: lab.Task{ID: 1}},
			journal.TaskPrinted{Task: 1, Text: strings.Repeat("a", maxOutput)},
			journal.TaskPrinted{Task: 1, Text: "end"},
		}, nil, "aend", func(s *lab.Snapshot) any { o := s.Tasks[0].Output; return o[len(o)-4:] }},
		{
			"a step",
			[]journal.Body{begun, journal.Moved{Position: lab.Position{Lab: 1, Step: 2}}},
			nil,
			lab.Position{Lab: 1, Step: 2},
			func(s *lab.Snapshot) any { return s.Position },
		},
		{"a fact", []journal.Body{begun, journal.Told{Fact: lab.Fact{Seq: 12}}}, nil, uint64(12), func(s *lab.Snapshot) any { return s.Facts }},
		{
			"what the user wants",
			[]journal.Body{begun, journal.Asked{Action: lab.ResetLab{}}, journal.Refused{Why: text("no")}},
			nil, uint64(3),
			func(s *lab.Snapshot) any { return s.Revision },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, news := folded(tt.entries...)
			if diff := cmp.Diff(tt.news, news); diff != "" {
				t.Errorf("news (-want +got):\n%s", diff)
			}
			snapshot := s.Snapshot(epoch)
			if diff := cmp.Diff(tt.want, tt.of(snapshot)); diff != "" {
				t.Errorf("seen (-want +got):\n%s", diff)
			}
			again, _ := folded(tt.entries...)
			if diff := cmp.Diff(snapshot, again.Snapshot(epoch)); diff != "" {
				t.Errorf("the same entries give another state (-first +second):\n%s", diff)
			}
		})
	}
}

func TestTheNamespaceIsTakenForGrantedWhereItMayNotBeSeen(t *testing.T) {
	phase := func(changes ...lab.Change) string {
		var bodies []journal.Body
		for _, c := range changes {
			bodies = append(bodies, journal.Changed{Change: c})
		}
		s, _ := folded(bodies...)
		return s.NamespacePhase()
	}
	denied := lab.AccessChanged{Resource: "namespaces", Denied: true}
	for want, changes := range map[string][]lab.Change{
		"": nil, "Terminating": {lab.NamespaceChanged{Phase: "Terminating"}}, "Active": {denied},
	} {
		if got := phase(changes...); got != want {
			t.Errorf("after %v the phase is %q, want %q", changes, got, want)
		}
	}
}

// text says the same in both languages.
func text(s string) lab.Text { return lab.Same(s) }

// web is a pod with a readiness probe that runs a command.
func web(ready bool) lab.Pod {
	p := lab.Pod{
		Name: "web-1", UID: "uid-1", Labels: map[string]string{"app": "web"}, IP: "10.0.0.1", Phase: "Running", Status: "Running",
		TotalContainers: 1, Ready: ready, GracePeriod: 30 * time.Second,
		Containers: []lab.Container{{
			Name: "app", ID: "run-1", State: lab.Running, StartedAt: epoch, Started: true, Ready: ready,
			Probes: []lab.Probe{{Threshold: 3, Spec: probes.Spec{
				Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
				Period: 3 * time.Second, Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
			}}},
		}},
	}
	if ready {
		p.ReadyContainers = 1
	}
	return p
}

// FuzzApply folds in whatever a journal may hold: nothing of it may panic, and what is kept stays bounded.
func FuzzApply(f *testing.F) {
	seed := func(bodies ...journal.Body) {
		var file bytes.Buffer
		out, err := journal.NewEncoder(&file)
		if err != nil {
			f.Fatal(err)
		}
		for i, body := range bodies {
			if err := out.Encode(journal.Entry{Seq: uint64(i + 1), At: epoch, Body: body}); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(file.Bytes())
	}
	seed(journal.Changed{Change: podOf(nil)}, attempt(probes.Success, probes.Passing), attempt(probes.Failure, probes.Failing),
		journal.Changed{Change: event("e", "Unhealthy", "Readiness probe failed: no", 2)},
		journal.Changed{Change: event("k", "Killing", "Container app failed liveness probe, will be restarted", 1)},
		journal.ProbeObserved{Key: webKey()}, journal.Changed{Change: lab.PodChanged{Pod: web(true), Deleted: true}})
	seed(journal.TaskStarted{Task: lab.Task{ID: 1, State: lab.TaskRunning}}, journal.TaskPrinted{Task: 1, Text: "x"},
		journal.TaskEnded{Task: 1, State: lab.TaskDone}, journal.LogFollowed{Pod: "uid-1"}, journal.Logged{})
	seed(journal.Begun{}, journal.Moved{Position: lab.Position{Lab: -1, Step: 1 << 40}}, journal.Preflighted{},
		journal.Changed{Change: lab.EndpointsChanged{Slice: "s", Endpoints: []lab.Endpoint{{Ready: true}, {Ready: true}}}})
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := journal.NewDecoder(bytes.NewReader(file))
		if err != nil {
			return
		}
		s := New()
		for {
			e, err := in.Decode()
			var bad *journal.BadLine
			if err != nil && !errors.As(err, &bad) {
				break
			}
			if err == nil {
				s.Apply(e)
				s.Snapshot(e.At)
			}
		}
		got := s.Snapshot(epoch)
		if len(got.Attempts) > maxAttempts || len(got.Log) > maxLog || len(got.Events) > maxEvents || len(got.Tasks) > maxTasks+MaxRunning {
			t.Errorf("kept: %d attempts, %d lines, %d events, %d tasks", len(got.Attempts), len(got.Log), len(got.Events), len(got.Tasks))
		}
	})
}

// Where the clock was set back, what is to come stays as far away as it was.
func TestClockSetBack(t *testing.T) {
	s := New()
	seq := uint64(0)
	add := func(at time.Duration, body journal.Body) {
		seq++
		s.Apply(journal.Entry{Seq: seq, At: epoch.Add(at), Body: body})
	}
	add(0, journal.Begun{Cluster: lab.Cluster{Since: epoch}, Position: lab.Position{Since: epoch}})
	add(0, journal.Changed{Change: podOf(nil)})
	soon := attempt(probes.Success, probes.Passing)
	soon.Attempt.Next = epoch.Add(10 * time.Second)
	add(5*time.Second, soon)
	next := func() time.Time {
		_, pr := s.Probe(webKey())
		return pr.Next
	}
	if got := next(); !got.Equal(epoch.Add(10 * time.Second)) {
		t.Fatalf("next at %v", got)
	}
	const back = time.Hour
	add(5*time.Second-back, journal.Logged{})
	now := epoch.Add(5*time.Second - back)
	if left := next().Sub(now); left != 5*time.Second {
		t.Errorf("next in %v, want 5s", left)
	}
	snapshot := s.Snapshot(now)
	if got := snapshot.Pods[0].Containers[0].Probes[0].Next.Sub(now); got != 5*time.Second {
		t.Errorf("next in %v as it is shown, want 5s", got)
	}
	for name, since := range map[string]time.Time{"the cluster": snapshot.Cluster.Since, "the step": snapshot.Position.Since} {
		if age := now.Sub(since); age != 5*time.Second {
			t.Errorf("%s is as it is for %v, want 5s", name, age)
		}
	}
}

// Each line of the log says which run wrote it; another pod's log begins anew.
func TestLinesSayWhichRunWroteThem(t *testing.T) {
	line := func(text string) journal.Body { return journal.Logged{Line: lab.LogLine{Text: text}} }
	s, _ := folded(
		journal.LogFollowed{Pod: "a"}, journal.LogFollowed{Pod: "a", Run: "run-1"}, line("one"),
		journal.LogFollowed{Pod: "a", Run: "run-2"}, line("two"),
	)
	want := []lab.LogLine{{Text: "one", Run: "run-1"}, {Text: "two", Run: "run-2"}}
	if diff := cmp.Diff(want, s.Snapshot(epoch).Log); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	s.Apply(journal.Entry{Seq: 100, At: epoch.Add(time.Minute), Body: journal.LogFollowed{Pod: "b"}})
	if got := s.Snapshot(epoch).Log; len(got) != 0 {
		t.Errorf("another pod's log begins with %v", got)
	}
}
