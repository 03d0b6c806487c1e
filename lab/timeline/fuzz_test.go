package timeline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// dice turns bytes into entries.
type dice struct {
	data []byte
	at   int
}

func (d *dice) roll(n int) int {
	if d.at >= len(d.data) {
		return 0
	}
	d.at++
	return int(d.data[d.at-1]) % n
}

func pick[T any](d *dice, all ...T) T { return all[d.roll(len(all))] }

// time is mostly near a moment, and sometimes anything.
func (d *dice) time(near time.Time) time.Time {
	switch d.roll(64) {
	case 0:
		return time.Time{}
	case 1:
		return time.Unix(math.MaxInt64, 0)
	case 2:
		return near.Add(-time.Duration(d.roll(256)) * time.Hour)
	case 3:
		return near.Add(time.Duration(d.roll(256)) * 24 * 365 * time.Hour)
	case 4:
		return near.Truncate(time.Second)
	default:
		return near.Add(time.Duration(d.roll(256)-20) * 17 * time.Millisecond)
	}
}

func (d *dice) kind() probes.Kind {
	return pick(d, probes.Liveness, probes.Readiness, probes.Startup, "", "x")
}

func (d *dice) pod(now time.Time) lab.Pod {
	if d.roll(4) > 0 {
		return d.usual(now)
	}
	uid := pick(d, "a", "b", "uid-l", "")
	p := lab.Pod{
		UID: uid, Name: pick(d, "liveness-app", "r-1", "\x1b[2J"), Ready: d.roll(2) == 0, ReadySince: d.time(now), Node: pick(d, "", "n"),
		GracePeriod: pick(d, 30*time.Second, 0, -time.Second, math.MaxInt64), Labels: map[string]string{"app": "r"},
	}
	if d.roll(8) == 0 {
		p.Deleting = d.time(now)
	}
	for range d.roll(3) {
		c := lab.Container{
			Name: pick(d, "app", "b", ""), ID: pick(d, "", "1", "2", "3"), State: pick(d, lab.Running, lab.Waiting, lab.Terminated, "?"),
			Started: d.roll(2) == 0, Ready: d.roll(2) == 0, Restarts: d.roll(5) - 1, StartedAt: d.time(now), Final: d.roll(8) == 0,
			Reason: pick(d, "", "CrashLoopBackOff", "Error"), Message: pick(d, "", "back-off 10s restarting", "back-off -9999999h x"),
		}
		if d.roll(2) == 0 {
			c.Last = &lab.Termination{ExitCode: 137, StartedAt: d.time(now), FinishedAt: d.time(now)}
		}
		for range d.roll(4) {
			c.Probes = append(c.Probes, lab.Probe{Spec: probes.Spec{
				Kind: d.kind(), Period: time.Duration(d.roll(10)-1) * time.Second, Timeout: time.Duration(d.roll(4)-1) * time.Second,
				FailureThreshold: d.roll(6) - 1, SuccessThreshold: d.roll(4) - 1, InitialDelay: time.Duration(d.roll(20)-2) * time.Second,
				HTTP: pick(d, nil, &probes.HTTPAction{Path: "/health"}), TCP: pick(d, nil, &probes.TCPAction{}),
			}})
		}
		p.Containers = append(p.Containers, c)
	}
	return p
}

// usual is a pod of the labs, at some point of its life.
func (d *dice) usual(now time.Time) lab.Pod {
	p := lab.Pod{
		UID: "a", Name: "liveness-app", Node: "n", GracePeriod: 30 * time.Second, Ready: d.roll(3) > 0, ReadySince: d.time(now),
		Containers: []lab.Container{{Name: "app", State: lab.Running, Restarts: d.roll(4), Started: d.roll(4) > 0, StartedAt: d.time(now)}},
	}
	c := &p.Containers[0]
	c.ID, c.Ready = fmt.Sprint(c.Restarts), p.Ready
	if c.Restarts > 0 {
		c.Last = &lab.Termination{ExitCode: 137, StartedAt: d.time(now), FinishedAt: d.time(now)}
	}
	specs := []probes.Spec{livenessProbe()}
	if d.roll(2) == 0 {
		p.UID, p.Name, specs = "b", "r-1", []probes.Spec{readinessProbe()}
	} else if d.roll(3) == 0 {
		p.UID, p.Name, specs = "c", "web", []probes.Spec{startupProbe(), livenessProbe()}
	}
	for _, spec := range specs {
		c.Probes = append(c.Probes, lab.Probe{Spec: spec})
	}
	return p
}

func (d *dice) body(now time.Time) journal.Body {
	switch d.roll(14) {
	case 0:
		return journal.Changed{Change: lab.PodChanged{Pod: d.pod(now), Deleted: d.roll(10) == 0, Initial: d.roll(5) == 0}}
	case 1, 2:
		return journal.Changed{Change: lab.EventChanged{Initial: d.roll(6) == 0, Deleted: d.roll(10) == 0, Event: lab.Event{
			UID: pick(d, "e", "f"), ObjectKind: "Pod", ObjectUID: pick(d, "a", "b", "c", ""), ObjectName: pick(d, "liveness-app", "r-1"),
			Container: pick(d, "app", "app", "app", "b"), Reason: pick(d, "Unhealthy", "Killing", "ProbeWarning"), Count: d.roll(90) - 1,
			Message: pick(
				d, hung, missing, "Container app failed liveness probe, will be restarted", "Startup probe failed: \xff\x1b",
				"(combined from similar events): Liveness probe errored and resulted in unknown state: x", "Stopping container app",
				"Container app failed startup probe, will be restarted", strings.Repeat("가", 900),
			),
			First: d.time(now), Last: d.time(now),
		}}}
	case 3, 4, 5:
		return journal.Attempted{Attempt: lab.Attempt{Attempt: probes.Attempt{
			Key:         probes.Key{Pod: pick(d, "a", "b", "c"), Container: pick(d, "app", "app", "app", "b"), Kind: d.kind()},
			ContainerID: pick(d, "0", "1", "2", "3"), Start: d.time(now), Took: pick(d, 0, time.Millisecond, time.Second, -time.Second, math.MaxInt64),
			Outcome: pick(d, probes.Success, probes.Failure, probes.Unknown), Streak: d.roll(5), Threshold: d.roll(5),
			Verdict: pick(d, probes.Passing, probes.Failing, probes.Undecided), Changed: d.roll(2) == 0,
		}}}
	case 6:
		return journal.TaskStarted{Task: lab.Task{
			ID: uint64(d.roll(4)), Started: d.time(now), Action: pick[lab.Action](
				d, lab.Inject{Fault: "hang"}, lab.Inject{Fault: "break", Pod: "r-1"}, lab.Inject{Fault: "repair", Pod: "r-1"}, nil,
				lab.Kubectl{Args: []string{"exec", "liveness-app", "--", "x"}}, lab.Inject{Fault: "exit", Pod: "liveness-app"},
			),
		}}
	case 7, 8:
		return journal.TaskEnded{Task: uint64(d.roll(4)), State: pick(d, lab.TaskDone, lab.TaskFailed)}
	case 9:
		var all []lab.Endpoint
		for range d.roll(3) {
			all = append(all, lab.Endpoint{Service: pick(d, "s", "t"), Address: pick(d, "1", "2"), Pod: pick(d, "r-1", ""), Ready: d.roll(2) == 0})
		}
		return journal.Changed{Change: lab.EndpointsChanged{Slice: pick(d, "x", "y"), Endpoints: all}}
	case 10:
		return journal.Changed{Change: lab.DeploymentChanged{Deleted: d.roll(4) == 0, Deployment: lab.Deployment{
			Name: pick(d, "r", "q"), Available: d.roll(4), Selector: map[string]string{"app": "r"},
		}}}
	case 11:
		return journal.Changed{Change: lab.LinkChanged{Up: d.roll(2) == 0, Since: d.time(now)}}
	case 12:
		return journal.Changed{Change: lab.AccessChanged{Resource: pick(d, "pods", "events"), Denied: d.roll(2) == 0}}
	default:
		return pick[journal.Body](
			d, journal.LogFollowed{Pod: pick(d, "a", "b")}, journal.PodChosen{Pod: "r-1"}, nil,
			journal.Logged{Line: lab.LogLine{At: d.time(now), Text: answered("/health")}},
		)
	}
}

// FuzzAdd adds any entries, in views that are kept and must stay as they were.
func FuzzAdd(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\x00\x05\x02\x09\x01\x07\x03\x0b\x04", 60)))
	f.Add([]byte(strings.Repeat("healthlab tells what happened, ", 30)))
	f.Fuzz(func(t *testing.T, data []byte) { play(t, data[:min(len(data), 1<<14)]) })
}

// TestAnything is what the fuzzer does, with bytes that are long enough to be of interest.
func TestAnything(t *testing.T) {
	for seed := range byte(200) {
		data := make([]byte, 6000)
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(data)
		play(t, data)
	}
}

// play adds the entries that data makes.
func play(t *testing.T, data []byte) {
	t.Helper()
	d := &dice{data: data}
	b := New(append(labs(), lab.Lab{ID: "x", Faults: []lab.Fault{{
		ID: "exit", Responds: lab.Responses{Liveness: probes.Exit, Readiness: probes.Hang, Startup: probes.Answer}, After: 2, Shutdown: new(int),
	}}}))
	now := zero
	var kept *View
	var was string
	for d.at < len(d.data) {
		now = d.time(now)
		b.Add(journal.Entry{At: now, Body: d.body(now)})
		if !sane(now) {
			now = zero
		}
		switch d.roll(20) {
		case 0:
			b.Lost(uint64(d.roll(3)))
		case 1:
			if kept == nil {
				kept = b.View()
				was = dump(kept)
			} else {
				check(t, b.View())
			}
		}
	}
	check(t, b.View())
	if kept != nil && dump(kept) != was {
		t.Error("a view has changed after it was taken")
	}
}

// check looks for what no view may have.
func check(t *testing.T, v *View) {
	t.Helper()
	if v.To.Before(v.From) {
		t.Errorf("the axis goes back: %v to %v", v.From, v.To)
	}
	for _, p := range v.Pods {
		inOrder(t, v, "ready", p.Ready)
		for _, c := range p.Containers {
			inOrder(t, v, "runs", c.Runs)
			for _, pr := range c.Probes {
				inOrder(t, v, "verdicts", pr.Verdicts)
				for _, a := range []Attempts{pr.Engine, pr.Kubelet} {
					all := a.All()
					for i, one := range all {
						if one.Ended.Within < 0 || one.Ended.At.After(v.To) || i > 0 && one.Ended.At.Before(all[i-1].Ended.At) {
							t.Errorf("attempt %d of %d is out of order: %v", i, len(all), one)
						}
						if utf8.RuneCountInString(one.Message) > maxText+1 || lab.Printable(one.Message) != one.Message {
							t.Errorf("message %q", one.Message)
						}
					}
				}
			}
		}
	}
	for _, s := range v.Services {
		for _, m := range s.Members {
			inOrder(t, v, "members", m.States)
		}
	}
	for _, d := range v.Deployments {
		inOrder(t, v, "counts", d.Counts)
	}
	for i, e := range v.Episodes {
		if i > 0 && e.ID <= v.Episodes[i-1].ID {
			t.Errorf("episode %d comes after %d", e.ID, v.Episodes[i-1].ID)
		}
		for _, witness := range []func(Point) Instant{func(p Point) Instant { return p.Told }, func(p Point) Instant { return p.Probed }} {
			last := e.Begun
			for _, p := range e.Points {
				at := witness(p)
				if at.IsZero() {
					continue
				}
				if at.At.Before(last.At) || at.At.After(v.To) {
					t.Errorf("episode %d: %s is out of order:\n%s", e.ID, p.Code, inWords(e))
				}
				last = at
			}
		}
		if (e.End == "") != e.Ended.IsZero() {
			t.Errorf("episode %d: ended %q at %v", e.ID, e.End, e.Ended)
		}
		e.Debrief()
		e.Next()
	}
	v.At("a", v.To)
}

func inOrder[T any](t *testing.T, v *View, what string, s Spans[T]) {
	t.Helper()
	var last time.Time
	n := 0
	for span := range s.All() {
		n++
		if span.From.At.Before(last) || span.From.Within < 0 || span.To.Within < 0 || span.From.At.After(v.To) || span.To.At.After(v.To) ||
			!span.Open() && span.To.At.Before(span.From.At) {
			t.Errorf("%s: span %d is out of order: %v after %v", what, n, span, last)
		}
		last = span.From.At
		if !span.Open() {
			last = span.To.At
		}
	}
	if n != s.Len() || n > maxSpans+1 {
		t.Errorf("%s: %d spans of %d", what, n, s.Len())
	}
}
