package probes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/probes"
)

// rig is one container inside a synctest bubble and an engine that probes it.
type rig struct {
	t      *testing.T
	engine *probes.Engine
	began  time.Time

	mu       sync.Mutex
	state    probes.State
	attempts []probes.Attempt
	onReport func(probes.Attempt)
}

// newRig returns a rig whose container c1 has just started and has no startup probe.
func newRig(t *testing.T) *rig {
	now := time.Now()
	r := &rig{t: t, began: now, state: probes.State{ID: "c1", Running: true, StartedAt: now, Started: true}}
	r.engine = probes.New(probes.Config{Report: func(a probes.Attempt) {
		r.mu.Lock()
		r.attempts = append(r.attempts, a)
		onReport := r.onReport
		r.mu.Unlock()
		if onReport != nil {
			onReport(a)
		}
	}})
	t.Cleanup(r.engine.Close)
	return r
}

func key(kind probes.Kind) probes.Key { return probes.Key{Pod: "pod", Container: "app", Kind: kind} }

// add starts a probe whose tries turn out as the script says.
func (r *rig) add(kind probes.Kind, script string, changes ...func(*probes.Spec)) {
	r.t.Helper()
	spec := probes.Spec{Kind: kind, Exec: &probes.ExecAction{Command: []string{"check", "it"}}}.Defaulted()
	for _, change := range changes {
		change(&spec)
	}
	if err := r.engine.Add(key(kind), spec, probes.Target{Exec: scripted(script)}, r.current); err != nil {
		r.t.Fatalf("add: %v", err)
	}
	synctest.Wait()
}

func (r *rig) current() probes.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state
}

func (r *rig) change(f func(*probes.State)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.state)
}

// restart replaces the container.
func (r *rig) restart(id string) {
	r.change(func(s *probes.State) { s.ID, s.Running, s.StartedAt = id, true, time.Now() })
}

// pass lets d go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// want compares the attempts made since the last call, one line each:
//
//	time since the rig was made, outcome, streak/threshold, verdict, then "changed", "hold", and the time until Next
func (r *rig) want(lines ...string) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var got []string
	for _, a := range r.attempts {
		line := fmt.Sprintf("%v %s %d/%d %s", a.Start.Sub(r.began), a.Outcome, a.Streak, a.Threshold, a.Verdict)
		if a.Changed {
			line += " changed"
		}
		if a.OnHold {
			line += " hold"
		}
		if a.OnHold != a.Next.IsZero() {
			r.t.Errorf("attempt at %v: OnHold is %v but Next is %v", a.Start.Sub(r.began), a.OnHold, a.Next)
		}
		if !a.OnHold {
			line += fmt.Sprintf(" next %v", a.Next.Sub(r.began))
		}
		got = append(got, line)
	}
	r.attempts = nil
	if diff := cmp.Diff(lines, got); diff != "" {
		r.t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

// wantVerdict checks what the engine holds true of a container; "" means nothing.
func (r *rig) wantVerdict(kind probes.Kind, id string, want probes.Verdict) {
	r.t.Helper()
	got, ok := r.engine.Verdict(key(kind), id)
	if ok != (want != "") || ok && got != want {
		r.t.Errorf("verdict of %s on %s = %q, %v; want %q", kind, id, got, ok, want)
	}
}

// scripted returns an Exec whose calls turn out as the letters say, the last one again and again: s succeeds, f
// fails, u cannot be run, t hangs until it is interrupted, l takes 2.5 s and succeeds.
func scripted(script string) func(context.Context, []string, int) ([]byte, int, error) {
	calls := 0
	return func(ctx context.Context, command []string, _ int) ([]byte, int, error) {
		letter := script[min(calls, len(script)-1)]
		calls++
		switch letter {
		case 's':
			return []byte("fine\n"), 0, nil
		case 'f':
			return []byte("broken\n"), 1, nil
		case 'u':
			return nil, 0, errors.New("exec: no such file")
		case 't':
			<-ctx.Done()
			return nil, 0, ctx.Err()
		case 'l':
			select {
			case <-ctx.Done():
				return nil, 0, ctx.Err()
			case <-time.After(2500 * time.Millisecond):
				return nil, 0, nil
			}
		default:
			return nil, 0, fmt.Errorf("script %q has no meaning for %s", script, strings.Join(command, " "))
		}
	}
}

func every(period time.Duration) func(*probes.Spec) {
	return func(s *probes.Spec) { s.Period = period }
}

func after(delay time.Duration) func(*probes.Spec) {
	return func(s *probes.Spec) { s.InitialDelay = delay }
}

func timeout(d time.Duration) func(*probes.Spec) {
	return func(s *probes.Spec) { s.Timeout = d }
}

func execOf(command ...string) func(*probes.Spec) {
	return func(s *probes.Spec) { s.TCP, s.Exec = nil, &probes.ExecAction{Command: command} }
}

func thresholds(success, failure int) func(*probes.Spec) {
	return func(s *probes.Spec) { s.SuccessThreshold, s.FailureThreshold = success, failure }
}

// scriptedBy returns an Exec whose calls turn out as the bytes that next returns say.
func scriptedBy(next func() byte) func(context.Context, []string, int) ([]byte, int, error) {
	return func(context.Context, []string, int) ([]byte, int, error) {
		switch turn(next()) {
		case probes.Success:
			return nil, 0, nil
		case probes.Failure:
			return nil, 1, nil
		default:
			return nil, 0, errors.New("exec: no such file")
		}
	}
}
