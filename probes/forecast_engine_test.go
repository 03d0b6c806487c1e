package probes_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

// world is one course that a situation may take: what a forecast leaves open is chosen here. The engine probes in it; its
// container ends and is restarted as a node would do that. Times are counted from when the container starts.
type world struct {
	probes.Situation
	phase    map[probes.Kind]time.Duration // when the worker looks at the container first
	fault    time.Duration
	answered bool // an attempt under way is answered when the fault ends
	spares   bool // an attempt under way at the fault is answered
	both     bool // the fault is seen by the readiness probe of the others as well
	ill      bool // attempts fail before the fault
	preStop  time.Duration
	shutdown time.Duration // from SIGTERM on
	creation time.Duration
	notice   time.Duration
	triggers []time.Duration // further ones

	began  time.Time
	engine *probes.Engine
	gone   chan struct{} // closed when the container has ended, which ends what runs in it
	failed atomic.Bool   // there was a verdict

	mu               sync.Mutex
	ended, restarted time.Duration // Longest while that is not decided
	seen             seen
}

// seen is when what a forecast is about has happened, counted from the fault.
type seen map[string]time.Duration

func (w *world) now() time.Duration { return time.Since(w.began) }

func (w *world) note(what string, at time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.seen[what]; !ok {
		w.seen[what] = at - w.fault
	}
}

// ends is when the container ends, and when the next one runs.
func (w *world) ends() (ended, restarted time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended, w.restarted
}

func (w *world) state() probes.State {
	now := w.now()
	ended, restarted := w.ends()
	switch {
	case now < 0:
		return probes.State{}
	case now < ended:
		return probes.State{ID: "c1", Running: true, StartedAt: w.began, Started: w.started("c1")}
	case now < restarted:
		return probes.State{ID: "c1"}
	default:
		return probes.State{ID: "c2", Running: true, StartedAt: w.began.Add(restarted), Started: w.started("c2")}
	}
}

func (w *world) has(kind probes.Kind) bool {
	for _, p := range w.all() {
		if p.Kind == kind {
			return true
		}
	}
	return false
}

func (w *world) all() []probes.Spec { return append([]probes.Spec{w.Spec}, w.Others...) }

func (w *world) started(id string) bool {
	if !w.has(probes.Startup) || w.Spec.Kind != probes.Startup && id == "c1" {
		return true // one that has started long ago is not asked about that again
	}
	v, ok := w.engine.Verdict(key(probes.Startup), id)
	return ok && v == probes.Passing
}

// run is one run of a probe's command.
func (w *world) run(ctx context.Context, spec probes.Spec) ([]byte, int, error) {
	began := w.now()
	gone := w.gone
	_, restarted := w.ends()
	if began >= restarted {
		gone = nil
	}
	over := restarted // the fault
	if w.Lasts > 0 {
		over = w.fault + w.Lasts
	}
	ends := func(code int, d time.Duration) ([]byte, int, error) {
		select {
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		case <-gone:
			return nil, 137, nil
		case <-time.After(d):
			return nil, code, nil
		}
	}
	if began >= restarted {
		if began < restarted+w.Boot {
			return nil, 1, nil
		}
		return ends(0, w.Healthy)
	}
	if w.ill && began < w.fault {
		return nil, 1, nil
	}
	hit := spec.Kind == w.Spec.Kind || w.both
	under := hit && began >= w.fault && began < over
	if hit && began < w.fault && began+w.Healthy > w.fault && !w.spares {
		under = true
	}
	if !under {
		return ends(0, w.Healthy)
	}
	if left := over - began; w.answered && left < min(spec.Timeout, w.takes(spec)) {
		return ends(0, left)
	}
	switch w.Behaviour.Response {
	case probes.Hang:
		return ends(0, probes.Longest)
	case probes.Answer:
		return ends(0, w.Behaviour.After)
	default:
		return ends(1, max(w.Behaviour.After, w.fault-began))
	}
}

func (w *world) takes(spec probes.Spec) time.Duration {
	if w.Behaviour.Response == probes.Hang {
		return spec.Timeout
	}
	return w.Behaviour.After
}

func (w *world) report(a probes.Attempt) {
	at := w.now()
	if a.Key.Kind == w.Spec.Kind && a.ContainerID == "c1" && at >= w.fault && w.Behaviour.Response != probes.Exit {
		if a.Outcome == probes.Failure {
			w.note("first failure", at)
			if a.Streak == a.Threshold {
				w.note("verdict", at)
				w.failed.Store(true)
			}
			if a.Streak == a.Threshold && a.OnHold && w.Spec.Kind != probes.Readiness {
				w.stop(at)
			}
		}
		switch passed := a.Changed && a.Verdict == probes.Passing; {
		case passed && w.Spec.Kind == probes.Startup:
			w.note("started", at)
			if !w.has(probes.Readiness) {
				w.note("ready", at)
			}
		case passed && w.Spec.Kind == probes.Readiness:
			w.note("ready", at)
			if w.failed.Load() && w.Lasts > 0 {
				w.note("return", at-w.Lasts)
			}
		}
	}
	if a.Key.Kind == probes.Readiness && a.Changed {
		w.trigger(at + time.Millisecond)
	}
	if a.Verdict != probes.Passing || !a.Changed {
		return
	}
	asked := "c2"
	if w.Spec.Kind == probes.Startup && w.Behaviour.Response != probes.Exit {
		asked = "c1" // the next container would need as long
	}
	last := probes.Readiness
	if !w.has(probes.Readiness) {
		last = probes.Startup
	}
	if a.ContainerID == asked && a.Key.Kind == last {
		w.note("ready", at)
	}
}

// stop has the container killed and restarted.
func (w *world) stop(at time.Duration) {
	grace := w.Grace
	if w.Spec.GracePeriod != nil {
		grace = *w.Spec.GracePeriod
	}
	hook := min(w.preStop, grace)
	at += hook
	w.note("stop", at)
	at += min(w.shutdown, max(grace-hook.Truncate(time.Second), 2*time.Second))
	w.exit(at, at)
}

// exit ends the container, which is restarted once that is noticed.
func (w *world) exit(at, noticed time.Duration) {
	restarted := noticed + w.creation
	w.mu.Lock()
	w.ended, w.restarted = at, restarted
	w.mu.Unlock()
	time.AfterFunc(at-w.now(), func() { close(w.gone) })
	w.note("restart", restarted)
	if w.Spec.Kind == probes.Readiness {
		w.note("verdict", noticed)
	}
	if !w.has(probes.Startup) && !w.has(probes.Readiness) {
		w.note("ready", restarted)
	}
	w.trigger(restarted + w.notice)
}

// trigger triggers the readiness probe at a moment, as a node does that sees that the container is not ready.
func (w *world) trigger(at time.Duration) {
	if w.Triggered {
		time.AfterFunc(at-w.now(), func() {
			state := w.state()
			v, ok := w.engine.Verdict(key(probes.Readiness), state.ID)
			if state.Running && state.Started && (!ok || v != probes.Passing) {
				w.engine.Trigger(key(probes.Readiness))
			}
		})
	}
}

// live lives through the world and returns what was seen by the time.
func (w *world) live(until time.Duration) seen {
	w.seen, w.gone = seen{}, make(chan struct{})
	w.restarted, w.ended = probes.Longest, probes.Longest
	w.began = time.Now().Add(time.Hour)
	w.engine = probes.New(probes.Config{Report: w.report})
	defer w.engine.Close()
	for _, spec := range w.all() {
		since := w.began.Add(w.phase[spec.Kind])
		target := probes.Target{Exec: func(ctx context.Context, _ []string, _ int) ([]byte, int, error) {
			return w.run(ctx, spec)
		}}
		<-time.After(time.Until(since.Add(-(time.Until(since) / spec.Period) * spec.Period)))
		if err := w.engine.Add(key(spec.Kind), spec, target, w.state); err != nil {
			panic(err)
		}
	}
	<-time.After(time.Until(w.began))
	w.trigger(w.notice)
	for _, at := range w.triggers {
		w.trigger(at)
	}
	if w.Behaviour.Response == probes.Exit {
		<-time.After(w.fault - w.now())
		w.exit(w.fault, w.fault+w.notice)
	}
	<-time.After(w.fault + until - w.now())
	synctest.Wait()
	return w.seen
}

// bands are a forecast's, by what is seen.
func bands(f probes.Forecast) map[string]probes.Band {
	return map[string]probes.Band{
		"first failure": f.FirstFailure, "verdict": f.Verdict, "stop": f.Stop, "restart": f.Restart, "started": f.Started,
		"ready": f.Ready, "return": f.Return,
	}
}

// outside tells what was not as forecast.
func outside(f probes.Forecast, s seen) (all []string) {
	for what, b := range bands(f) {
		at, ok := s[what]
		switch {
		case ok && b.Never != "":
			all = append(all, fmt.Sprintf("%s after %v, which is never to come: %s", what, at, b.Never))
		case ok && (at < b.Earliest || at > b.Latest):
			all = append(all, fmt.Sprintf("%s after %v, not from %v to %v %v", what, at, b.Earliest, b.Latest, b.Terms))
		case !ok && b.Never == "" && !b.May:
			all = append(all, fmt.Sprintf("no %s, which is to come from %v to %v %v", what, b.Earliest, b.Latest, b.Terms))
		}
	}
	return all
}

// horizon is when all that a forecast speaks of has come.
func horizon(f probes.Forecast, lasts time.Duration) (latest time.Duration) {
	for what, b := range bands(f) {
		at := b.Latest
		if what == "return" {
			at += lasts
		}
		latest = max(latest, at)
	}
	return latest + time.Second
}

func (w *world) String() string {
	return fmt.Sprintf("%+v\nphases %v, fault after %v, shutdown %v, creation %v, notice %v, triggers %v, seen %v", w.Situation,
		w.phase, w.fault, w.shutdown, w.creation, w.notice, w.triggers, w.seen)
}

// TestForecastHolds lives through random courses of random situations. FORECASTS is how many, if not 1500.
func TestForecastHolds(t *testing.T) {
	count := 1500
	if n, err := strconv.Atoi(os.Getenv("FORECASTS")); err == nil {
		count = n
	}
	happened := map[string]int{}
	for seed := range count {
		w := randomWorld(rand.New(rand.NewPCG(uint64(seed), 0)))
		f := w.Forecast()
		var s seen
		synctest.Test(t, func(*testing.T) { s = w.live(horizon(f, w.Lasts)) })
		for _, problem := range outside(f, s) {
			t.Errorf("seed %d: %s", seed, problem)
		}
		if t.Failed() {
			t.Fatalf("%s\n%+v", w, f)
		}
		for what := range s {
			happened[string(w.Spec.Kind)+" "+what]++
		}
	}
	t.Log(happened)
	for _, what := range []string{
		"liveness verdict", "liveness restart", "liveness ready", "readiness verdict", "readiness return", "readiness ready",
		"startup started", "startup verdict", "startup ready",
	} {
		if happened[what] < count/100 {
			t.Errorf("%s: happened only %d times in %d", what, happened[what], count)
		}
	}
}

// randomWorld is a random situation and a random course of it.
func randomWorld(r *rand.Rand) *world {
	seconds := func(least, most int) time.Duration { return time.Duration(least+r.IntN(most-least+1)) * time.Second }
	some := func(most time.Duration) time.Duration { return time.Duration(r.Int64N(int64(most) + 1)) }
	coin := func(n int) bool { return r.IntN(n) == 0 }
	between := func(g probes.Range) time.Duration {
		return []time.Duration{g.Least, g.Most, g.Least + some(g.Most-g.Least)}[r.IntN(3)]
	}
	spec := func(kind probes.Kind) probes.Spec {
		s := probes.Spec{
			Kind: kind, Exec: &probes.ExecAction{Command: []string{string(kind)}}, InitialDelay: seconds(0, 7),
			Period: seconds(1, 6), Timeout: seconds(1, 8), FailureThreshold: 1 + r.IntN(4), SuccessThreshold: 1,
		}
		if kind == probes.Readiness {
			s.SuccessThreshold += r.IntN(4)
		} else if coin(4) {
			grace := seconds(1, 9)
			s.GracePeriod = &grace
		}
		return s
	}
	w := &world{phase: map[probes.Kind]time.Duration{}}
	w.Spec = spec([]probes.Kind{probes.Startup, probes.Readiness, probes.Liveness, probes.Liveness}[r.IntN(4)])
	for _, kind := range []probes.Kind{probes.Startup, probes.Readiness, probes.Liveness} {
		if kind != w.Spec.Kind && coin(2) && (w.Spec.Kind != probes.Readiness) && kind != probes.Liveness {
			w.Others = append(w.Others, spec(kind))
		}
	}
	w.Behaviour = probes.Behaviour{
		Response: []probes.Response{probes.Answer, probes.Hang, probes.Refuse, probes.Fail, probes.Exit}[r.IntN(5)],
	}
	if coin(2) {
		w.Behaviour.After = some(9 * time.Second)
	}
	if coin(2) {
		w.Lasts = some(25*time.Second) + 1
	}
	if w.Spec.Kind == probes.Readiness {
		w.Lasts = some(60*time.Second) + 1
	}
	if w.Behaviour.Response == probes.Answer && w.Behaviour.After < w.Spec.Timeout {
		w.Lasts = 0 // it is none
	}
	w.fault = w.age(r, some)
	if coin(4) {
		for _, s := range w.all() {
			w.Healthy = max(w.Healthy, some(s.Timeout-time.Nanosecond))
		}
		for _, s := range w.all() {
			w.Healthy = min(w.Healthy, s.Timeout-time.Nanosecond)
		}
	}
	w.Grace = seconds(0, 12)
	if coin(2) {
		w.PreStop.Least = some(4 * time.Second)
		w.PreStop.Most = w.PreStop.Least + some(8*time.Second)*time.Duration(r.IntN(2))
	}
	w.preStop = between(w.PreStop)
	w.shutdown = probes.Longest
	if coin(2) {
		least := some(6 * time.Second)
		w.Shutdown = &probes.Range{Least: least, Most: least + some(4*time.Second)}
		w.shutdown = between(*w.Shutdown)
	}
	w.Creation = probes.Range{Least: some(time.Second), Most: time.Second + some(time.Second)}
	w.Notice = probes.Range{Most: some(time.Second)}
	w.creation, w.notice = between(w.Creation), between(w.Notice)
	w.Triggered = coin(2)
	for range r.IntN(3) {
		w.triggers = append(w.triggers, some(60*time.Second))
	}
	if coin(4) {
		w.Boot = some(9 * time.Second)
	}
	for _, s := range w.all() {
		w.phase[s.Kind] = some(s.Period)
	}
	if coin(4) {
		// The worker's ticks are known, if all attempts before the fault were quick.
		w.Healthy = 0
		period := w.Spec.Period
		next := ((w.phase[w.Spec.Kind]-w.fault)%period + period) % period
		if w.Spec.Kind != probes.Readiness || !w.Triggered {
			w.Tick = &probes.Range{Least: max(next-some(time.Second), 0), Most: next + some(time.Second)}
		}
	}
	w.ill = w.Behaviour.Response == probes.Exit && w.Spec.Kind == probes.Readiness && coin(2)
	w.answered, w.spares, w.both = coin(2), coin(2), w.Spec.Kind == probes.Liveness && coin(2)
	return w
}

// age chooses how old the container is at the fault, and what the forecast is told of that.
func (w *world) age(r *rand.Rand, some func(time.Duration) time.Duration) time.Duration {
	if w.Spec.Kind == probes.Startup || w.Spec.Kind == probes.Readiness && r.IntN(3) == 0 {
		w.Age = &probes.Range{}
		return 0
	}
	settled := w.Spec.InitialDelay + 4*w.Spec.Period*time.Duration(w.Spec.SuccessThreshold) + some(20*time.Second)
	if w.Spec.Kind == probes.Readiness {
		return settled + 40*time.Second // after it has passed, whatever the attempts took
	}
	switch r.IntN(4) {
	case 0:
		return settled
	case 1:
		w.Age = &probes.Range{Most: probes.Longest}
		return some(settled)
	default:
		age := some(w.Spec.InitialDelay + 2*time.Second)
		w.Age = &probes.Range{Least: max(age-some(3*time.Second), 0), Most: age + some(3*time.Second)}
		return age
	}
}

// TestForecastIsTight lives through the courses of some situations, with the workers' ticks spread evenly, and expects that
// both ends of each band are reached as nearly as they are spread.
func TestForecastIsTight(t *testing.T) {
	spec := func(kind probes.Kind, delay, period, timeout time.Duration, success, failure int) probes.Spec {
		return probes.Spec{
			Kind: kind, Exec: &probes.ExecAction{Command: []string{string(kind)}}, InitialDelay: delay * time.Second,
			Period: period * time.Second, Timeout: timeout * time.Second, SuccessThreshold: success, FailureThreshold: failure,
		}
	}
	hang := probes.Behaviour{Response: probes.Hang}
	fail := probes.Behaviour{Response: probes.Fail}
	seconds := func(n time.Duration) probes.Range { return probes.Exactly(n * time.Second) }
	tests := []struct {
		name      string
		situation probes.Situation
		ages      []time.Duration // of the container at the fault, in seconds
		lasts     []time.Duration // how long the fault lasts, in seconds, if that differs
		never     []string        // what is not seen in any course
	}{
		{name: "liveness, hang", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 5, 5, 1, 1, 3), Behaviour: hang, Grace: 30 * time.Second,
		}},
		{name: "liveness, hang for a while", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 5, 5, 1, 1, 3), Behaviour: hang, Grace: 30 * time.Second, Lasts: 13 * time.Second,
		}},
		{name: "liveness, timeout longer than the period", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 0, 2, 5, 1, 3), Behaviour: hang, Grace: 4 * time.Second,
			Shutdown: &probes.Range{Least: time.Second, Most: 3 * time.Second},
		}},
		{name: "liveness, slow failure", ages: []time.Duration{20}, situation: probes.Situation{
			Spec:      spec(probes.Liveness, 0, 4, 3, 1, 2),
			Behaviour: probes.Behaviour{Response: probes.Fail, After: 2 * time.Second}, PreStop: probes.Exactly(1500 * time.Millisecond),
		}},
		{name: "liveness, a hook of any length", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 0, 4, 1, 1, 2), Behaviour: fail, Grace: 8 * time.Second, PreStop: probes.Range{Most: probes.Longest},
		}},
		{name: "liveness, fault before the first attempt", ages: []time.Duration{2}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 9, 5, 1, 1, 2), Behaviour: fail,
			Age: &probes.Range{Least: 2 * time.Second, Most: 2 * time.Second},
		}},
		{name: "liveness, age unknown", ages: []time.Duration{0, 30}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 9, 5, 1, 1, 2), Behaviour: fail, Age: &probes.Range{Most: probes.Longest},
		}},
		{name: "liveness, then readiness", ages: []time.Duration{40}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 0, 3, 1, 1, 2), Others: []probes.Spec{spec(probes.Readiness, 4, 5, 1, 3, 1)},
			Behaviour: hang, Shutdown: &probes.Range{}, Creation: probes.Range{Most: time.Second},
		}},
		{name: "liveness, then startup", ages: []time.Duration{40}, situation: probes.Situation{
			Spec: spec(probes.Liveness, 0, 3, 1, 1, 2), Others: []probes.Spec{spec(probes.Startup, 1, 4, 1, 1, 5)},
			Behaviour: fail, Boot: 6 * time.Second,
		}},
		{name: "readiness", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Readiness, 5, 3, 1, 1, 3), Behaviour: fail, Lasts: 20 * time.Second,
		}},
		{name: "readiness, hang, several successes", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Readiness, 0, 5, 2, 3, 2), Behaviour: hang, Lasts: 22 * time.Second,
		}},
		{name: "readiness, hang, timeout longer than the period", ages: []time.Duration{20}, situation: probes.Situation{
			Spec: spec(probes.Readiness, 0, 4, 7, 3, 1), Behaviour: hang,
		}, lasts: []time.Duration{49, 50, 51, 52, 53, 54, 55, 56}},
		{name: "readiness from the start, triggered", ages: []time.Duration{0}, situation: probes.Situation{
			Spec: spec(probes.Readiness, 0, 3, 1, 1, 3), Behaviour: probes.Behaviour{Response: probes.Answer},
			Age: &probes.Range{}, Triggered: true, Notice: probes.Range{Most: time.Second},
		}},
		{name: "startup in time", ages: []time.Duration{0}, situation: probes.Situation{
			Spec: spec(probes.Startup, 0, 4, 1, 1, 10), Others: []probes.Spec{spec(probes.Readiness, 3, 5, 1, 2, 1)},
			Behaviour: fail, Lasts: 10 * time.Second,
		}, never: []string{"verdict", "stop", "restart"}},
		{name: "startup in time, or not", ages: []time.Duration{0}, situation: probes.Situation{
			Spec: spec(probes.Startup, 2, 4, 1, 1, 3), Behaviour: fail, Lasts: 12 * time.Second,
		}},
		{name: "startup too late", ages: []time.Duration{0}, situation: probes.Situation{
			Spec: spec(probes.Startup, 2, 4, 1, 1, 3), Behaviour: hang,
		}, never: []string{"started", "ready"}},
		{name: "exit", ages: []time.Duration{40}, situation: probes.Situation{
			Spec: spec(probes.Readiness, 3, 4, 1, 2, 1), Behaviour: probes.Behaviour{Response: probes.Exit},
			Notice: probes.Range{Most: time.Second}, Creation: seconds(1),
		}, never: []string{"first failure"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := test.situation
			var f probes.Forecast
			const spread = 8
			var near time.Duration // as the courses are spread
			for _, p := range append([]probes.Spec{s.Spec}, s.Others...) {
				near += p.Period/spread + time.Millisecond
			}
			if len(test.lasts) == 0 {
				test.lasts = []time.Duration{s.Lasts / time.Second}
			}
			first, last := seen{}, seen{}
			for _, lasts := range test.lasts {
				s.Lasts = lasts * time.Second
				f = s.Forecast()
				for w := range courses(s, test.ages, spread) {
					synctest.Test(t, func(*testing.T) { w.live(horizon(f, s.Lasts)) })
					for what, at := range w.seen {
						if b, ok := first[what]; !ok || at < b {
							first[what] = at
						}
						last[what] = max(last[what], at)
					}
					for _, problem := range outside(f, w.seen) {
						t.Fatal(problem)
					}
				}
			}
			for what, b := range bands(f) {
				_, happens := first[what]
				switch {
				case happens != (b.Never == ""):
					t.Errorf("%s: happens: %v, but the forecast is %+v", what, happens, b)
				case len(test.lasts) > 1 && what == "ready": // it has a band of its own each time
				case happens && (first[what] > b.Earliest+near || last[what] < b.Latest-near):
					t.Errorf("%s: seen from %v to %v, not from %v to %v", what, first[what], last[what], b.Earliest, b.Latest)
				}
			}
			for _, what := range test.never {
				if at, ok := first[what]; ok {
					t.Errorf("%s after %v", what, at)
				}
			}
		})
	}
}

// courses are those in which the workers' ticks are spread evenly, and all else is once as early and once as late as may be.
func courses(s probes.Situation, ages []time.Duration, spread int) iter.Seq[*world] {
	return func(yield func(*world) bool) {
		inner := 1
		if len(s.Others) > 0 {
			inner = spread
		}
		for i := range spread * inner * len(ages) * 2 {
			w := &world{Situation: s, phase: map[probes.Kind]time.Duration{}, fault: ages[i/2%len(ages)] * time.Second}
			w.preStop = s.PreStop.Least
			w.shutdown = probes.Longest
			if s.Shutdown != nil {
				w.shutdown = s.Shutdown.Least
			}
			w.creation, w.notice = s.Creation.Least, s.Notice.Least
			if i%2 == 1 {
				w.ill = s.Behaviour.Response == probes.Exit
				w.both, w.creation, w.notice = s.Spec.Kind == probes.Liveness, s.Creation.Most, s.Notice.Most
				w.preStop = s.PreStop.Most
				if s.Shutdown != nil {
					w.shutdown = s.Shutdown.Most
				}
			} else {
				w.answered = true
			}
			at := i / 2 / len(ages)
			w.phase[s.Spec.Kind] = s.Spec.Period * time.Duration(at%spread) / time.Duration(spread)
			for _, p := range s.Others {
				// Between the others: a tick and a trigger at the same instant are two attempts.
				w.phase[p.Kind] = p.Period * time.Duration(2*(at/spread)+1) / time.Duration(2*spread)
			}
			if !yield(w) {
				return
			}
		}
	}
}
