package chart

import (
	"slices"
	"time"

	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/rows"
)

// Now is a time of the clock on the axis of a view: it goes on where it was when the clock was set back.
func Now(v *timeline.View, now time.Time) time.Time {
	now = now.Round(0).Add(v.To.Sub(v.Clock(v.To)))
	if now.Before(v.To) {
		return v.To
	}
	return now
}

// Pod is the pod of a name, or else the latest one; nil if there is none.
func Pod(v *timeline.View, name string) *timeline.Pod {
	if p := v.Named(name); p != nil || len(v.Pods) == 0 {
		return p
	}
	for _, p := range slices.Backward(v.Pods) {
		if p.Gone.IsZero() {
			return p
		}
	}
	return v.Pods[len(v.Pods)-1]
}

// Siblings are all pods of the deployments that a pod belongs to; itself if it belongs to none.
func Siblings(v *timeline.View, pod *timeline.Pod) []*timeline.Pod {
	for _, d := range v.Deployments {
		if all := v.PodsOf(d.Name); slices.Contains(all, pod) {
			return all
		}
	}
	return []*timeline.Pod{pod}
}

// StepFor is the finest step by which an axis of so many cells has room for what a fault of a pod brings about.
func StepFor(v *timeline.View, pod *timeline.Pod, now time.Time, cells int) time.Duration {
	return Fitting(span(v, pod, now), room(cells))
}

// Reaches reports whether an axis of so many cells has room for it by a step.
func Reaches(v *timeline.View, pod *timeline.Pod, now time.Time, step time.Duration, cells int) bool {
	return time.Duration(room(cells))*step >= span(v, pod, now)
}

// span is how long what a fault of a pod brings about takes at most.
func span(v *timeline.View, pod *timeline.Pod, now time.Time) time.Duration {
	const usual, kept = 45 * time.Second, 2 * time.Minute // kept: it can still be looked at when it is over
	span := usual
	if e := current(v, pod); e != nil && (e.Ended.IsZero() || now.Sub(e.Ended) < kept) {
		for _, point := range e.Points {
			if b := point.Expected.Band; rows.Shows(e, point) && b.Never == "" && b.Latest < probes.Longest {
				span = max(span, b.Latest)
			}
		}
	}
	return span + 2*time.Second
}

// Marks are the times at which something was done to pods, or came about, in order.
func Marks(v *timeline.View, pods []*timeline.Pod) []time.Time {
	var all []time.Time
	of := func(uid string) bool {
		return slices.ContainsFunc(pods, func(p *timeline.Pod) bool { return p.UID == uid })
	}
	for _, act := range v.Acts {
		if act.Fault != nil && (act.Pod == "" || of(act.Pod)) {
			all = append(all, done(act))
		}
	}
	for _, e := range v.Episodes {
		if !of(e.Pod) {
			continue
		}
		for _, point := range e.Points {
			if at := point.Measured(); point.Happened() {
				all = append(all, at.At)
			}
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.Compact(all)
}
