package cause

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"healthlab/lab"
	"healthlab/probes"
)

// zero is when the pod of a test was created; all other moments are seconds after that.
var zero = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func at(second int) time.Time { return zero.Add(time.Duration(second) * time.Second) }

// events are written as a kubelet writes them. Each has a number of its own, in the order in which they are listed.
type events []lab.Event

func (es *events) add(e lab.Event) {
	e.UID, e.Seq = fmt.Sprintf("e%d", len(*es)+1), uint64(len(*es)+1)
	e.ObjectKind, e.ObjectName = "Pod", "web"
	if e.ObjectUID == "" {
		e.ObjectUID = "u1"
	}
	if e.Source == "" {
		e.Source = "kubelet"
	}
	*es = append(*es, e)
}

// event is one that happened once.
func (es *events) event(second int, reason, message string) *events {
	return es.counted(second, second, 1, reason, message)
}

func (es *events) counted(first, last, count int, reason, message string) *events {
	container, kind := "app", "Normal"
	switch reason {
	case "Scheduled", "FailedScheduling", "FailedMount", "FailedCreatePodSandBox", "Evicted", "SandboxChanged", "NodeNotReady":
		container = ""
	}
	switch reason {
	case "Unhealthy", "Failed", "FailedMount", "BackOff", "FailedScheduling", "FailedPostStartHook", "FailedCreatePodSandBox", "Evicted", "NodeNotReady":
		kind = "Warning"
	}
	es.add(lab.Event{Type: kind, Reason: reason, Message: message, Container: container, Count: count, First: at(first), Last: at(last)})
	return es
}

// begin is what a kubelet says when it starts a container.
func (es *events) begin(second int) *events {
	return es.event(second, "Pulled", "Container image already present on machine").
		event(second, "Created", "Container created").event(second, "Started", "Container started")
}

func scheduled() *events {
	return new(events).event(0, "Scheduled", "Successfully assigned ns/web to node-1")
}

// denied is why there are no events for somebody who may not read them.
var denied = lab.T("이벤트를 볼 권한이 없습니다", "events may not be read")

const (
	livenessKill = "Container app failed liveness probe, will be restarted"
	startupKill  = "Container app failed startup probe, will be restarted"
	liveness500  = "Liveness probe failed: HTTP probe failed with statuscode: 500"
)

func spec(kind probes.Kind) lab.Probe {
	s := probes.Spec{Kind: kind, HTTP: &probes.HTTPAction{Path: "/", Port: probes.Port{Number: 80}}, Period: 5 * time.Second}.Defaulted()
	return lab.Probe{Spec: s, Threshold: s.FailureThreshold}
}

// base is a pod that runs and is Ready, with a liveness probe.
func base(change func(p *lab.Pod, app *lab.Container)) lab.Pod {
	p := lab.Pod{
		Name: "web", UID: "u1", Node: "node-1", Phase: "Running", Status: "Running", Ready: true, ReadySince: at(1), Created: at(0),
		Acknowledged: at(0), GracePeriod: 30 * time.Second, RestartPolicy: "Always",
		Conditions: []lab.Condition{
			{Type: "PodReadyToStartContainers", Status: "True", Since: at(1)},
			{Type: "Initialized", Status: "True", Since: at(0)},
			{Type: "Ready", Status: "True", Since: at(1)},
			{Type: "ContainersReady", Status: "True", Since: at(1)},
			{Type: "PodScheduled", Status: "True", Since: at(0)},
		},
		Containers: []lab.Container{{
			Name: "app", Image: "alpine", ID: "containerd://2", State: lab.Running, StartedAt: at(1), Started: true, Ready: true,
			Probes: []lab.Probe{spec(probes.Liveness)},
		}},
	}
	if change != nil {
		change(&p, &p.Containers[0])
	}
	return p
}

// ended is the end of the run from start to end, which was restarted a second later.
func ended(start, end, code int, reason string) func(*lab.Pod, *lab.Container) {
	return func(p *lab.Pod, app *lab.Container) {
		app.Last = &lab.Termination{ContainerID: "containerd://1", ExitCode: code, Reason: reason, StartedAt: at(start), FinishedAt: at(end)}
		app.Restarts, app.StartedAt = 1, at(end+1)
		p.Restarts = 1
	}
}

// restarts is how often the container was restarted.
func restarts(n int) func(*lab.Pod, *lab.Container) {
	return func(p *lab.Pod, app *lab.Container) { p.Restarts, app.Restarts = n, n }
}

// inLoop is a container that waits because its postStart hook has failed, as its state was told last.
func inLoop(_ *lab.Pod, app *lab.Container) {
	app.State, app.StartedAt, app.ID = lab.Waiting, time.Time{}, ""
	app.Reason, app.Message = "PostStartHookError", "Exec lifecycle hook ([false]) failed"
}

// lasted is the run before.
func lasted(start, end int) func(*lab.Pod, *lab.Container) {
	return func(_ *lab.Pod, app *lab.Container) {
		app.Last = &lab.Termination{ContainerID: "containerd://1", ExitCode: 137, Reason: "Error", StartedAt: at(start), FinishedAt: at(end)}
	}
}

// preStop is how many seconds the container's preStop hook takes.
func preStop(least, most int) func(*lab.Pod, *lab.Container) {
	return func(_ *lab.Pod, app *lab.Container) {
		app.PreStop = &probes.Range{Least: time.Duration(least) * time.Second, Most: time.Duration(most) * time.Second}
	}
}

// unready makes the conditions of a pod whose containers are not ready.
func unready(p *lab.Pod, app *lab.Container) {
	p.Ready, app.Ready, p.ReadySince = false, false, at(0)
	for i := range p.Conditions {
		if k := &p.Conditions[i]; k.Type == "Ready" || k.Type == "ContainersReady" {
			k.Status, k.Reason, k.Message = "False", "ContainersNotReady", "containers with unready status: [app]"
		}
	}
}

// waits is a container that waits to be started.
func waits(reason, message string) func(*lab.Pod, *lab.Container) {
	return func(p *lab.Pod, app *lab.Container) {
		unready(p, app)
		p.Phase = "Pending"
		app.State, app.Reason, app.Message, app.StartedAt, app.Started, app.ID = lab.Waiting, reason, message, time.Time{}, false, ""
	}
}

func all(changes ...func(*lab.Pod, *lab.Container)) func(*lab.Pod, *lab.Container) {
	return func(p *lab.Pod, app *lab.Container) {
		for _, change := range changes {
			change(p, app)
		}
	}
}

func probed(list ...lab.Probe) func(*lab.Pod, *lab.Container) {
	return func(_ *lab.Pod, app *lab.Container) { app.Probes = list }
}

// wants checks what holds of every cause.
func wants(t *testing.T, causes []Cause) {
	t.Helper()
	for _, c := range causes {
		if c.Code == "" || c.About == "" {
			t.Errorf("incomplete: %+v", c)
		}
		if strings.Contains(c.Sentence.Ko, "다. ") || strings.HasSuffix(c.Sentence.Ko, "다.") {
			t.Errorf("%s: more than a sentence: %s", c.Code, c.Sentence.Ko)
		}
		texts := append([]lab.Text{c.Sentence}, slices.Concat(c.Known, c.Unknown)...)
		for _, e := range c.Evidence {
			texts = append(texts, e.Text)
			if e.Ref == nil {
				t.Errorf("%s: evidence without a reference: %v", c.Code, e)
			}
		}
		for _, text := range texts {
			for _, said := range []string{text.Ko, text.En} {
				if said == "" || utf8.RuneCountInString(said) > 1200 || !utf8.ValidString(said) || strings.ContainsFunc(said, func(r rune) bool {
					return !unicode.IsPrint(r)
				}) || strings.Contains(said, "%!") {
					t.Errorf("%s: %q", c.Code, said)
				}
			}
		}
		if len(c.Evidence) > maxEvidence || len(c.Known) > maxNotes || len(c.Unknown) > maxNotes {
			t.Errorf("%s: %d pieces of evidence, %d and %d notes", c.Code, len(c.Evidence), len(c.Known), len(c.Unknown))
		}
	}
}

// joined are all sentences of a list in English.
func joined(list []lab.Text) string {
	out := make([]string, len(list))
	for i, text := range list {
		out[i] = text.En
	}
	return strings.Join(out, " | ")
}
