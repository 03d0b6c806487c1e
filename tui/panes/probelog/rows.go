package probelog

import (
	"fmt"
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/widget"
)

// row is an attempt made ready for drawing.
type row struct {
	at              time.Time
	clock           string
	pod, container  string
	by              string
	kind, mechanism string
	outcome         probes.Outcome
	warning, unsure bool
	own, way        string // what the container took, and the way there
	count, message  string
	// changed says that this attempt changed the verdict; onHold that the worker now waits for a new container.
	changed, onHold bool
	verdict         probes.Verdict
}

func attemptRows(attempts []lab.Attempt) []row {
	out := make([]row, len(attempts))
	for i, a := range attempts {
		out[i] = row{
			at: a.Start, clock: a.Start.Local().Format(time.TimeOnly),
			pod: widget.Clean(a.Pod), container: widget.Clean(a.Container), by: by(a.Witness),
			kind: widget.Clean(string(a.Key.Kind)), mechanism: widget.Clean(string(a.Mechanism)),
			outcome: a.Outcome, warning: a.Warning, unsure: a.Unsure,
			own: took(a.Own()), count: count(a.Streak, a.Threshold), message: widget.Clean(a.Message),
			changed: a.Changed, onHold: a.OnHold, verdict: a.Verdict,
		}
		if a.Way > 0 {
			out[i].way = "+" + took(a.Way)
		}
	}
	return out
}

// by is who made an attempt.
func by(w lab.Witness) string {
	if w == lab.Kubelet {
		return "kubelet"
	}
	return "healthlab"
}

// same reports whether what of gives is equal in all attempts.
func same(attempts []lab.Attempt, of func(lab.Attempt) string) bool {
	return !slices.ContainsFunc(attempts, func(a lab.Attempt) bool { return of(a) != of(attempts[0]) })
}

// took writes a duration as whole milliseconds, or tenths of seconds.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1ms"
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
}

// count is how far a streak is on its way to the threshold; once past it, the streak goes on being counted.
func count(streak, threshold int) string {
	if threshold <= 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", streak, threshold)
}

// witness is what both saw of one probe since its container started.
type witness struct {
	pod, container string
	kind           probes.Kind
	seen           int // failures of healthlab's own attempts
	reported       int // failures that the kubelet has put into events
	last           time.Time
	message        string
	// blind is why healthlab cannot run the probe; zero if it can. What the pod's Ready condition says then counts too.
	blind      lab.Text
	ready      bool
	readySince time.Time
}

// witnesses returns the probes that the kubelet has reported failures of, or that it alone can tell of. Where it tells of each
// attempt, there is nothing more to say.
func witnesses(pods []lab.Pod) []witness {
	var out []witness
	for _, pod := range pods {
		for _, c := range pod.Containers {
			for _, p := range c.Probes {
				if p.Witness == lab.Kubelet || p.KubeletFailures == 0 && p.Unavailable.IsZero() {
					continue
				}
				w := witness{
					seen: p.Failures,
					pod:  widget.Clean(pod.Name), container: widget.Clean(c.Name), kind: p.Spec.Kind,
					reported: p.KubeletFailures, last: p.KubeletLast, message: widget.Clean(p.KubeletMessage),
				}
				if !p.Unavailable.IsZero() {
					w.blind, w.ready, w.readySince = p.Unavailable, pod.Ready, pod.ReadySince
				}
				out = append(out, w)
			}
		}
	}
	return out
}
