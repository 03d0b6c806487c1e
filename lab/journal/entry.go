package journal

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Entry is one thing that happened. It is never changed after it was appended.
type Entry struct {
	Seq  uint64    // starts at 1, without gaps
	At   time.Time // when the session learned of it; the clock may have been set back since the entry before
	Body Body
}

// MaxHeld is how much of a journal is read at most, in bytes as Entry.Size counts them. An hour of thirty pods that are probed every
// second takes 55 MB.
const MaxHeld = 256 << 20

// Size is about how many bytes the entry keeps in memory.
func (e Entry) Size() int { return smallSize + e.Body.size() }

// Body says what happened. The types of this file are all there are.
//
//sumtype:decl
type Body interface {
	// size is about how many bytes the body keeps in memory.
	size() int
}

// Begun is the first entry: how things stand when a session is made.
type Begun struct {
	Cluster  lab.Cluster
	Position lab.Position
	Dir      string   // the working directory
	Labs     []string // the IDs of the labs that positions count in
	// Digests tell in the same order what the labs were like, as lab.Lab.Digest does; empty in journals of before it was told.
	Digests []string `json:",omitempty"`
}

// Since tells which of the labs, by their names, have changed since, or are gone, given those that are there now.
func (b Begun) Since(labs []lab.Lab) (changed, gone []lab.Text) {
	for i, id := range b.Labs {
		switch at := slices.IndexFunc(labs, func(l lab.Lab) bool { return l.ID == id }); {
		case at < 0:
			gone = append(gone, lab.Same(lab.Printable(id)))
		case i < len(b.Digests) && b.Digests[i] != labs[at].Digest():
			changed = append(changed, labs[at].Title)
		}
	}
	return changed, gone
}

// ComponentChanged says how far a part of the embedded control plane is.
type ComponentChanged struct{ Component lab.Component }

// Connected says that there is a cluster, and which one. Its Phase, Since, Problem, Denied, Preflight and Components say
// nothing.
type Connected struct{ Cluster lab.Cluster }

// ConnectFailed says why there will be no cluster.
type ConnectFailed struct{ Problem lab.Text }

// Changed is what a watch on the cluster saw.
type Changed struct{ Change lab.Change }

// VersionLearned says which version the API server has.
type VersionLearned struct{ Version string }

// Preflighted says what can be done on a real cluster.
type Preflighted struct {
	Preflight lab.Preflight
	Version   string
}

// Attempted is an attempt at a probe, of healthlab's own engine or of a kubelet that tells of each.
type Attempted struct{ Attempt lab.Attempt }

// ProbeObserved says how healthlab's own engine stands at a probe, beside what its attempts say.
type ProbeObserved struct {
	Key         probes.Key
	Plan        probes.Plan
	Caveats     []lab.Text
	Unavailable lab.Text // why the engine does not run it; zero if it does, or need not
	// Fine says that the container was shown to be fine although the engine's attempts had failed for good.
	Fine bool `json:",omitempty"`
}

// KubeletTells says whether the kubelet of a node tells of each of its attempts from now on.
type KubeletTells struct {
	Node  string
	Tells bool
	Why   lab.Text // why not
}

// ProbingSet says whether healthlab makes probes of its own from now on.
type ProbingSet struct{ Probing lab.Probing }

// TrafficBegun says that requests are sent to a Service from now on.
type TrafficBegun struct{ Plan lab.TrafficPlan }

// TrafficCounted is what came of them within about a second.
type TrafficCounted struct{ Second lab.TrafficSecond }

// TrafficEnded says that none are sent any more. Problem is why, unless that was asked for.
type TrafficEnded struct {
	Problem lab.Text `json:",omitzero"`
}

// PodChosen says which pod the faults and the log refer to: the user's choice, or the session's. Pod is empty while there
// is none.
type PodChosen struct {
	Pod    string
	ByUser bool
}

// LogFollowed says that the log of another pod (a UID), or of another run of its container, is followed from now on.
type LogFollowed struct {
	Pod string
	Run string `json:",omitempty"` // the container's ID; empty while none runs, and in journals of before it was told
}

// Logged is a line of the log that is followed.
type Logged struct{ Line lab.LogLine }

// Asked is what the user wants.
type Asked struct{ Action lab.Action }

// Refused says why what was asked for last is not possible.
type Refused struct{ Why lab.Text }

// TaskStarted says that the session has begun to carry something out.
type TaskStarted struct{ Task lab.Task }

// TaskPrinted is a piece of what a task's command prints.
type TaskPrinted struct {
	Task uint64
	Text string
}

// TaskNoted is what healthlab itself has to say of what a task did.
type TaskNoted struct {
	Task uint64
	Note lab.Text
}

// TaskEnded says how a task ended.
type TaskEnded struct {
	Task     uint64
	State    lab.TaskState
	Took     time.Duration
	ExitCode int
	Problem  lab.Text
	Told     bool // the output says the problem
	Foreign  *lab.Foreign
}

// Moved says where the student is and how the goals stand.
type Moved struct{ Position lab.Position }

// Told is a fact.
type Told struct{ Fact lab.Fact }

// Omitted says that a file lacks entries here, or from here on. No session makes it: whoever writes a file does.
type Omitted struct {
	Entries uint64 // how many; 0 if that is not known
	Why     lab.Text
}

// What a value takes beside its texts, roughly.
const (
	smallSize = 100
	podSize   = 1000
)

func textSize(t lab.Text) int { return len(t.Ko) + len(t.En) }

func (b Begun) size() int            { return podSize + len(b.Dir) + b.positionSize() + 2*smallSize*len(b.Labs) }
func (b Begun) positionSize() int    { return Moved{b.Position}.size() }
func (b ComponentChanged) size() int { return smallSize + len(b.Component.Err) }
func (b Connected) size() int        { return podSize + len(b.Cluster.Server) + len(b.Cluster.Name) }
func (b ConnectFailed) size() int    { return smallSize + textSize(b.Problem) }
func (b VersionLearned) size() int   { return smallSize + len(b.Version) }
func (b Attempted) size() int        { return 4*smallSize + len(b.Attempt.Message) }
func (b PodChosen) size() int        { return smallSize + len(b.Pod) }
func (b Refused) size() int          { return smallSize + textSize(b.Why) }
func (b LogFollowed) size() int      { return smallSize + len(b.Pod) + len(b.Run) }
func (b Logged) size() int           { return smallSize + len(b.Line.Text) }
func (b TaskPrinted) size() int      { return smallSize + len(b.Text) }
func (b TaskNoted) size() int        { return smallSize + textSize(b.Note) }
func (b KubeletTells) size() int     { return smallSize + textSize(b.Why) }
func (b ProbingSet) size() int       { return smallSize }
func (b TrafficBegun) size() int     { return smallSize + len(b.Plan.Service) + len(b.Plan.Path) }
func (b TrafficCounted) size() int   { return smallSize * (1 + len(b.Second.Pods)) }
func (b TrafficEnded) size() int     { return smallSize + textSize(b.Problem) }
func (b Told) size() int             { return factSize(b.Fact) }
func (b Omitted) size() int          { return smallSize + textSize(b.Why) }

func factSize(f lab.Fact) int {
	n := 8*smallSize + textSize(f.Problem) + len(f.Message) + len(f.Command.Line)
	if f.Finding != nil {
		n += findingSize(*f.Finding)
	}
	return n
}

func findingSize(f lab.Finding) int {
	return smallSize + textSize(f.Subject) + textSize(f.Found) + textSize(f.Without)
}

func (b Changed) size() int {
	switch c := b.Change.(type) {
	case lab.PodChanged:
		return changedPodSize(c.Pod)
	case lab.EndpointsChanged:
		return smallSize + smallSize*len(c.Endpoints)
	case lab.EventChanged:
		return 4*smallSize + len(c.Event.Message)
	case lab.DeploymentChanged, lab.NamespaceChanged:
		return 2 * smallSize
	case lab.LinkChanged:
		return smallSize + textSize(c.Problem)
	case lab.AccessChanged:
		return smallSize + textSize(c.Problem)
	}
	return smallSize
}

func changedPodSize(p lab.Pod) int {
	n := podSize + len(p.StaticUID) + len(p.Reason) + len(p.Message)
	for _, c := range p.Conditions {
		n += 2*smallSize + len(c.Reason) + len(c.Message)
	}
	for _, containers := range [][]lab.Container{p.Containers, p.Init} {
		for _, c := range containers {
			n += podSize + len(c.Reason) + len(c.Message)
			for _, t := range []*lab.Termination{c.Exit, c.Last} {
				if t != nil {
					n += smallSize + len(t.Reason) + len(t.Message)
				}
			}
		}
	}
	return n
}

func (b Preflighted) size() int {
	n := smallSize * (1 + len(b.Preflight.Policies))
	for _, f := range b.Preflight.Findings {
		n += findingSize(f)
	}
	return n
}

func (b ProbeObserved) size() int {
	n := 2*smallSize + textSize(b.Unavailable)
	for _, c := range b.Caveats {
		n += textSize(c)
	}
	return n
}

func (b Asked) size() int {
	n := smallSize
	if k, ok := b.Action.(lab.Kubectl); ok {
		for _, arg := range k.Args {
			n += smallSize/4 + len(arg)
		}
	}
	return n
}

func (b TaskStarted) size() int {
	return 4*smallSize + textSize(b.Task.Title) + len(b.Task.Line) + len(b.Task.Output)
}

func (b TaskEnded) size() int {
	n := smallSize + textSize(b.Problem)
	if b.Foreign != nil {
		n += 3 * smallSize * len(b.Foreign.Objects)
	}
	return n
}

func (b Moved) size() int { return smallSize + 4*smallSize*len(b.Position.Goals) }
