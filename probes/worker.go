package probes

import (
	"context"
	"sync"
	"time"
)

// worker runs one probe of one container (pkg/kubelet/prober/worker.go).
type worker struct {
	key     Key
	spec    Spec
	prober  *Prober
	state   func() State
	report  func(Attempt)
	started func() // called once a startup probe's verdict on a container that runs has become Passing, and was reported

	since   time.Time     // when the prober began that the ticks are to agree with; zero if there is none
	trigger chan struct{} // one slot, filled with mu held
	cancel  context.CancelFunc
	done    chan struct{}   // closed when run has returned
	after   <-chan struct{} // closed when the worker that had the Key before has ended; nil if there was none

	// Owned by the goroutine in run.
	streak      streak
	containerID string

	mu      sync.Mutex
	judged  string // the container ID that verdict and onHold are about; empty while there is none
	verdict Verdict
	onHold  bool
	next    time.Time // the first tick that was not received yet, or when a trigger was that was not heeded yet
}

// run steps at once and then at every tick or trigger, until the container is gone for good or ctx ends.
func (w *worker) run(ctx context.Context) {
	if w.after != nil {
		<-w.after // it was cancelled; waiting for it keeps reports of one Key in order
	}
	base, joining := time.Now(), !w.since.IsZero()
	if joining {
		base = base.Add(-sinceTick(w.since, base, w.spec.Period))
	}
	ticker := time.NewTicker(time.Until(base.Add(w.spec.Period)))
	defer ticker.Stop()
	w.expect(base.Add(w.spec.Period))
	for joining || w.step(ctx) {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if joining {
				ticker.Reset(w.spec.Period)
			}
			// A ticker keeps one tick and drops those that come while it is not received.
			passed := time.Since(base) / w.spec.Period
			w.expect(base.Add((passed + 1) * w.spec.Period))
		case <-w.trigger:
			base = time.Now()
			ticker.Reset(w.spec.Period)
			w.expect(base.Add(w.spec.Period))
		}
		joining = false
	}
}

// sinceTick is how long before now somebody ticked who ticks every period since then, be that past or to come.
func sinceTick(since, now time.Time, period time.Duration) time.Duration {
	return ((now.Sub(since) % period) + period) % period
}

// step makes an attempt if one is due and tells whether there may be more. The order of the conditions is the
// kubelet's.
func (w *worker) step(ctx context.Context) (more bool) {
	if ctx.Err() != nil {
		return false
	}
	state := w.state()
	if w.over(state) {
		return false
	}
	if state.ID == "" {
		return true
	}
	if state.ID != w.containerID {
		w.containerID = state.ID
		w.hold(false)
		w.judge(w.spec.Kind.Initial())
	}
	if w.held() {
		return true
	}
	if !state.Running {
		w.judge(Failing)
		return true
	}
	now := w.ticked(time.Now())
	if plan := w.spec.Plan(state, false, now); plan.Wait != "" || plan.Next.After(now) {
		return true
	}
	a, err := w.prober.Try(ctx)
	if err != nil {
		return false
	}
	w.conclude(a)
	return true
}

// ticked is now, or the tick that now is about if it came a little late: a delay of one period is over a moment after the
// first tick, and must not seem to be over because the machine was busy.
func (w *worker) ticked(now time.Time) time.Time {
	const late = 20 * time.Millisecond
	if tick := w.expected().Add(-w.spec.Period); now.After(tick) && now.Sub(tick) < late {
		return tick
	}
	return now
}

// conclude counts the attempt, publishes the verdict and reports both.
func (w *worker) conclude(a Attempt) {
	if a.Outcome != Unknown {
		w.streak.add(a.Outcome)
		if verdict, ok := w.streak.verdict(w.spec); ok {
			a.Changed = w.judge(verdict)
			w.hold(w.spec.Kind == Startup || w.spec.Kind == Liveness && verdict == Failing)
		}
	}
	a.Key, a.ContainerID = w.key, w.containerID
	a.Verdict, a.OnHold = w.judgement()
	a.Streak, a.Threshold = w.streak.length, w.spec.threshold(w.streak.outcome)
	if a.OnHold {
		w.streak.length = 0
	} else if a.Next = w.expected(); a.Next.Before(a.Start.Add(a.Took)) {
		a.Next = a.Start.Add(a.Took) // a tick has passed meanwhile
	}
	w.report(a)
	if w.spec.Kind == Startup && a.Changed && a.Verdict == Passing {
		// The container may have ended, or have a successor, since the attempt began.
		if state := w.state(); state.Running && state.ID == w.containerID {
			w.started()
		}
	}
}

// judge publishes the verdict on the current container and tells whether it differs from what was published before.
func (w *worker) judge(v Verdict) (changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	changed = w.judged != w.containerID || w.verdict != v
	w.judged, w.verdict = w.containerID, v
	return changed
}

// verdictOn returns the verdict on the container, if that is the one the worker has last seen.
func (w *worker) verdictOn(containerID string) (Verdict, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if containerID == "" || containerID != w.judged {
		return Undecided, false
	}
	return w.verdict, true
}

// over tells whether the worker has nothing left to do.
func (w *worker) over(state State) bool {
	return state.Terminal || state.Deleting && w.spec.Kind != Readiness
}

func (w *worker) hold(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onHold = on
}

func (w *worker) held() bool {
	_, onHold := w.judgement()
	return onHold
}

func (w *worker) judgement() (v Verdict, onHold bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.verdict, w.onHold
}

// release ends a hold on a container for which the probe has failed, and tells whether there was one.
func (w *worker) release(containerID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.onHold || w.verdict != Failing || w.judged != containerID {
		return false
	}
	w.onHold, w.verdict = false, Passing
	return true
}

// expect says when the worker will look at its container next, unless a trigger waits that makes it look at once.
func (w *worker) expect(next time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.trigger) == 0 {
		w.next = next
	}
}

// pull has the worker look at its container at once, unless a trigger that was not heeded yet does. The worker, which may
// heed it before pull returns, comes after it with what it expects then.
func (w *worker) pull() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.trigger <- struct{}{}:
		w.next = time.Now()
	default:
	}
}

func (w *worker) expected() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next
}

// plan tells what the worker does next, as things stand now.
func (w *worker) plan() (Plan, bool) {
	state := w.state()
	if w.over(state) {
		return Plan{}, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.spec.Plan(state, w.onHold && w.judged == state.ID, w.next), true
}
