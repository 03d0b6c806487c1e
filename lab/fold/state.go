package fold

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// How much of each is kept.
const (
	maxEvents   = 200
	maxAttempts = 300 // in the probe log
	maxRecent   = 40  // for each probe
	maxLog      = 500 // lines of the chosen pod's log
	maxTasks    = 20  // those under way not counted
	maxOutput   = 64 << 10
)

// MaxRunning is how many tasks may run at the same time.
const MaxRunning = 8

// State is what a journal's entries add up to. New makes it.
type State struct {
	seq, facts uint64    // of the last entry, and of the last fact
	at         time.Time // of the last entry
	cluster    lab.Cluster
	position   lab.Position
	dir        string
	denied     map[string]bool // resources that may not be watched
	namespace  string          // the namespace's phase
	pods       map[string]*pod // by name
	deploys    map[string]lab.Deployment
	slices     map[string][]lab.Endpoint // by EndpointSlice name
	events     map[string]lab.Event      // by UID
	told       map[string]bool           // nodes whose kubelets tell of each attempt
	probing    lab.Probing
	attempts   []lab.Attempt
	chosen     string // name of a pod
	picked     bool   // by the user
	logPod     string // UID of the pod that log is from
	logRun     string // ID of the container that writes it now
	log        []lab.LogLine
	tasks      []lab.Task
	traffic    *lab.Traffic // never changed, only replaced

	// What snapshots share as long as it does not change.
	shown lab.Snapshot
	stale struct{ pods, deploys, endpoints, events, tasks bool }
}

// New returns the state before the first entry.
func New() *State {
	return &State{
		denied: map[string]bool{}, pods: map[string]*pod{}, deploys: map[string]lab.Deployment{},
		slices: map[string][]lab.Endpoint{}, events: map[string]lab.Event{}, told: map[string]bool{},
	}
}

// Apply takes in an entry. It returns what is worth telling of it: the owner of a journal appends that as entries of its
// own, and in a journal that is read again those follow.
func (s *State) Apply(entry journal.Entry) (news []lab.Fact) {
	s.seq = entry.Seq
	if back := s.at.Sub(entry.At); back >= time.Second && !s.at.IsZero() {
		s.setBack(back)
	}
	s.at = entry.At
	switch b := entry.Body.(type) {
	case journal.Begun:
		s.cluster, s.position, s.dir = b.Cluster, b.Position, b.Dir
	case journal.ComponentChanged:
		s.onComponent(b.Component)
	case journal.Connected:
		s.onConnected(b.Cluster)
	case journal.ConnectFailed:
		s.cluster.Phase, s.cluster.Since, s.cluster.Problem = lab.Failed, entry.At, b.Problem
		return []lab.Fact{{Kind: lab.FactClusterFailed, Problem: b.Problem}}
	case journal.Changed:
		return s.onChange(b.Change, entry.At)
	case journal.VersionLearned:
		s.cluster.Version = b.Version
	case journal.Preflighted:
		return s.onPreflight(b)
	case journal.Attempted:
		return s.onAttempt(b.Attempt)
	case journal.ProbeObserved:
		s.onObserved(b)
	case journal.KubeletTells:
		return s.onKubeletTells(b)
	case journal.ProbingSet:
		s.probing = b.Probing
		return []lab.Fact{{Kind: lab.FactProbing, Probing: b.Probing}}
	case journal.TrafficBegun:
		return s.onTrafficBegun(b.Plan, entry.At)
	case journal.TrafficCounted:
		s.onTraffic(b.Second)
	case journal.TrafficEnded:
		return s.onTrafficEnded(b.Problem)
	case journal.PodChosen:
		s.chosen, s.picked = b.Pod, b.ByUser
	case journal.LogFollowed:
		if s.logPod != b.Pod {
			s.log = nil
		}
		s.logPod, s.logRun = b.Pod, b.Run
	case journal.Logged:
		line := b.Line
		line.Run = s.logRun
		s.log = push(s.log, line, maxLog)
	case journal.Asked, journal.Refused, journal.Omitted: // what comes of it follows, or is not there
	case journal.TaskStarted:
		s.onTask(b.Task)
	case journal.TaskPrinted:
		s.changeTask(b.Task, func(t *lab.Task) {
			t.Output += b.Text
			t.Output = t.Output[max(len(t.Output)-maxOutput, 0):]
		})
	case journal.TaskNoted:
		s.changeTask(b.Task, func(t *lab.Task) { t.Note = b.Note })
	case journal.TaskEnded:
		s.changeTask(b.Task, func(t *lab.Task) {
			t.State, t.Took, t.ExitCode = b.State, b.Took, b.ExitCode
			t.Problem, t.Told, t.Foreign = b.Problem, b.Told, b.Foreign
		})
	case journal.Moved:
		s.position = b.Position
	case journal.Told:
		s.facts = b.Fact.Seq
	}
	return nil
}

// setBack moves what is to come, and since when something is so, with a clock that was set back so far. In a session that goes on
// these times have a monotonic reading, by which it never is; a file does not keep that.
func (s *State) setBack(back time.Duration) {
	move := func(t *time.Time) {
		if !t.IsZero() {
			*t = t.Add(-back)
		}
	}
	move(&s.cluster.Since)
	move(&s.position.Since)
	if s.traffic != nil {
		moved := *s.traffic
		move(&moved.Since)
		s.traffic = &moved
	}
	for _, p := range s.pods {
		for _, c := range p.containers {
			if c.grace != nil {
				c.grace = &lab.Grace{Since: c.grace.Since.Add(-back), Until: c.grace.Until.Add(-back)}
			}
			for _, pr := range c.probes {
				move(&pr.Next)
				move(&pr.Reported)
			}
		}
		p.stale = true
	}
	for i := range s.tasks {
		move(&s.tasks[i].Started)
	}
	s.stale.pods, s.stale.tasks = true, true
}

// Snapshot is the state as it can be seen at a moment. Its Revision is the Seq of the last entry. It is never changed, and
// shares what did not change with the snapshots before.
func (s *State) Snapshot(now time.Time) *lab.Snapshot {
	if s.stale.pods {
		s.shown.Pods = podViews(s.pods)
	}
	if s.stale.deploys {
		s.shown.Deployments = byName(s.deploys)
	}
	if s.stale.endpoints {
		s.shown.Endpoints = allEndpoints(s.slices)
	}
	if s.stale.events {
		s.shown.Events = recentEvents(s.events)
	}
	if s.stale.tasks {
		s.shown.Tasks = slices.Clone(s.tasks)
	}
	s.stale = struct{ pods, deploys, endpoints, events, tasks bool }{}
	next := s.shown
	next.Revision, next.At, next.Facts = s.seq, now, s.facts
	next.Cluster, next.Position, next.Dir = s.cluster, s.position, s.dir
	next.Attempts, next.Log, next.ChosenPod, next.Probing = s.attempts, s.log, s.chosen, s.probing
	next.Traffic = s.traffic
	return &next
}

// Seq is that of the last entry.
func (s *State) Seq() uint64 { return s.seq }

// Cluster is how the connection stands. It must not be changed.
func (s *State) Cluster() lab.Cluster { return s.cluster }

// Position is where the student was said to be last.
func (s *State) Position() lab.Position { return s.position }

// Chosen is the pod that faults and the log refer to, empty while there is none, and whether the user has chosen it.
func (s *State) Chosen() (pod string, byUser bool) { return s.chosen, s.picked }

// Probing is whether healthlab makes probes of its own.
func (s *State) Probing() lab.Probing { return s.probing }

// LogPod is the UID of the pod whose log is followed.
func (s *State) LogPod() string { return s.logPod }

// NamespacePhase is the phase of the lab's namespace; empty if there is none. With rights inside the namespace only, its
// existence is taken for granted.
func (s *State) NamespacePhase() string {
	if s.denied["namespaces"] {
		return "Active"
	}
	return s.namespace
}

func (s *State) onComponent(c lab.Component) {
	// Snapshots share the slice, so it is copied before it is changed.
	s.cluster.Components = slices.Clone(s.cluster.Components)
	if i := slices.IndexFunc(s.cluster.Components, func(known lab.Component) bool { return known.Name == c.Name }); i >= 0 {
		s.cluster.Components[i] = c
		return
	}
	s.cluster.Components = append(s.cluster.Components, c)
}

func (s *State) onConnected(info lab.Cluster) {
	s.cluster.Name, s.cluster.Server, s.cluster.Namespace = info.Name, info.Server, info.Namespace
	s.cluster.Real, s.cluster.Version = info.Real, info.Version
	s.cluster.ReadOnly, s.cluster.DryRun, s.cluster.Kubeconfig = info.ReadOnly, info.DryRun, info.Kubeconfig
}

// onPreflight warns of what is missing and was not known to be.
func (s *State) onPreflight(b journal.Preflighted) (news []lab.Fact) {
	var known []lab.Finding
	if s.cluster.Preflight != nil {
		known = s.cluster.Preflight.Findings
	}
	for _, f := range b.Preflight.Findings {
		if (f.State == lab.FindingBlocked || f.State == lab.FindingLimited) && !slices.Contains(known, f) {
			news = append(news, lab.Fact{Kind: lab.FactFinding, Finding: &f})
		}
	}
	s.cluster.Preflight, s.cluster.Version = &b.Preflight, b.Version
	return news
}

// onTask shows a task, and forgets the oldest that has ended if there are too many.
func (s *State) onTask(t lab.Task) {
	s.stale.tasks = true
	s.tasks = append(s.tasks, t)
	for i := 0; len(s.tasks) > maxTasks && i < len(s.tasks); {
		if s.tasks[i].State == lab.TaskRunning {
			i++
			continue
		}
		s.tasks = slices.Delete(s.tasks, i, i+1)
	}
	s.tasks = s.tasks[max(len(s.tasks)-maxTasks-MaxRunning, 0):] // no session has more under way
}

// Task finds a task by its ID; nil if it is no longer kept. It must not be changed, and is not to be kept.
func (s *State) Task(id uint64) *lab.Task {
	for i := range s.tasks {
		if s.tasks[i].ID == id {
			return &s.tasks[i]
		}
	}
	return nil
}

func (s *State) changeTask(id uint64, change func(*lab.Task)) {
	if t := s.Task(id); t != nil {
		s.stale.tasks = true
		change(t)
	}
}

// push appends v and keeps the newest limit values. Slices handed out before stay valid: their elements are never
// overwritten.
func push[T any](s []T, v T, limit int) []T {
	s = append(s, v)
	return s[max(len(s)-limit, 0):]
}
