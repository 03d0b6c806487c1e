package pods

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/widget"
)

// row is a pod made ready for drawing, except for what depends on the time.
type row struct {
	name, uid, ready     string
	status               lab.Text
	restarts             int
	lastRestart, created time.Time
	isReady              bool
	mood                 mood
	containers           []containerRow
	caveats              []lab.Text // of its probes, each once
}

// mood is how well a pod or container is.
type mood int

const (
	good mood = iota
	waiting
	bad
)

// containerRow is a container of a pod.
type containerRow struct {
	name    string
	standIn string // the image that it stands in for; empty if it is the image itself
	state   lab.ContainerState
	reason  string // with the message, if there is one
	since   time.Time
	started bool
	ready   bool
	last    *lab.Termination
	grace   *lab.Grace
	probes  []probeRow
}

// notable says that a container is in a state that must be shown even where room is short.
func (c *containerRow) notable() bool {
	return c.grace != nil || c.state != lab.Running || c.standIn != ""
}

// probeRow is a probe of a container.
type probeRow struct {
	key         string // of what may change
	kind        probes.Kind
	fresh       bool             // not attempted yet in this container
	recent      []probes.Outcome // oldest first
	warned      []bool           // beside recent
	outcome     probes.Outcome
	count       string // 2/3
	verdict     probes.Verdict
	recovered   bool // passing, with failures among the recent attempts
	plan        probes.Plan
	kubelet     int // failures that the kubelet reported
	unavailable lab.Text
}

// done says that the probe has told all there is to tell: the container has started.
func (q *probeRow) done() bool {
	return q.plan.Wait == probes.WaitSuccessor && q.kind == probes.Startup && q.verdict != probes.Failing
}

func podRows(pods []lab.Pod) []row {
	out := make([]row, len(pods))
	for i, p := range pods {
		out[i] = row{
			name: widget.Clean(p.Name), uid: p.UID, status: clean(p.StatusShown()), restarts: p.Restarts,
			ready:       fmt.Sprintf("%d/%d", p.ReadyContainers, p.TotalContainers),
			lastRestart: p.LastRestart, created: p.Created, isReady: p.Ready, mood: moodOf(p),
		}
		for _, c := range p.Containers {
			out[i].containers = append(out[i].containers, container(p.UID, c))
			for _, q := range c.Probes {
				for _, caveat := range q.Caveats {
					if !slices.Contains(out[i].caveats, caveat) {
						out[i].caveats = append(out[i].caveats, caveat)
					}
				}
			}
		}
	}
	return out
}

// clean is a text without what could steer the terminal.
func clean(t lab.Text) lab.Text { return lab.Text{Ko: widget.Clean(t.Ko), En: widget.Clean(t.En)} }

func moodOf(p lab.Pod) mood {
	switch {
	case !p.Deleting.IsZero():
		return waiting
	case p.Status == "Running" && p.Ready, p.Status == "Completed":
		return good
	case p.Status == "Running", p.Status == "Pending", p.Status == "ContainerCreating", p.Status == "PodInitializing":
		return waiting
	default:
		return bad
	}
}

func container(uid string, c lab.Container) containerRow {
	out := containerRow{
		name: widget.Clean(c.Name), state: c.State, reason: widget.Clean(c.Reason), since: c.StartedAt, started: c.Started,
		ready: c.Ready, last: c.Last, grace: c.Grace,
	}
	if c.StandIn {
		out.standIn = widget.Clean(c.Image)
	}
	if c.Message != "" {
		out.reason += ": " + widget.Clean(c.Message)
	}
	for _, p := range c.Probes {
		out.probes = append(out.probes, probe(uid+"/"+c.Name+"/"+string(p.Spec.Kind), p))
	}
	return out
}

func probe(key string, p lab.Probe) probeRow {
	out := probeRow{
		key: key, kind: p.Spec.Kind, outcome: p.Outcome, verdict: p.Verdict, plan: p.Plan,
		unavailable: p.Unavailable,
	}
	if p.Witness != lab.Kubelet { // otherwise it is among the attempts
		out.kubelet = p.KubeletFailures
	}
	out.fresh = p.Streak == 0 && p.Unavailable.IsZero()
	// A streak goes on being counted past its threshold, where it tells nothing new.
	if p.Threshold > 0 {
		out.count = strconv.Itoa(min(p.Streak, p.Threshold)) + "/" + strconv.Itoa(p.Threshold)
	}
	for _, a := range p.Recent {
		out.recent = append(out.recent, a.Outcome)
		out.warned = append(out.warned, a.Warning)
		out.recovered = out.recovered || a.Outcome == probes.Failure
	}
	out.recovered = out.recovered && p.Verdict == probes.Passing && p.Outcome == probes.Success
	return out
}

// restartsCell is kubectl's RESTARTS column: 0, or 1 (31s ago).
func (r *row) restartsCell(now time.Time) string {
	if r.restarts == 0 || r.lastRestart.IsZero() {
		return strconv.Itoa(r.restarts)
	}
	return fmt.Sprintf("%d (%s ago)", r.restarts, duration.HumanDuration(max(now.Sub(r.lastRestart), 0)))
}

// ageCell is kubectl's AGE column.
func (r *row) ageCell(now time.Time) string {
	if r.created.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(max(now.Sub(r.created), 0))
}

// detail is how much is shown under a pod's row.
type detail int

const (
	rowOnly detail = iota
	chosenOnly
	probesOnly
	everything
)

// height returns how many lines a pod takes.
func (r *row) height(d detail, chosen bool) int {
	n := 1
	if d == rowOnly || d == chosenOnly && !chosen {
		return n
	}
	for i := range r.containers {
		if d == everything || r.containers[i].notable() {
			n++
		}
		n += len(r.containers[i].probes)
	}
	return n
}

// choose returns the most detail with which everything fits into h lines. With even less room the chosen pod, if its
// probes fit, has them at the price of other rows.
func choose(rows []row, chosen string, h int) detail {
	for d := everything; d > rowOnly; d-- {
		sum := 0
		for i := range rows {
			sum += rows[i].height(d, rows[i].name == chosen)
		}
		if sum <= h {
			return d
		}
	}
	for i := range rows {
		if rows[i].name == chosen && rows[i].height(chosenOnly, true) < h {
			return chosenOnly
		}
	}
	return rowOnly
}
