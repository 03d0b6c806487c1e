package tuitest

import (
	"fmt"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// Story is a journal as both labs make it, with times that always are the same. Its times are seconds since Begun.
type Story struct {
	Entries []journal.Entry
	pods    map[string]lab.Pod
}

// Begun is when stories begin, in the local zone, so that times of day read the same everywhere.
func Begun() time.Time { return time.Date(2026, time.November, 23, 14, 5, 0, 0, time.Local) }

// At is a time of a story.
func At(s float64) time.Time { return Begun().Add(time.Duration(s * float64(time.Second))) }

// FaultyLabs are Labs that say what their faults do to probes.
func FaultyLabs() []lab.Lab {
	labs := Labs()
	labs[0].Faults[0].Responds = lab.Responses{Liveness: probes.Hang}
	labs[1].Faults[0].Responds = lab.Responses{Readiness: probes.Fail}
	labs[1].Faults[1].Responds = lab.Responses{Readiness: probes.Answer}
	return labs
}

// View is the timeline of a story up to a time.
func (s *Story) View(until float64) *timeline.View {
	b := timeline.New(FaultyLabs())
	for _, e := range s.Entries {
		if !e.At.After(At(until)) {
			b.Add(e)
		}
	}
	return b.View()
}

// Tell adds an entry.
func (s *Story) Tell(t float64, body journal.Body) {
	s.Entries = append(s.Entries, journal.Entry{Seq: uint64(len(s.Entries) + 1), At: At(t), Body: body})
}

func (s *Story) see(t float64, change lab.Change) { s.Tell(t, journal.Changed{Change: change}) }

func stamp(t float64) time.Time { return At(t).Truncate(time.Second) }

// pod changes what was known of a pod, and tells it.
func (s *Story) pod(t float64, name string, change func(*lab.Pod)) {
	if s.pods == nil {
		s.pods = map[string]lab.Pod{}
	}
	p := s.pods[name]
	p.Containers = append([]lab.Container(nil), p.Containers...)
	change(&p)
	s.pods[name] = p
	s.see(t, lab.PodChanged{Pod: p})
}

func (s *Story) event(stamped, t float64, name, reason, message string, count int) {
	p := s.pods[name]
	s.see(t, lab.EventChanged{Event: lab.Event{
		UID: p.UID + reason + message, Type: "Warning", Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: name,
		ObjectUID: p.UID, Container: p.Containers[0].Name, Source: "kubelet", Count: count, Last: stamp(stamped), First: stamp(stamped),
	}})
}

// Attempt tells of an attempt of the engine at the first container.
func (s *Story) Attempt(t, took float64, name string, kind probes.Kind, outcome probes.Outcome, streak int, message string) {
	p := s.pods[name]
	c := p.Containers[0]
	a := probes.Attempt{
		Key: probes.Key{Pod: p.UID, Container: c.Name, Kind: kind}, ContainerID: c.ID,
		Start: At(t), Took: time.Duration(took * float64(time.Second)), Outcome: outcome, Streak: streak,
		Threshold: 1, Verdict: probes.Passing, Message: message,
	}
	if outcome == probes.Failure {
		if a.Threshold = 3; streak >= 3 {
			a.Verdict, a.Changed = probes.Failing, streak == 3
		}
	}
	s.Tell(t+took+0.001, journal.Attempted{Attempt: lab.Attempt{Pod: name, Container: c.Name, Attempt: a}})
}

// Fault carries out a fault of the labs.
func (s *Story) Fault(from, to float64, id, pod string) {
	task := uint64(len(s.Entries) + 1)
	title := lab.T("앱 멈추기", "Hang the app")
	switch id {
	case "break":
		title = lab.T("준비 파일 지우기", "Remove the ready file")
	case "repair":
		title = lab.T("준비 파일 되살리기", "Restore the ready file")
	}
	s.Tell(from, journal.TaskStarted{Task: lab.Task{
		ID: task, Action: lab.Inject{Fault: id, Pod: pod}, State: lab.TaskRunning, Started: At(from), Title: title,
		Line: "kubectl -n healthchecks exec " + pod + " -- break",
	}})
	s.Tell(to, journal.TaskEnded{Task: task, State: lab.TaskDone})
}

// Start makes a pod and has it run from a time on.
func (s *Story) Start(t float64, name, node string, ready bool, labels map[string]string, specs ...probes.Spec) {
	uid := "uid-" + name
	s.pod(t-0.5, name, func(p *lab.Pod) {
		*p = lab.Pod{
			Name: name, UID: uid, Phase: "Pending", GracePeriod: 30 * time.Second, Created: stamp(t - 0.5), Node: node, Labels: labels,
			Containers: []lab.Container{{Name: "app", State: lab.Waiting, Reason: "ContainerCreating"}},
		}
		for _, spec := range specs {
			p.Containers[0].Probes = append(p.Containers[0].Probes, lab.Probe{Spec: spec})
		}
	})
	s.pod(t+0.1, name, func(p *lab.Pod) {
		c := &p.Containers[0]
		p.Phase, p.Ready, p.ReadySince, p.IP = "Running", ready, stamp(t), "10.0.0.1"
		c.State, c.Reason, c.ID, c.StartedAt, c.Ready, c.Started = lab.Running, "", uid+"-0", stamp(t), ready, true
	})
}

// Ready makes a pod ready, or not.
func (s *Story) Ready(t float64, name string, ready bool) {
	s.pod(t, name, func(p *lab.Pod) { p.Ready, p.Containers[0].Ready, p.ReadySince = ready, ready, stamp(t-0.02) })
}

// LivenessProbe is the liveness lab's.
func LivenessProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
		InitialDelay: 5 * time.Second, Period: 5 * time.Second,
	}.Defaulted()
}

// ReadinessProbe is the readiness lab's.
func ReadinessProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
		InitialDelay: 5 * time.Second, Period: 3 * time.Second,
	}.Defaulted()
}

// Liveness is the liveness lab up to its restart, and a while after it: the app is hung at 27 s, Killing is 13.8 s and the restart 44 s
// after that.
func Liveness() *Story {
	const app = "liveness-app"
	const hung = `Get "http://10.244.0.3:3000/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
	s := &Story{}
	s.Start(4, app, "node-1", true, nil, LivenessProbe())
	s.Tell(4.2, journal.PodChosen{Pod: app})
	for t := 9.3; t < 27; t += 5 {
		s.Attempt(t, 0.004, app, probes.Liveness, probes.Success, 1, "")
	}
	s.Fault(27, 27.2, "hang", app)
	for i, t := range []float64{31, 36, 41} {
		s.Attempt(t-1.7, 1, app, probes.Liveness, probes.Failure, i+1, hung)
		s.event(t+0.01, t+0.05, app, "Unhealthy", "Liveness probe failed: "+hung, i+1)
	}
	s.event(41.02, 41.06, app, "Killing", "Container app failed liveness probe, will be restarted", 1)
	s.pod(71.3, app, func(p *lab.Pod) {
		c := &p.Containers[0]
		c.Restarts, p.Restarts = 1, 1
		c.Last = &lab.Termination{ExitCode: 137, Reason: "Error", StartedAt: c.StartedAt, FinishedAt: stamp(71.1)}
		c.ID, c.StartedAt, c.State, c.Reason = p.UID+"-1", stamp(71.2), lab.Running, ""
	})
	for t := 76.5; t < 100; t += 5 {
		s.Attempt(t, 0.004, app, probes.Liveness, probes.Success, 1, "")
	}
	return s
}

// Readiness is the readiness lab: of three pods, the second one's file is removed at 20 s and restored at 40 s.
func Readiness() *Story {
	const missing = "cat: can't open '/tmp/healthy': No such file or directory"
	s := &Story{}
	labels := map[string]string{"app": "readiness-deployment"}
	names := []string{"readiness-deployment-7869b5d679-hdqz5", "readiness-deployment-7869b5d679-mxr2k", "readiness-deployment-7869b5d679-w8tnp"}
	ready := map[string]bool{}
	endpoints := func(t float64) {
		var all []lab.Endpoint
		for i, name := range names {
			all = append(all, lab.Endpoint{
				Service: "readiness-service", Address: fmt.Sprintf("10.0.0.%d", i+5), Pod: name, Ready: ready[name], Serving: ready[name],
			})
		}
		s.see(t, lab.EndpointsChanged{Slice: "svc-1", Endpoints: all})
		n := 0
		for _, is := range ready {
			if is {
				n++
			}
		}
		s.see(t, lab.DeploymentChanged{Deployment: lab.Deployment{
			Name: "readiness-deployment", Desired: 3, Updated: 3, Total: 3, Available: n, Unavailable: 3 - n, Selector: labels,
		}})
	}
	for i, name := range names {
		s.Start(2+0.01*float64(i), name, "node-1", false, labels, ReadinessProbe())
	}
	endpoints(2.3)
	for i, name := range names {
		s.Attempt(8+0.1*float64(i), 0.02, name, probes.Readiness, probes.Success, 1, "")
		s.Ready(8.5+0.1*float64(i), name, true)
		ready[name] = true
	}
	endpoints(8.9)
	s.Tell(19.5, journal.PodChosen{Pod: names[1], ByUser: true})
	s.Fault(20, 20.1, "break", names[1])
	for i, t := range []float64{21.8, 24.8, 27.8} {
		for _, other := range []string{names[0], names[2]} {
			s.Attempt(t-0.7, 0.02, other, probes.Readiness, probes.Success, i+2, "")
		}
		s.Attempt(t-0.6, 0.02, names[1], probes.Readiness, probes.Failure, i+1, missing)
		s.event(t, t+0.02, names[1], "Unhealthy", "Readiness probe failed: "+missing, i+1)
	}
	s.Ready(27.9, names[1], false)
	ready[names[1]] = false
	endpoints(27.95)
	s.event(27.95, 28, names[1], "Unhealthy", "Readiness probe failed: "+missing, 4)
	s.event(30.8, 30.9, names[1], "Unhealthy", "Readiness probe failed: "+missing, 5)
	s.Fault(40, 40.1, "repair", names[1])
	s.Attempt(41.2, 0.02, names[1], probes.Readiness, probes.Success, 1, "")
	s.Ready(42.3, names[1], true)
	ready[names[1]] = true
	endpoints(42.35)
	return s
}
