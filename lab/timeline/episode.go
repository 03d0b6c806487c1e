package timeline

import (
	"slices"
	"time"

	"healthlab/probes"
)

// Episode is what follows from a fault, as far as one probe of one container has to do with it.
type Episode struct {
	ID             uint64 // grows from one that has begun to the next
	Pod, PodName   string // UID and name
	Container      string
	Probe          probes.Kind
	Response       probes.Response // of the app to the probe's attempts; empty if that is not known
	Fault, Repair  *Act            // as healthlab has carried them out; nil where it was not healthlab, or nobody has
	Begun          Instant         // the fault; where that is not known, the begin of the first attempt that has failed
	Points         []Point         // in the order in which they come about; they must not be changed
	Ended          time.Time       // zero while it goes on
	End            End             // empty while it goes on
	Number         int             // of the container's run that it is about, as Run.Number
	predicted, due probes.Forecast // made when it began, and with what was seen since
	typical        probes.Forecast // as predicted, but by the settings alone: without knowing when the next attempt is made
}

// End is how an episode ended.
type End string

// The ends.
const (
	EndReady     End = "ready"     // the container is ready, or ready again
	EndRecovered End = "recovered" // the probe succeeded before there were failures enough
	EndNothing   End = "nothing"   // the probe did not notice anything
	EndStopped   End = "stopped"   // the container ended for another reason, or is not started again
	EndAgain     End = "again"     // the container was restarted, and the probe fails again
	EndGone      End = "gone"      // the pod is deleted
	EndLost      End = "lost"      // nothing more was heard of it, long after it was to go on
)

// Point is a point of an episode: when it came about, and when that was to be expected.
type Point struct {
	Code PointCode
	// Told is when it happened as Kubernetes tells or, of a fault and a repair, when healthlab carried it out. Probed is when
	// healthlab's own engine saw it. Both are zero as long as it has not happened, or nobody has told.
	Told, Probed Instant
	// Expected is what was to be expected when the episode began, or at the repair; Due what is to be expected by now.
	Expected, Due Expected
}

// PointCode names a point.
type PointCode string

// The points.
const (
	PointFault   PointCode = "fault"
	PointFailure PointCode = "failure" // the first attempt has failed
	PointVerdict PointCode = "verdict" // the failures are enough: the kubelet has the container killed, or takes it for not ready
	PointStop    PointCode = "stop"    // SIGTERM
	PointRestart PointCode = "restart" // the next container runs
	PointStarted PointCode = "started" // the startup probe has passed
	PointLeft    PointCode = "left"    // the pod is no longer among the ready endpoints of its services
	PointRepair  PointCode = "repair"
	PointSuccess PointCode = "success" // the first attempt has succeeded
	PointReady   PointCode = "ready"   // the container is ready, or ready again
	PointJoined  PointCode = "joined"  // the pod is among the ready endpoints again
)

// Expected is when something is to be expected. It is zero if nobody can say.
type Expected struct {
	// From and To are the earliest and the latest time. They are zero if Band.Never says why it does not happen.
	From, To time.Time
	// Since is the point from which Band counts.
	Since PointCode
	Band  probes.Band
}

// Known reports whether anything can be said.
func (e Expected) Known() bool { return e.Since != "" }

// Never is why it does not happen; empty if it does, or if nothing can be said.
func (e Expected) Never() probes.Reason { return e.Band.Never }

// Measured is when the point came about: as Kubernetes tells or, where it does not, as healthlab's own engine saw it. It is
// zero as long as it has not come about.
func (p Point) Measured() Instant {
	if p.Told.IsZero() {
		return p.Probed
	}
	return p.Told
}

// Happened reports whether it has come about.
func (p Point) Happened() bool { return !p.Measured().IsZero() }

// Point is a point of the episode; ok is false if it has none such.
func (e *Episode) Point(code PointCode) (p Point, ok bool) {
	i := e.index(code)
	if i < 0 {
		return Point{}, false
	}
	return e.Points[i], true
}

func (e *Episode) index(code PointCode) int {
	return slices.IndexFunc(e.Points, func(p Point) bool { return p.Code == code })
}

// Next is the first point that is still to come; ok is false if none is, or the episode has ended.
func (e *Episode) Next() (p Point, ok bool) {
	if e.End != "" {
		return Point{}, false
	}
	last := -1
	for i, p := range e.Points {
		if p.Happened() {
			last = i
		}
	}
	for _, p := range e.Points[last+1:] {
		if p.Due.Known() && p.Due.Never() == "" {
			return p, true
		}
	}
	return Point{}, false
}

// Countdown is how long it still takes at a time until what is expected: at least and at most. An end that has passed is 0; ok
// is false if it is not expected.
func (e Expected) Countdown(now time.Time) (left probes.Range, ok bool) {
	if e.From.IsZero() {
		return probes.Range{}, false
	}
	left.Most = probes.Longest
	if !e.To.IsZero() {
		left.Most = max(e.To.Sub(now), 0)
	}
	left.Least = min(max(e.From.Sub(now), 0), left.Most)
	return left, true
}

// Budget is how long the fault may last before there is a verdict, as it was to be expected; see [probes.Forecast].
func (e *Episode) Budget() probes.Range { return e.predicted.Budget }
