package course

import (
	"fmt"
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/probes"
)

// Listed orders events by when they last happened, newest at the end, as kubectl describe does.
func Listed(events []lab.Event) []lab.Event {
	return slices.SortedStableFunc(slices.Values(events), func(a, b lab.Event) int { return a.Last.Compare(b.Last) })
}

// sameEvent is what events have in common that say the same of the same object.
type sameEvent struct {
	kind, name, uid, container string
	typ, reason                string
	probe                      probes.Kind // that the event is about; empty if it is about none
}

// Grouped makes one event of all that have the object, the container, the type and the reason in common and, if they are about
// a probe, its kind. It has their counts together, was first and last seen when they were, and has the message of the newest. The
// groups are in the order of [Listed].
func Grouped(events []lab.Event) []lab.Event {
	var out []lab.Event // newest first, until the end
	at := map[sameEvent]int{}
	for _, e := range slices.Backward(Listed(events)) {
		e.Count = max(e.Count, 1)
		said, _ := probes.ReadEvent(e.Message)
		key := sameEvent{e.ObjectKind, e.ObjectName, e.ObjectUID, e.Container, e.Type, e.Reason, said.Kind}
		i, known := at[key]
		if !known {
			at[key] = len(out)
			out = append(out, e)
			continue
		}
		out[i].Count += e.Count
		if e.First.Before(out[i].First) {
			out[i].First = e.First
		}
	}
	slices.Reverse(out)
	return out
}

// InSight chooses n of the events that [Grouped] returns, for a place that has no room for all. What tells a cause of what is still
// there comes first: warnings, and then that a container is killed. Others take the room that is left. Among equals, the newest come
// first. Both results keep the order.
func InSight(grouped []lab.Event, pods []lab.Pod, n int) (shown, folded []lab.Event) {
	order := make([]int, len(grouped))
	for i := range order {
		order[i] = len(grouped) - 1 - i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rank(grouped[b], pods) - rank(grouped[a], pods) })
	in := make([]bool, len(grouped))
	for _, i := range order[:min(max(n, 0), len(order))] {
		in[i] = true
	}
	for i, e := range grouped {
		if in[i] {
			shown = append(shown, e)
		} else {
			folded = append(folded, e)
		}
	}
	return shown, folded
}

// rank is higher, the more an event says of why something happens to what is there.
func rank(e lab.Event, pods []lab.Pod) int {
	there := e.ObjectKind != "Pod" || slices.ContainsFunc(pods, func(p lab.Pod) bool {
		return p.Name == e.ObjectName && (e.ObjectUID == "" || e.ObjectUID == p.UID)
	})
	switch {
	case there && e.Type == "Warning":
		return 2
	case there && e.Reason == "Killing":
		return 1
	}
	return 0
}

// Reasons names the reasons of events, warnings first and otherwise newest first, with how often each was seen if that was more
// than once: Started x2, Pulling.
func Reasons(events []lab.Event) string {
	var warnings, names []string
	counts := map[string]int{}
	for _, e := range slices.Backward(events) {
		switch {
		case counts[e.Reason] > 0:
		case e.Type == "Warning":
			warnings = append(warnings, e.Reason)
		default:
			names = append(names, e.Reason)
		}
		counts[e.Reason] += max(e.Count, 1)
	}
	names = append(warnings, names...)
	for i, name := range names {
		if counts[name] > 1 {
			names[i] = fmt.Sprintf("%s x%d", name, counts[name])
		}
	}
	return strings.Join(names, ", ")
}
