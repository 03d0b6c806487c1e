package report

import (
	"cmp"
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// How much is kept to find causes in, and told.
const (
	maxPods     = 300
	maxEvents   = 100 // of a pod
	maxAttempts = 60  // of a pod
	maxLogLines = 100
	maxCauses   = 400
	maxToldWhy  = 60
)

// causes are why containers were restarted and pods were not Ready. A cause is looked for when what it is about is over, so that
// what Kubernetes has told late is known.
type causes struct {
	pods      map[string]*watched // by UID
	order     []*watched          // oldest first
	unclaimed map[string][]lab.Event
	logOf     journal.LogFollowed
	standIns  []string // the images that stand-ins ran for
	missing   lab.Text // why events are missing; zero if none are

	found   []found
	dropped int
}

// noteStandIns remembers the images that stand-ins run for, as many as are told.
func (c *causes) noteStandIns(pod lab.Pod) {
	const most = 10
	for _, con := range slices.Concat(pod.Containers, pod.Init) {
		if image := lab.Line(con.Image, maxName); con.StandIn && len(c.standIns) < most && !slices.Contains(c.standIns, image) {
			c.standIns = append(c.standIns, image)
		}
	}
}

// found is a cause. It is final when all has been told of it: an event that is counted on later would be evidence from after
// the fact.
type found struct {
	cause.Cause
	final bool
}

// late is how long after a change of a pod Kubernetes may still tell why it changed.
const late = 15 * time.Second

// watched is a pod with what was seen of it.
type watched struct {
	pod       lab.Pod
	wasReady  bool
	gone      bool
	due       time.Time // when all is told of why it changed last; zero if that was settled
	events    []lab.Event
	attempts  []lab.Attempt
	log       []lab.LogLine
	container string // whose log it is
}

func (c *causes) onPod(change lab.PodChanged, at time.Time) {
	c.noteStandIns(change.Pod)
	p := c.pods[change.Pod.UID]
	switch {
	case p == nil && change.Deleted:
		return
	case p == nil:
		if c.pods == nil {
			c.pods = map[string]*watched{}
		}
		if len(c.order) == maxPods {
			delete(c.pods, c.order[0].pod.UID)
			c.order = slices.Delete(c.order, 0, 1)
		}
		p = &watched{}
		c.pods[change.Pod.UID] = p
		c.order = append(c.order, p)
		p.events = c.unclaimed[change.Pod.UID]
		delete(c.unclaimed, change.Pod.UID)
	case change.Deleted:
		c.settle(p, at, false)
		p.gone = true
		return
	case turned(p.pod, change.Pod):
		if !p.pod.Ready && change.Pod.Ready { // what made it Ready is no cause of why it was not
			p.attempts = untilFailure(p.attempts)
		}
		c.settle(p, at, false)
		p.due = at.Add(late)
	}
	p.pod = change.Pod
	p.wasReady = p.wasReady || p.pod.Ready
}

// untilFailure are the attempts up to the last one that failed; all of them if none has.
func untilFailure(all []lab.Attempt) []lab.Attempt {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Outcome == probes.Failure {
			return all[:i+1]
		}
	}
	return all
}

// turned reports whether what a cause is about may be over.
func turned(before, now lab.Pod) bool {
	if before.Ready != now.Ready || len(before.Containers) != len(now.Containers) {
		return true
	}
	for i, b := range before.Containers {
		if n := now.Containers[i]; b.State != n.State || b.ID != n.ID || b.Restarts != n.Restarts {
			return true
		}
	}
	return false
}

func (c *causes) onEvent(change lab.EventChanged, at time.Time) {
	e := change.Event
	if change.Deleted || e.ObjectUID == "" { // one that has expired was made all the same
		return
	}
	p := c.pods[e.ObjectUID]
	if p == nil {
		if c.unclaimed == nil {
			c.unclaimed = map[string][]lab.Event{}
		}
		if len(c.unclaimed) < maxPods {
			c.unclaimed[e.ObjectUID] = keepEvent(c.unclaimed[e.ObjectUID], e)
		}
		return
	}
	if !p.due.IsZero() && at.After(p.due) {
		c.settleRestarts(p, p.due)
	}
	p.events = keepEvent(p.events, e)
}

func keepEvent(all []lab.Event, e lab.Event) []lab.Event {
	e.Message = cut(e.Message, maxKept)
	if i := slices.IndexFunc(all, func(o lab.Event) bool { return o.UID == e.UID }); i >= 0 {
		all[i] = e
		return all
	}
	return last(append(all, e), maxEvents)
}

// last are at most so many of the last elements.
func last[T any](all []T, most int) []T {
	if len(all) <= most {
		return all
	}
	return slices.Clone(all[len(all)-most:])
}

func (c *causes) onAttempt(a lab.Attempt) {
	p := c.pods[a.Key.Pod]
	if p == nil {
		return
	}
	a.Message = cut(a.Message, 4*maxLine)
	if p.attempts = append(p.attempts, a); len(p.attempts) >= 2*maxAttempts {
		p.attempts = last(p.attempts, maxAttempts)
	}
}

func (c *causes) onLog(l lab.LogLine) {
	p := c.pods[c.logOf.Pod]
	if p == nil || len(p.pod.Containers) == 0 {
		return
	}
	l.Text, l.Run = cut(l.Text, 4*maxLine), c.logOf.Run
	p.container = p.pod.Containers[0].Name
	if p.log = append(p.log, l); len(p.log) >= 2*maxLogLines {
		p.log = last(p.log, maxLogLines)
	}
}

// of are the causes of how a pod is, from what was seen of it so far.
func (c *causes) of(p *watched, at time.Time) []cause.Cause {
	seen := cause.Seen{At: at, Events: p.events, EventsMissing: c.missing, Attempts: p.attempts}
	if p.container != "" {
		seen.Logs = []cause.Log{{Container: p.container, Lines: p.log}}
	}
	return cause.Of(p.pod, seen)
}

// settleRestarts looks for the causes of restarts of which all has been told.
func (c *causes) settleRestarts(p *watched, at time.Time) {
	p.due = time.Time{}
	for _, one := range c.of(p, at) {
		if one.About == cause.Restart {
			c.keep(found{one, true})
		}
	}
}

// settle looks for the causes of how a pod is.
func (c *causes) settle(p *watched, at time.Time, atEnd bool) {
	for _, one := range c.of(p, at) {
		switch {
		case one.About == cause.Ending && !atEnd,
			one.About == cause.NotReady && (!p.pod.Deleting.IsZero() || !tells(one.Code, p.wasReady, atEnd)):
			continue
		}
		switch one.Code {
		case cause.ReadinessFailing, cause.ReadinessError, cause.ReadinessGate, cause.NotReadyUnknown:
			one.At = p.pod.ReadySince // it ran before
		default: // it has a moment of its own
		}
		c.keep(found{one, false})
	}
}

// tells reports whether it is worth telling why a pod is not Ready: not while it comes up, or goes.
func tells(code cause.Code, wasReady, atEnd bool) bool {
	switch code {
	case cause.Deleting, cause.Succeeded:
		return false
	case cause.Creating, cause.ImagePulling, cause.InitRunning, cause.NotScheduled, cause.NotAcknowledged, cause.StartupDelay, cause.StartupPending,
		cause.ReadinessDelay, cause.ReadinessPending, cause.NotReadyUnknown:
		return atEnd
	default:
		return wasReady || atEnd || code == cause.CrashLoop || code == cause.ImagePull
	}
}

// keep remembers a cause, in the place of an earlier one of the same that is not final. That of a restart is also that of the
// time until the container was ready again.
func (c *causes) keep(one found) {
	same := func(o found) bool {
		return o.UID == one.UID && o.Container == one.Container && o.At.Equal(one.At) && (o.About == one.About || o.Code == one.Code)
	}
	if i := slices.IndexFunc(c.found, same); i >= 0 {
		if old := c.found[i]; !old.final && (old.About == one.About || one.About == cause.Restart) {
			c.found[i] = one
		}
		return
	}
	if len(c.found) == maxCauses {
		c.found = slices.Delete(c.found, 0, 1)
		c.dropped++
	}
	c.found = append(c.found, one)
}

// told are the causes, and how many are left out: restarts go before the rest.
func (c *causes) told(end time.Time) (out []Cause, leftOut int) {
	for _, p := range c.order {
		if !p.gone {
			c.settle(p, end, true)
		}
	}
	all := slices.Clone(c.found)
	slices.SortStableFunc(all, func(a, b found) int {
		return cmp.Compare(weightOf(a.About), weightOf(b.About))
	})
	leftOut = c.dropped + max(len(all)-maxToldWhy, 0)
	all = all[:min(len(all), maxToldWhy)]
	slices.SortStableFunc(all, func(a, b found) int { return a.At.Compare(b.At) })
	out = []Cause{}
	for _, f := range all {
		one := Cause{
			Pod: outside(f.Pod, maxName), Container: outside(f.Container, maxName), About: string(f.About), Code: string(f.Code), At: f.At,
			Sentence: oneLine(f.Sentence), Evidence: []Evidence{}, Known: sentences(f.Known), Unknown: sentences(f.Unknown),
		}
		for _, e := range f.Evidence {
			one.Evidence = append(one.Evidence, Evidence{At: e.At, Text: oneLine(e.Text)})
		}
		out = append(out, one)
	}
	return out, leftOut
}

func weightOf(about cause.About) int {
	if about == cause.NotReady {
		return 1
	}
	return 0
}

func sentences(all []lab.Text) []lab.Text {
	out := []lab.Text{}
	for _, t := range all {
		out = append(out, oneLine(t))
	}
	return out
}
