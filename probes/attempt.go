package probes

import "time"

// Outcome is the raw result of one attempt.
type Outcome string

// The outcomes. Unknown means that the attempt could not be made; it changes no verdict.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
	Unknown Outcome = "unknown"
)

// Verdict is what is held true of a container after thresholds.
type Verdict string

// The verdicts. Before the first one: Passing for liveness, Failing for readiness, Undecided for startup.
const (
	Undecided Verdict = "undecided"
	Passing   Verdict = "passing"
	Failing   Verdict = "failing"
)

// Key names one probe of one container.
type Key struct {
	Pod       string // the pod's UID
	Container string
	Kind      Kind
}

// Attempt is one execution of a probe, and where it left the counters.
type Attempt struct {
	Key         Key
	ContainerID string
	Mechanism   Mechanism
	Start       time.Time
	Took        time.Duration
	Outcome     Outcome
	// Warning is true for a success that the kubelet reports as ProbeWarning, such as a redirect to another host.
	Warning bool
	// Message is what the kubelet would put into its event, without the leading "Liveness probe failed: ".
	Message string
	// Streak counts equal outcomes in a row including this one; the verdict changes when it reaches Threshold.
	Streak, Threshold int
	Verdict           Verdict // after this attempt
	Changed           bool    // by this attempt
	// OnHold is true when the worker now waits for a new container.
	OnHold bool
	// Next is when the next attempt is planned; zero when OnHold.
	Next time.Time
}
