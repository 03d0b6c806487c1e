package timeline

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"healthlab/lab"
	"healthlab/probes"
)

// View is everything that is known at one moment. Nothing in it is ever changed, so that any goroutine may keep and read it;
// views share what did not change between them.
//
// Its times are on an axis that never goes back: see [View.Clock].
type View struct {
	// From is the time of the first entry that was added, To that of the last. They are zero before there is one.
	From, To time.Time
	// Revision is the Seq of the last entry.
	Revision uint64

	Pods        []*Pod        // by when they were first seen, those of the same moment by name
	Services    []*Service    // by name
	Deployments []*Deployment // by name
	// Traffic is what came of the requests that healthlab has sent to Services.
	Traffic Traffic
	// Acts are the faults and commands that healthlab has carried out or tried to, by when they ended, and then those under
	// way.
	Acts []Act
	// Gaps are the times of which less is known, by when they began.
	Gaps []Gap
	// Episodes in the order in which they became known.
	Episodes []*Episode
	// Dropped says what is not kept any more.
	Dropped Dropped

	shifts []shift
}

// Dropped is what was left out of a View, because what is kept is bounded.
type Dropped struct {
	Pods, Services, Deployments, Acts, Gaps, Episodes int
	// Containers are those of pods that are shown without them.
	Containers int
	// Elements are attempts and spans; each lane says how many of them are its own.
	Elements int
}

// Clock is the time t of the axis as the clock showed it. It is t itself unless the clock was set meanwhile: the axis then goes
// on where it was.
func (v *View) Clock(t time.Time) time.Time {
	var back time.Duration
	for _, s := range v.shifts {
		if t.Before(s.at) {
			break
		}
		back = s.back
	}
	return t.Add(-back)
}

// shift says that from at on the clock is so much behind the axis.
type shift struct {
	at   time.Time
	back time.Duration
}

// Pod is a pod with all of its lanes. Another pod that was made under the same name is another one.
type Pod struct {
	UID, Name, Node string
	Labels          map[string]string
	Seen            time.Time // first
	Deleting        Instant   // when its deletion was asked for; zero unless that is so
	Gone            time.Time // when that was seen; zero while it is there
	Ready           Spans[bool]
	Containers      []*Container
	// Dropped is how many more containers it has than are kept.
	Dropped int
}

// Container is a container with its lanes.
type Container struct {
	Name, Image string
	Runs        Spans[Run]
	Probes      []*Probe // startup, readiness, liveness, as far as there are such
	// Restarts is how often it was restarted, as Kubernetes counts.
	Restarts int
}

// Run is what a container does.
type Run struct {
	Phase Phase
	ID    string // of the container; empty while it is created for the first time
	// Number counts the runs from 0: the container's restarts before this one.
	Number int
	// Reason is the kubelet's, of what waits or has ended, such as ErrImagePull, Error or OOMKilled.
	Reason   string
	ExitCode int // of what has ended
	// Stop is why it stops or was stopped; empty while it does not, or if it has ended by itself or nothing is known of why.
	Stop  Stop
	Probe probes.Kind // that has it stopped
	// Grace is how long it has to end after it was told to.
	Grace time.Duration
	// Until is when a stop is enforced at the latest, or a back-off ends at the earliest; zero if that is not known.
	Until time.Time
}

// Phase is how far a container is.
type Phase string

// The phases, in the order in which they come.
const (
	Creating Phase = "creating" // its image is pulled, and it is made
	Running  Phase = "running"
	Stopping Phase = "stopping" // it runs, and was told to end
	Ended    Phase = "ended"
	BackOff  Phase = "backOff" // its restart, or the pull of its image, is put off
)

// Stop is why a container is stopped.
type Stop string

// Why.
const (
	StopProbe    Stop = "probe"    // a probe has failed
	StopDeletion Stop = "deletion" // the pod is deleted
)

// Probe is a probe with what both witnesses tell of it.
type Probe struct {
	Spec probes.Spec
	// Engine are the attempts of healthlab's own engine: all of them.
	Engine Attempts
	// Kubelet are the kubelet's: all of them where it tells of each (Told), or else the failures that it reports in events, and
	// those of its successes that the app's log tells.
	Kubelet Attempts
	// Told is true if the kubelet tells of each attempt now.
	Told bool
	// Verdicts are the kubelet's where it tells of each attempt, or else the engine's.
	Verdicts Spans[probes.Verdict]
}

// Attempt is an attempt at a probe.
type Attempt struct {
	Ended   Instant
	Took    time.Duration // of what the kubelet reports in events it is not known
	Outcome probes.Outcome
	// TimedOut is true of a failure that nothing was answered in time, as far as whoever told of it knows.
	TimedOut bool
	// Streak is how many attempts in a row have had this outcome, of the Threshold that makes a verdict. Of what the kubelet
	// reports in events nobody knows.
	Streak, Threshold int
	// More is how many others of the kubelet, since the one before, have failed with the same message at times that nobody
	// has told.
	More int
	// Message is what it said, in one line, cut short.
	Message string
	// Logged says that this is not what the kubelet has told but a line of the app's log.
	Logged bool
	// Told says that the kubelet has told of this very attempt.
	Told bool
}

// Service is a service with the lanes of its endpoints.
type Service struct {
	Name    string
	Members []*Member // by when they were first seen, those of the same moment by address
}

// Member is an address that a service has or had.
type Member struct {
	Address string
	Pod     string // name
	UID     string // of the pod; empty if that is not known
	States  Spans[Membership]
}

// Membership is how an address stands while the service has it.
type Membership struct{ Ready, Serving, Terminating bool }

// Deployment is a deployment with the lane of its counts.
type Deployment struct {
	Name     string
	Selector map[string]string
	Counts   Spans[Counts]
}

// Counts are those of kubectl describe's Replicas line.
type Counts struct{ Desired, Updated, Total, Available, Unavailable int }

// Act is a fault or a command that healthlab has carried out or tried to.
type Act struct {
	Task    uint64
	Started time.Time
	Ended   time.Time // zero while it is under way
	State   lab.TaskState
	Title   lab.Text
	Line    string // as it can be typed; empty if it is no command
	// Of is the command of a step that it is, nil if it is none. It must not be changed.
	Of *lab.StepCommand
	// Fault is the fault or repair that it is, nil if it is none, and Pod the UID of the pod that it was done to, Container its
	// container; empty where that is not known. It must not be changed.
	Fault          *lab.Fault
	Pod, Container string
}

// Gap is a time of which less is known than of others.
type Gap struct {
	From time.Time
	To   time.Time // zero while it goes on
	Why  GapKind
	// Entries is how many entries of the journal are missing; Resource what may not be watched.
	Entries  uint64
	Resource string
}

// GapKind is why less is known.
type GapKind string

// Why less is known.
const (
	GapLink    GapKind = "link"    // there was no connection to the cluster
	GapDenied  GapKind = "denied"  // a resource may not be watched
	GapEntries GapKind = "entries" // entries of the journal are missing
	GapClock   GapKind = "clock"   // the clock was set: how long it was around then may not be known
)

// Pod is the pod with a UID; nil if it is not kept.
func (v *View) Pod(uid string) *Pod {
	i := slices.IndexFunc(v.Pods, func(p *Pod) bool { return p.UID == uid })
	if i < 0 {
		return nil
	}
	return v.Pods[i]
}

// Named is the latest pod of a name; nil if none is kept.
func (v *View) Named(name string) *Pod {
	for _, p := range slices.Backward(v.Pods) {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// PodsOf are the pods that a deployment's selector chooses, also those that are gone.
func (v *View) PodsOf(deployment string) []*Pod {
	i := slices.IndexFunc(v.Deployments, func(d *Deployment) bool { return d.Name == deployment })
	if i < 0 || len(v.Deployments[i].Selector) == 0 {
		return nil
	}
	selector := labels.SelectorFromSet(v.Deployments[i].Selector)
	return slices.DeleteFunc(slices.Clone(v.Pods), func(p *Pod) bool { return !selector.Matches(labels.Set(p.Labels)) })
}

// MembersOf are the endpoints that are or were a pod's, with the names of their services.
func (v *View) MembersOf(uid string) (services []string, members []*Member) {
	for _, s := range v.Services {
		for _, m := range s.Members {
			if m.UID == uid && uid != "" {
				services, members = append(services, s.Name), append(members, m)
			}
		}
	}
	return services, members
}

// Latest is the episode of a pod that began last; nil if none is kept.
func (v *View) Latest(uid string) *Episode {
	for _, e := range slices.Backward(v.Episodes) {
		if e.Pod == uid {
			return e
		}
	}
	return nil
}

// Current are the episodes that have not ended.
func (v *View) Current() []*Episode {
	return slices.DeleteFunc(slices.Clone(v.Episodes), func(e *Episode) bool { return e.End != "" })
}

// ActsIn are the acts that were under way at some time from from on and before to.
func (v *View) ActsIn(from, to time.Time) []Act {
	// They are in order of their ends, and those that have none are the last.
	i, _ := slices.BinarySearchFunc(v.Acts, from, func(a Act, t time.Time) int {
		if a.Ended.IsZero() || !a.Ended.Before(t) {
			return 1
		}
		return -1
	})
	return slices.DeleteFunc(slices.Clone(v.Acts[i:]), func(a Act) bool { return !a.Started.Before(to) })
}

// GapsIn are the gaps that lie between from and to, or partly so.
func (v *View) GapsIn(from, to time.Time) []Gap {
	return slices.DeleteFunc(slices.Clone(v.Gaps), func(g Gap) bool {
		return !g.From.Before(to) || !g.To.IsZero() && g.To.Before(from)
	})
}

// Sight is what is known of a pod at one time.
type Sight struct {
	// Known is false before the pod was seen and after it was gone: the rest is zero then.
	Known, Ready bool
	Containers   []ContainerSight // as the pod's
	Services     []ServiceSight
	// Episodes are those that were under way.
	Episodes []*Episode
	Gaps     []Gap
}

// ContainerSight is what is known of a container at one time.
type ContainerSight struct {
	Run    Span[Run]
	Known  bool // Run is one
	Probes []ProbeSight
}

// ProbeSight is what is known of a probe at one time: the verdict, and the last attempt of either witness. What is not known
// is zero.
type ProbeSight struct {
	Verdict         probes.Verdict
	Engine, Kubelet Attempt
}

// ServiceSight is how a pod stood in a service at one time.
type ServiceSight struct {
	Service string
	Membership
}

// At is what is known of a pod at a time.
func (v *View) At(uid string, t time.Time) Sight {
	var s Sight
	s.Gaps = v.GapsIn(t, t.Add(1))
	p := v.Pod(uid)
	if p == nil || t.Before(p.Seen) || !p.Gone.IsZero() && !t.Before(p.Gone) {
		return s
	}
	s.Known = true
	ready, _ := p.Ready.At(t)
	s.Ready = ready.Is
	for _, c := range p.Containers {
		var seen ContainerSight
		seen.Run, seen.Known = c.Runs.At(t)
		for _, pr := range c.Probes {
			var one ProbeSight
			verdict, _ := pr.Verdicts.At(t)
			one.Verdict = verdict.Is
			one.Engine, _ = pr.Engine.At(t)
			one.Kubelet, _ = pr.Kubelet.At(t)
			seen.Probes = append(seen.Probes, one)
		}
		s.Containers = append(s.Containers, seen)
	}
	names, members := v.MembersOf(uid)
	for i, m := range members {
		if state, ok := m.States.At(t); ok {
			s.Services = append(s.Services, ServiceSight{names[i], state.Is})
		}
	}
	for _, e := range v.Episodes {
		if e.Pod == uid && !t.Before(e.Begun.At) && (e.Ended.IsZero() || t.Before(e.Ended)) {
			s.Episodes = append(s.Episodes, e)
		}
	}
	return s
}
