package probes

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

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
	// Way is how much of Took was the way to the container and back, where the target is reached from afar; otherwise
	// zero. It is the time to open the way and, for what is sent on it, the time of a turn there and back as just measured;
	// what is left is the container's own. That includes whatever follows the measured part: for a command, the kubelet's
	// and the runtime's work to run it. A TCP probe's own time cannot be told from afar and is zero. Of an attempt that
	// timed out, the timeout is the container's.
	Way     time.Duration
	Outcome Outcome
	// TimedOut is true of a failure that is one because nothing was answered within the timeout.
	TimedOut bool
	// Unsure is true where the way took so long that it cannot be told whether the container kept to the timeout. Outcome
	// is Unknown then, and Message what the container answered, if it did.
	Unsure bool
	// Warning is true for a success that the kubelet reports as ProbeWarning, such as a redirect to another host.
	Warning bool
	// Message is what the kubelet would put into its event, without the leading "Liveness probe failed: ". For a
	// success, of which the kubelet tells nothing, it is the response body or the command's output. At most about 10
	// KiB.
	Message string
	// ErrorState is the state that the kubelet names in its event when the attempt could not be completed: Unknown or,
	// for a response body that broke off, Failure. It is empty unless Outcome is Unknown, and if Unsure.
	ErrorState Outcome
	// Streak counts equal outcomes in a row including this one; the verdict changes when it reaches Threshold. An
	// Unknown outcome leaves the streak as it was.
	Streak, Threshold int
	Verdict           Verdict // after this attempt
	Changed           bool    // by this attempt
	// OnHold is true when the worker now waits for a new container.
	OnHold bool
	// Next is when the next attempt is planned, if nothing happens to the container; zero when OnHold.
	Next time.Time
}

// String returns the key for logs and errors, such as "liveness probe of container app in pod 8f5c…".
func (k Key) String() string {
	return fmt.Sprintf("%s probe of container %s in pod %s", k.Kind, k.Container, k.Pod)
}

// Own is how much of Took the container itself took.
func (a Attempt) Own() time.Duration { return a.Took - a.Way }

// Event returns the event that the kubelet makes of the attempt: the reason (Unhealthy or ProbeWarning) and the
// message. The type is always Warning. ok is false for a plain success, of which the kubelet tells nothing
// (pkg/kubelet/prober/prober.go, probe).
func (a Attempt) Event() (reason, message string, ok bool) {
	kind := a.Key.Kind.Title()
	switch {
	case a.Unsure:
		return "", "", false
	case a.Outcome == Unknown:
		message = fmt.Sprintf("%s probe errored and resulted in %s state: %s", kind, a.ErrorState, a.Message)
		return "Unhealthy", message, true
	case a.Outcome == Failure:
		return "Unhealthy", fmt.Sprintf("%s probe failed: %s", kind, a.Message), true
	case a.Warning:
		return "ProbeWarning", fmt.Sprintf("%s probe warning: %s", kind, a.Message), true
	default:
		return "", "", false
	}
}

// Reported is what a kubelet's event tells of an attempt.
type Reported struct {
	Kind    Kind
	Outcome Outcome // Unknown if the attempt could not be completed, whatever state the event names
	// TimedOut is as in Attempt, as far as the message tells.
	TimedOut bool
	Warning  bool   // see Attempt.Warning
	Message  string // as in Attempt; empty if the probe's command printed nothing
}

// combined is what client-go puts before a message when it counts similar events as one (tools/record/events_cache.go).
const combined = "(combined from similar events): "

// ReadEvent reads an event's message that a kubelet has made of an attempt, see [Attempt.Event], also a combined one. Up to
// Kubernetes 1.33, an attempt that could not be completed names no state. ok is false for every other message.
func ReadEvent(message string) (r Reported, ok bool) {
	message = strings.TrimPrefix(message, combined)
	for _, kind := range []Kind{Startup, Readiness, Liveness} {
		rest, about := strings.CutPrefix(message, kind.Title()+" probe ")
		if !about {
			continue
		}
		if said, failed := strings.CutPrefix(rest, "failed:"); failed {
			said = strings.TrimSpace(said)
			return Reported{Kind: kind, Outcome: Failure, TimedOut: timedOut(said), Message: said}, true
		}
		if said, warned := strings.CutPrefix(rest, "warning:"); warned {
			return Reported{Kind: kind, Outcome: Success, Warning: true, Message: strings.TrimSpace(said)}, true
		}
		if said, erred := strings.CutPrefix(rest, "errored:"); erred {
			return Reported{Kind: kind, Outcome: Unknown, Message: strings.TrimSpace(said)}, true
		}
		if said, erred := strings.CutPrefix(rest, "errored and resulted in "); erred {
			_, said, _ = strings.Cut(said, " state:")
			return Reported{Kind: kind, Outcome: Unknown, Message: strings.TrimSpace(said)}, true
		}
	}
	return Reported{}, false
}

// timedOut reports whether the message of a failed attempt is one of a mechanism, or of a runtime, that nothing was answered in time.
// What a command has printed may speak of timeouts of its own.
func timedOut(message string) bool {
	has := func(signs ...string) bool {
		return slices.ContainsFunc(signs, func(sign string) bool { return strings.Contains(message, sign) })
	}
	switch {
	case strings.HasPrefix(message, "command timed out: "), strings.HasPrefix(message, "timeout: "),
		strings.HasPrefix(message, "rpc error: code = DeadlineExceeded"):
		return true
	case strings.HasPrefix(message, `command "`):
		return has(" timed out")
	case strings.HasPrefix(message, `Get "`):
		return has("context deadline exceeded", "Client.Timeout", "i/o timeout", "timed out")
	case strings.HasPrefix(message, "dial tcp "):
		return has("context deadline exceeded", "i/o timeout", "timed out")
	}
	return false
}

// ReadKilling reads a Killing event's message: it returns the kind of the probe for whose failures a kubelet ends the container.
// A sidecar is an init container, and not every container is restarted (pkg/kubelet/kuberuntime: computePodActions,
// computeInitContainerActions). ok is false if no probe is why.
func ReadKilling(message, container string) (kind Kind, ok bool) {
	message = strings.TrimSuffix(strings.TrimPrefix(message, combined), ", will be restarted")
	for _, who := range []string{"Container ", "Init container "} {
		switch message {
		case who + container + " failed liveness probe":
			return Liveness, true
		case who + container + " failed startup probe":
			return Startup, true
		}
	}
	return "", false
}
