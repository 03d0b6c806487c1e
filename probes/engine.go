package probes

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrClosed is what Add returns once the engine has been closed.
var ErrClosed = errors.New("probe engine is closed")

// Engine runs the probes of any number of containers. Its methods may be called from any goroutine, also from within
// Config.Report and a state function, except for Close.
type Engine struct {
	report func(Attempt)
	wg     sync.WaitGroup

	mu      sync.RWMutex
	workers map[Key]*worker
	leaving map[Key]*worker // cancelled, but not at its end yet
	closed  bool
}

// New returns an engine without probes. Close it to end its goroutines.
func New(config Config) *Engine {
	report := config.Report
	if report == nil {
		report = func(Attempt) {}
	}
	return &Engine{report: report, workers: map[Key]*worker{}, leaving: map[Key]*worker{}}
}

// Add starts to run the probe. state is called at each tick, from the worker's goroutine; it must not block. A Key
// that is there already is left alone, whatever its spec. A worker leaves by itself when State.Terminal or (liveness,
// startup) State.Deleting is true; the Key can be added anew after that.
//
// The spec is defaulted first; the error names every problem of it (see NewProber), a Kind that differs from the
// Key's, or is ErrClosed.
func (e *Engine) Add(key Key, spec Spec, target Target, state func() State) error {
	return e.Join(key, spec, target, state, time.Time{})
}

// Join is Add beside another prober that began at since, such as the kubelet when it took a pod on: the worker looks at its
// container when the other one does, as far as since is exact, and not before the next such moment. A zero since is now.
func (e *Engine) Join(key Key, spec Spec, target Target, state func() State, since time.Time) error {
	if key.Kind != spec.Kind {
		return fmt.Errorf("add %s: the spec is of a %s probe", key, spec.Kind)
	}
	prober, err := NewProber(spec, target)
	if err != nil {
		return fmt.Errorf("add %s: %w", key, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return fmt.Errorf("add %s: %w", key, ErrClosed)
	}
	if e.workers[key] != nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &worker{
		key: key, spec: spec.Defaulted(), prober: prober, state: state, report: e.report,
		started: func() { e.Trigger(Key{Pod: key.Pod, Container: key.Container, Kind: Readiness}) },
		trigger: make(chan struct{}, 1),
		since:   since,
		next:    time.Now(),
		cancel:  cancel,
		done:    make(chan struct{}),
	}
	if before := e.leaving[key]; before != nil {
		w.after = before.done
	}
	e.workers[key] = w
	e.wg.Go(func() {
		defer close(w.done)
		defer e.forget(w)
		defer cancel()
		w.run(ctx)
	})
	return nil
}

// Remove stops the probe and cancels an attempt under way, without waiting for its end. A cancelled attempt is not
// reported, but a report that has begun goes on. The Key may be added anew at once; the new worker begins when the
// old one has ended.
func (e *Engine) Remove(key Key) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if w := e.workers[key]; w != nil {
		w.cancel()
		delete(e.workers, key)
		e.leaving[key] = w
	}
}

// Trigger makes an attempt at once, or as soon as the one under way has ended, under the same conditions as at a
// tick, and counts the ticks from there. Triggers that come before the first of them was heeded are one. An unknown
// Key is ignored.
func (e *Engine) Trigger(key Key) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if w := e.workers[key]; w != nil {
		w.pull()
	}
}

// Release ends the hold of a probe that has failed, because another prober has shown that the container is fine: the verdict
// is Passing, and attempts go on at the next tick. It is false, and nothing changes, if the probe is not on hold after failing
// for that container.
func (e *Engine) Release(key Key, containerID string) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	w := e.workers[key]
	return w != nil && w.release(containerID)
}

// Verdict returns what is held true of the container. It is false while the probe has not seen this container yet (it
// looks at each tick), and when there is no such probe.
func (e *Engine) Verdict(key Key, containerID string) (Verdict, bool) {
	e.mu.RLock()
	w := e.workers[key]
	e.mu.RUnlock()
	if w == nil {
		return Undecided, false
	}
	return w.verdictOn(containerID)
}

// Plan tells when the probe's next attempt will be made, or what it waits for, as the container's state is now. It is
// false when there is no such probe, or it has come to its end.
func (e *Engine) Plan(key Key) (Plan, bool) {
	e.mu.RLock()
	w := e.workers[key]
	e.mu.RUnlock()
	if w == nil {
		return Plan{}, false
	}
	return w.plan()
}

// Close stops every probe, cancels the attempts under way and waits until the last goroutine has ended. No report comes
// after it. It may be called more than once, but not from within Config.Report or a state function.
func (e *Engine) Close() {
	e.mu.Lock()
	e.closed = true
	for _, w := range e.workers {
		w.cancel()
	}
	e.mu.Unlock()
	e.wg.Wait()
}

// forget takes a worker that has ended out of the maps.
func (e *Engine) forget(w *worker) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.workers[w.key] == w {
		delete(e.workers, w.key)
	}
	if e.leaving[w.key] == w {
		delete(e.leaving, w.key)
	}
}
