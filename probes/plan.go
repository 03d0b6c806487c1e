package probes

import "time"

// Plan is what a probe does next.
type Plan struct {
	// Wait is what has to happen before an attempt can be planned; empty if nothing has.
	Wait Wait
	// Next is when the next attempt will be made; zero while there is something to wait for. One that has passed is made
	// as soon as the attempt under way has ended.
	Next time.Time
}

// Wait is something, other than a moment, that a probe waits for.
type Wait string

// What a probe waits for: a container that runs; the success of the startup probe; or, on hold, the next container,
// because what it had to tell of this one is told.
const (
	WaitContainer Wait = "container"
	WaitStartup   Wait = "startup"
	WaitSuccessor Wait = "successor"
)

// Plan tells what follows from the container's state, if the worker looks at it at tick and then every period. It is the
// kubelet's order of conditions (pkg/kubelet/prober/worker.go, doProbe), except that there the delay comes before
// Started, which makes no difference to when an attempt is made.
func (s Spec) Plan(state State, onHold bool, tick time.Time) Plan {
	switch {
	case onHold:
		return Plan{Wait: WaitSuccessor}
	case state.ID == "" || !state.Running:
		return Plan{Wait: WaitContainer}
	case state.Started && s.Kind == Startup:
		return Plan{Wait: WaitSuccessor}
	case !state.Started && s.Kind != Startup:
		return Plan{Wait: WaitStartup}
	}
	due := state.StartedAt.Add(s.InitialDelay)
	if s.InitialDelay == 0 {
		// The kubelet compares whole seconds: a start that seems to lie up to a second ahead counts as now.
		due = due.Add(time.Nanosecond - time.Second)
	}
	if late := due.Sub(tick); late > 0 {
		tick = tick.Add((late + s.Period - 1) / s.Period * s.Period)
	}
	return Plan{Next: tick}
}
