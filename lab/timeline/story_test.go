package timeline

import (
	"fmt"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// zero is when stories begin, on every clock.
var zero = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

// story makes a journal's entries and adds them to a builder. Its times are seconds since zero.
type story struct {
	*Builder
	seq  uint64
	now  float64 // of our clock
	skew float64 // the node's clock is so many seconds ahead
	pods map[string]lab.Pod
}

func begin(labs ...lab.Lab) *story { return &story{Builder: New(labs), pods: map[string]lab.Pod{}} }

func instant(s float64) time.Time { return zero.Add(time.Duration(s * float64(time.Second))) }

// stamp is a time of the node, in whole seconds.
func (s *story) stamp(t float64) time.Time { return instant(t + s.skew).Truncate(time.Second) }

func (s *story) tell(t float64, body journal.Body) {
	s.now = t
	s.seq++
	s.Add(journal.Entry{Seq: s.seq, At: instant(t), Body: body})
}

func (s *story) see(t float64, change lab.Change) { s.tell(t, journal.Changed{Change: change}) }

// pod changes what was known of a pod, and tells it.
func (s *story) pod(t float64, name string, change func(*lab.Pod)) {
	p := s.pods[name]
	p.Containers = append([]lab.Container(nil), p.Containers...)
	change(&p)
	s.pods[name] = p
	s.see(t, lab.PodChanged{Pod: p})
}

// event tells of an event about the first container of a pod, stamped at one time and told at another.
func (s *story) event(stamped, t float64, name, reason, message string, count int) {
	p := s.pods[name]
	s.see(t, lab.EventChanged{Event: lab.Event{
		UID: p.UID + reason + message, Type: "Warning", Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: name,
		ObjectUID: p.UID, Container: p.Containers[0].Name, Source: "kubelet", Count: count, Last: s.stamp(stamped), First: s.stamp(stamped),
	}})
}

// attempt tells of an attempt of the engine at the first container that began at a time.
func (s *story) attempt(t, took float64, name string, kind probes.Kind, outcome probes.Outcome, streak int) {
	p := s.pods[name]
	c := p.Containers[0]
	spec := probes.Spec{}
	for _, pr := range c.Probes {
		if pr.Spec.Kind == kind {
			spec = pr.Spec.Defaulted()
		}
	}
	a := probes.Attempt{
		Key: probes.Key{Pod: p.UID, Container: c.Name, Kind: kind}, ContainerID: c.ID, Mechanism: spec.Mechanism(),
		Start: instant(t), Took: time.Duration(took * float64(time.Second)), Outcome: outcome, Streak: streak,
		Threshold: spec.FailureThreshold, Verdict: probes.Passing,
	}
	if outcome == probes.Success {
		a.Threshold = spec.SuccessThreshold
	} else {
		a.Message, a.TimedOut = "context deadline exceeded", outcome == probes.Failure
	}
	if outcome == probes.Failure && streak >= spec.FailureThreshold {
		a.Verdict, a.Changed = probes.Failing, streak == spec.FailureThreshold
		a.OnHold = kind != probes.Readiness
	}
	s.tell(t+took+0.001, journal.Attempted{Attempt: lab.Attempt{Pod: name, Container: c.Name, Attempt: a}})
}

// fault carries out a fault from one time to another.
func (s *story) fault(from, to float64, id, pod string, state lab.TaskState) {
	task := s.seq + 1
	s.tell(from, journal.TaskStarted{Task: lab.Task{
		ID: task, Action: lab.Inject{Fault: id, Pod: pod}, State: lab.TaskRunning, Started: instant(from), Line: "kubectl exec",
	}})
	s.tell(to, journal.TaskEnded{Task: task, State: state})
}

// The labs' faults and probes.
func labs() []lab.Lab {
	return []lab.Lab{
		{ID: "liveness", Faults: []lab.Fault{{
			ID: "hang", Role: lab.RoleHang, Pod: "liveness-app", Responds: lab.Responses{Liveness: probes.Hang},
		}}},
		{ID: "readiness", Faults: []lab.Fault{
			{ID: "break", Role: lab.RoleUnready, Selector: "app=r", Responds: lab.Responses{Readiness: probes.Fail}},
			{ID: "repair", Role: lab.RoleRepair, Selector: "app=r", Responds: lab.Responses{Readiness: probes.Answer}},
		}},
	}
}

func livenessProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
		InitialDelay: 5 * time.Second, Period: 5 * time.Second,
	}.Defaulted()
}

func readinessProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
		InitialDelay: 5 * time.Second, Period: 3 * time.Second,
	}.Defaulted()
}

func startupProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Startup, HTTP: &probes.HTTPAction{Path: "/", Port: probes.Port{Number: 80}},
		Period: 2 * time.Second, FailureThreshold: 4,
	}.Defaulted()
}

// answered is a line of an app's log.
func answered(path string) string {
	return `::ffff:10.244.0.1 - - [23/Nov/2026:13:42:41 +0000] "GET ` + path + ` HTTP/1.1" 200 16 "-" "kube-probe/1.37"`
}

// start makes a pod and has it run from a time on, ready at once or not.
func (s *story) start(t float64, name, uid string, ready bool, specs ...probes.Spec) {
	delete(s.pods, name)
	s.pod(t-0.5, name, func(p *lab.Pod) {
		*p = lab.Pod{
			Name: name, UID: uid, Phase: "Pending", GracePeriod: 30 * time.Second, Created: s.stamp(t - 0.5), Node: "node-1",
			Labels:     map[string]string{"app": strings.TrimRight(name, "-0123456789")},
			Containers: []lab.Container{{Name: "app", State: lab.Waiting, Reason: "ContainerCreating"}},
		}
		for _, spec := range specs {
			p.Containers[0].Probes = append(p.Containers[0].Probes, lab.Probe{Spec: spec})
		}
	})
	s.pod(t+0.1, name, func(p *lab.Pod) {
		c := &p.Containers[0]
		p.Phase, p.Ready, p.ReadySince, p.IP = "Running", ready, s.stamp(t), "10.0.0.1"
		c.State, c.Reason, c.ID, c.StartedAt, c.Ready = lab.Running, "", uid+"-0", s.stamp(t), ready
		c.Started = len(specs) == 0 || specs[0].Kind != probes.Startup
	})
}

// restart has the next container run from a time on; it ended with an exit code.
func (s *story) restart(t float64, name string, code int) {
	s.pod(t+0.1, name, func(p *lab.Pod) {
		c := &p.Containers[0]
		c.Restarts++
		p.Restarts++
		c.Last = &lab.Termination{ExitCode: code, Reason: "Error", StartedAt: c.StartedAt, FinishedAt: s.stamp(t - 0.1)}
		c.ID, c.StartedAt, c.State, c.Reason = fmt.Sprintf("%s-%d", p.UID, c.Restarts), s.stamp(t), lab.Running, ""
	})
}

const hung = `Liveness probe failed: Get "http://10.244.0.3:3000/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`

// hooked is the liveness lab with a preStop hook that takes so many seconds; the app ends at SIGKILL, and the restart comes at a time.
func hooked(least, most time.Duration, restart float64) func(*story) {
	return func(s *story) {
		s.start(4, "liveness-app", "uid-l", true, livenessProbe())
		s.pod(4.2, "liveness-app", func(p *lab.Pod) { p.Containers[0].PreStop = &probes.Range{Least: least, Most: most} })
		s.fault(27, 27.2, "hang", "", lab.TaskDone)
		for i, t := range []float64{31.0, 36.0, 41.0} {
			s.event(t+0.01, t+0.05, "liveness-app", "Unhealthy", hung, i+1)
		}
		s.event(41.02, 41.06, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
		s.restart(restart, "liveness-app", 137)
	}
}

// livenessLab is the liveness lab on a real cluster, up to a restart: the app is hung at 27 s, and the kubelet looks at it at
// 10 s and every 5 s from there.
func livenessLab(s *story) {
	s.start(4, "liveness-app", "uid-l", true, livenessProbe())
	for t := 9.3; t < 27; t += 5 {
		s.attempt(t, 0.004, "liveness-app", probes.Liveness, probes.Success, 1)
	}
	s.fault(27, 27.2, "hang", "", lab.TaskDone)
	for i, t := range []float64{31.0, 36.0, 41.0} {
		s.attempt(t-1.7, 1, "liveness-app", probes.Liveness, probes.Failure, i+1)
		s.event(t+0.01, t+0.05, "liveness-app", "Unhealthy", hung, i+1)
	}
	s.event(41.02, 41.06, "liveness-app", "Killing", "Container app failed liveness probe, will be restarted", 1)
	s.restart(71.2, "liveness-app", 137)
}

const missing = "Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n"

// readinessLab is the readiness lab on a real cluster: the file is removed at 20 s and restored at 40 s.
func readinessLab(s *story) {
	s.start(2, "r-1", "uid-r1", false, readinessProbe())
	endpoint := func(t float64, ready bool) {
		s.see(t, lab.EndpointsChanged{Slice: "svc-1", Endpoints: []lab.Endpoint{
			{Service: "svc", Address: "10.0.0.1", Pod: "r-1", Ready: ready, Serving: ready},
		}})
	}
	ready := func(t float64, ready bool) {
		s.pod(t, "r-1", func(p *lab.Pod) { p.Ready, p.Containers[0].Ready, p.ReadySince = ready, ready, s.stamp(t-0.02) })
		endpoint(t+0.05, ready)
	}
	endpoint(2.2, false)
	s.attempt(8, 0.02, "r-1", probes.Readiness, probes.Success, 1)
	ready(8.1, true)
	s.tell(19.5, journal.PodChosen{Pod: "r-1", ByUser: true})
	s.fault(20, 20.1, "break", "", lab.TaskDone)
	for i, t := range []float64{21.8, 24.8, 27.8} {
		s.attempt(t-0.6, 0.02, "r-1", probes.Readiness, probes.Failure, i+1)
		s.event(t, t+0.02, "r-1", "Unhealthy", missing, i+1)
	}
	ready(27.9, false)
	s.event(27.95, 28, "r-1", "Unhealthy", missing, 4)
	s.event(30.8, 30.9, "r-1", "Unhealthy", missing, 5)
	s.fault(40, 40.1, "repair", "", lab.TaskDone)
	s.attempt(41.2, 0.02, "r-1", probes.Readiness, probes.Success, 1)
	ready(42.3, true)
}

// inWords is an episode in words, its times in seconds since it began.
func inWords(e *Episode) string {
	if e == nil {
		return "none"
	}
	var out strings.Builder
	since := e.Begun.At
	seconds := func(t time.Time) string { return fmt.Sprintf("%.1f", t.Sub(since).Seconds()) }
	when := func(i Instant) string {
		early, ok := i.Earliest()
		switch {
		case !ok:
			return "by " + seconds(i.At)
		case seconds(early) == seconds(i.At):
			return seconds(i.At)
		}
		return seconds(early) + ".." + seconds(i.At)
	}
	window := func(x Expected) string {
		switch {
		case !x.Known():
			return "?"
		case x.Never() != "":
			return "never: " + string(x.Never())
		case x.To.IsZero():
			return seconds(x.From) + ".."
		}
		s := seconds(x.From) + ".." + seconds(x.To)
		if x.Band.May {
			s = "perhaps " + s
		}
		return s
	}
	for _, p := range e.Points {
		fmt.Fprintf(&out, "%s:", p.Code)
		if p.Code != PointFault && p.Code != PointRepair {
			fmt.Fprintf(&out, " expected %s", window(p.Expected))
			if due := window(p.Due); due != window(p.Expected) {
				fmt.Fprintf(&out, ", then %s", due)
			}
		}
		if !p.Told.IsZero() {
			fmt.Fprintf(&out, ", told %s", when(p.Told))
		}
		if !p.Probed.IsZero() {
			fmt.Fprintf(&out, ", probed %s", when(p.Probed))
		}
		out.WriteString("\n")
	}
	if e.End != "" {
		fmt.Fprintf(&out, "%s at %s\n", e.End, seconds(e.Ended))
	}
	return strings.ReplaceAll(out.String(), ":,", ":")
}
