package probes_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

// wantPlan checks what the engine says it will do next, as "next 5s" since the rig was made, or what is waited for.
func (r *rig) wantPlan(kind probes.Kind, want string) {
	r.t.Helper()
	plan, ok := r.engine.Plan(key(kind))
	got := string(plan.Wait)
	switch {
	case !ok:
		got = "nothing"
	case plan.Wait == "":
		got = fmt.Sprintf("next %v", plan.Next.Sub(r.began))
	}
	if got != want || !ok && plan != (probes.Plan{}) {
		r.t.Errorf("after %v, the %s probe's plan is %q, want %q", time.Since(r.began), kind, got, want)
	}
}

func TestPlan(t *testing.T) {
	t.Run("before the first attempt", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Readiness, "s", every(3*time.Second), after(5*time.Second))
			r.wantPlan(probes.Readiness, "next 6s")
			pass(4 * time.Second)
			r.wantPlan(probes.Readiness, "next 6s")
			r.engine.Trigger(key(probes.Readiness)) // which is too early, but moves the ticks
			r.wantPlan(probes.Readiness, "next 7s")
			synctest.Wait()
			r.wantPlan(probes.Readiness, "next 7s")
			pass(4 * time.Second)
			r.wantPlan(probes.Readiness, "next 10s")
			r.want("7s success 1/1 passing changed next 10s")
		})
	})
	t.Run("of a container that the worker has not seen yet", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Liveness, "f", thresholds(1, 1), after(2*time.Second))
			pass(10 * time.Second)
			r.want("10s failure 1/1 failing changed hold")
			r.wantPlan(probes.Liveness, "successor")
			r.change(func(s *probes.State) { s.Running = false })
			r.wantPlan(probes.Liveness, "successor")
			pass(time.Second)
			r.restart("c2")
			r.wantPlan(probes.Liveness, "next 20s")
			r.change(func(s *probes.State) { s.Running = false })
			r.wantPlan(probes.Liveness, "container")
		})
	})
	t.Run("around the startup probe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.change(func(s *probes.State) { s.Started = false })
			r.add(probes.Readiness, "s")
			r.add(probes.Startup, "fs", every(2*time.Second))
			r.wantPlan(probes.Readiness, "startup")
			r.wantPlan(probes.Startup, "next 2s")
			pass(3 * time.Second)
			r.change(func(s *probes.State) { s.Started = true })
			r.wantPlan(probes.Startup, "successor")
			r.wantPlan(probes.Readiness, "next 12s") // the ticks count from when the startup probe succeeded
		})
	})
	t.Run("of what has come to its end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.wantPlan(probes.Liveness, "nothing")
			r.add(probes.Liveness, "s")
			r.change(func(s *probes.State) { s.Deleting = true })
			r.wantPlan(probes.Liveness, "nothing")
		})
	})
}

// Whoever triggers and whoever heeds it do so at the same time; what is planned after both is the next tick, each time.
func TestPlanAfterTriggers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Readiness, "s")
		for n := range 5000 {
			pass(3 * time.Second)
			r.engine.Trigger(key(probes.Readiness))
			synctest.Wait()
			if plan, ok := r.engine.Plan(key(probes.Readiness)); !ok || time.Until(plan.Next) != 10*time.Second {
				t.Fatalf("after trigger %d the plan is %+v, %v; want the next tick 10 s after %v", n, plan, ok, time.Now())
			}
		}
	})
}
