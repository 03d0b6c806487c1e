package replicas

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// numbers are the parts of the Replicas line of kubectl describe deployment.
func numbers(d lab.Deployment) []string {
	return []string{
		fmt.Sprintf("%d desired", d.Desired), fmt.Sprintf("%d updated", d.Updated), fmt.Sprintf("%d total", d.Total),
		fmt.Sprintf("%d available", d.Available), fmt.Sprintf("%d unavailable", d.Unavailable),
	}
}

// lines is the Replicas line as kubectl describe prints it if that fits into w cells; otherwise without its blanks for
// alignment and, where needed, broken between two numbers.
func lines(d lab.Deployment, w int) []string {
	const label, short, bar = "Replicas:               ", "Replicas: ", " | "
	parts := numbers(d)
	if full := label + strings.Join(parts, bar); len(full) <= w {
		return []string{full}
	}
	out := []string{short + parts[0]}
	for _, part := range parts[1:] {
		last := len(out) - 1
		if len(out[last])+len(bar)+len(part) <= w {
			out[last] += bar + part
		} else {
			out = append(out, strings.Repeat(" ", len(short))+part)
		}
	}
	return out
}

// state is whether an endpoint is sent requests.
type state int

const (
	ready state = iota
	unready
	terminating
	gone // no longer in any EndpointSlice
)

// endpoint is an address made ready for drawing.
type endpoint struct {
	service, address, pod string
	state                 state
	since                 time.Time // of gone
}

// keepGone is how long an address that left is still shown.
const keepGone = 60 * time.Second

// endpoints merges what is there now with what was shown before: an address that left stays for keepGone.
func endpoints(now time.Time, current []lab.Endpoint, before []endpoint) []endpoint {
	out := make([]endpoint, 0, len(current))
	for _, e := range current {
		s := unready
		switch {
		case e.Terminating:
			s = terminating
		case e.Ready:
			s = ready
		}
		out = append(out, endpoint{
			service: widget.Clean(e.Service), address: widget.Clean(e.Address), pod: widget.Clean(e.Pod), state: s,
		})
	}
	for _, b := range before {
		there := slices.ContainsFunc(out, func(e endpoint) bool { return e.service == b.service && e.address == b.address })
		if b.state != gone {
			b.state, b.since = gone, now
		}
		if !there && now.Sub(b.since) < keepGone {
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b endpoint) int {
		if c := strings.Compare(a.service, b.service); c != 0 {
			return c
		}
		return strings.Compare(a.address, b.address)
	})
	return out
}
