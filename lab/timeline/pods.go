package timeline

import (
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// pod is a pod while its lanes are made.
type pod struct {
	seen       lab.Pod // last
	first      time.Time
	deleting   Instant
	gone       time.Time
	ready      spans[bool]
	containers []*container
	tells      bool      // the kubelet tells of each attempt
	left       int       // containers that are not kept
	log        time.Time // of the last line of its log
	view       *Pod
}

// container is a container while its lanes are made.
type container struct {
	seen   lab.Container // last
	known  bool          // seen is one
	runs   spans[Run]
	probes []*probe
	stop   stop
	recent int // restarts since it last ran for ten minutes
	view   *Container
}

// stop is what the kubelet has told of the end of a run.
type stop struct {
	id    string // of the container
	why   Stop
	probe probes.Kind
	grace time.Duration
	since Instant
}

// probe is a probe while its lanes are made.
type probe struct {
	spec            probes.Spec
	engine, kubelet attempts
	verdicts        spans[probes.Verdict]
	current         uint64    // the ID of its latest episode; 0 if there was none
	succeeded       time.Time // when the engine's last success in this run began
	failed          time.Time // when an attempt of either witness last failed
	logged          []Instant // the kubelet's last successes that a log has told, at most maxLines
	told            time.Time // since when the kubelet tells of each attempt; zero if it does not
	view            *Probe
}

func (p *pod) change()             { p.view = nil }
func (c *container) change(p *pod) { c.view, p.view = nil, nil }

func (p *probe) change(c *container, in *pod) { p.view, c.view, in.view = nil, nil, nil }

func (p *pod) made() *Pod {
	if p.view == nil {
		s := &p.seen
		p.view = &Pod{
			UID: s.UID, Name: s.Name, Node: s.Node, Labels: s.Labels, Seen: p.first, Deleting: p.deleting, Gone: p.gone,
			Ready: p.ready.view(), Containers: make([]*Container, len(p.containers)), Dropped: p.left,
		}
		for i, c := range p.containers {
			p.view.Containers[i] = c.made(p.tells)
		}
	}
	return p.view
}

func (c *container) made(tells bool) *Container {
	if c.view == nil {
		c.view = &Container{
			Name: clip(c.seen.Name), Image: clip(c.seen.Image), Runs: c.runs.view(), Restarts: c.seen.Restarts,
			Probes: make([]*Probe, len(c.probes)),
		}
		for i, p := range c.probes {
			if p.view == nil {
				p.view = &Probe{Spec: p.spec, Engine: p.engine.view(), Kubelet: p.kubelet.view(), Told: tells, Verdicts: p.verdicts.view()}
			}
			c.view.Probes[i] = p.view
		}
	}
	return c.view
}

func (p *pod) container(name string) *container {
	for _, c := range p.containers {
		if c.seen.Name == name {
			return c
		}
	}
	return nil
}

func (c *container) probe(kind probes.Kind) *probe {
	for _, p := range c.probes {
		if p.spec.Kind == kind {
			return p
		}
	}
	return nil
}

// named is the pod of a name that is there; nil if none is.
func (b *Builder) named(name string) *pod {
	for _, p := range slices.Backward(b.pods) {
		if p.seen.Name == name && p.gone.IsZero() {
			return p
		}
	}
	return nil
}

func (b *Builder) onPod(c lab.PodChanged) {
	p := b.byUID[c.Pod.UID]
	switch {
	case c.Deleted && p == nil, c.Pod.UID == "":
		return
	case c.Deleted:
		b.leave(p)
		return
	case p != nil && !p.gone.IsZero():
		return // told late: it is gone
	}
	for old := b.named(c.Pod.Name); old != nil && old != p; old = b.named(c.Pod.Name) {
		b.leave(old) // its end was not told
	}
	entered := p == nil
	if entered {
		if p = b.enter(c.Pod); p == nil {
			return
		}
	}
	before := p.seen
	p.seen = c.Pod
	p.seen.Containers = nil // each keeps its own
	p.seen.Name, p.seen.Node = clip(c.Pod.Name), clip(c.Pod.Node)
	p.tell(b.telling[p.seen.Node])
	fresh := !c.Initial
	if !c.Pod.Deleting.IsZero() && p.deleting.IsZero() {
		p.deleting = b.clock.stamped(p.seen.Node, c.Pod.Deleting, second, false)
		for _, con := range p.containers {
			b.endEpisodes(con, EndGone)
		}
	}
	if !p.ready.open || before.Ready != c.Pod.Ready {
		p.ready.set(b.clock.stamped(p.seen.Node, c.Pod.ReadySince, second, fresh), c.Pod.Ready)
	}
	for _, seen := range c.Pod.Containers {
		if con := b.containerOf(p, seen); con != nil {
			b.onContainer(p, con, seen, fresh)
		}
	}
	p.change()
	b.stale.pods = true
	if entered {
		b.catchUp(p)
	}
}

// tell takes in whether the kubelet tells of each attempt.
func (p *pod) tell(tells bool) {
	if p.tells == tells {
		return
	}
	p.tells = tells
	for _, con := range p.containers {
		for _, pr := range con.probes {
			pr.told = time.Time{}
			pr.change(con, p)
		}
	}
	p.change()
}

// enter makes room for a pod; nil if there is none.
func (b *Builder) enter(seen lab.Pod) *pod {
	if len(b.pods) >= maxPods {
		b.dropped.Pods++
		i := slices.IndexFunc(b.pods, func(p *pod) bool { return !p.gone.IsZero() })
		if i < 0 {
			return nil
		}
		delete(b.byUID, b.pods[i].seen.UID)
		b.pods = slices.Delete(b.pods, i, i+1)
	}
	p := &pod{first: b.clock.now, ready: spans[bool]{kept: &b.kept}}
	b.byUID[seen.UID] = p
	i := len(b.pods)
	for i > 0 && b.pods[i-1].first.Equal(p.first) && b.pods[i-1].seen.Name > seen.Name {
		i--
	}
	b.pods = slices.Insert(b.pods, i, p)
	b.join(seen.Name, seen.UID)
	return p
}

// leave says that a pod is gone.
func (b *Builder) leave(p *pod) {
	if !p.gone.IsZero() {
		return
	}
	p.gone = b.clock.now
	p.ready.end(b.clock.here())
	for _, con := range p.containers {
		b.endEpisodes(con, EndGone)
		con.runs.end(b.clock.here())
		for _, pr := range con.probes {
			pr.verdicts.end(b.clock.here())
			pr.view = nil
		}
		con.view = nil
	}
	p.change()
	b.stale.pods = true
}

// containerOf is what is kept of a container; nil if there is no room for it.
func (b *Builder) containerOf(p *pod, seen lab.Container) *container {
	if con := p.container(seen.Name); con != nil {
		return con
	}
	n := 0
	for _, p := range b.pods {
		n += len(p.containers)
	}
	for i := 0; n >= maxContainers && i < len(b.pods); i++ {
		if old := b.pods[i]; !old.gone.IsZero() {
			n -= len(old.containers)
			old.left += len(old.containers)
			b.dropped.Containers += len(old.containers)
			old.containers, old.view = nil, nil
		}
	}
	if n >= maxContainers {
		p.left++
		b.dropped.Containers++
		return nil
	}
	con := &container{runs: spans[Run]{kept: &b.kept}}
	con.seen.Name = seen.Name
	for _, kind := range kinds {
		i := slices.IndexFunc(seen.Probes, func(pr lab.Probe) bool { return pr.Spec.Kind == kind })
		if i >= 0 {
			con.probes = append(con.probes, &probe{
				spec: seen.Probes[i].Spec.Defaulted(), engine: attempts{kept: &b.kept}, kubelet: attempts{kept: &b.kept},
				verdicts: spans[probes.Verdict]{kept: &b.kept},
			})
		}
	}
	p.containers = append(p.containers, con)
	return con
}

// tenMinutes is how long a container has to run for its restarts to be forgotten by the kubelet.
const tenMinutes = 10 * time.Minute

func (b *Builder) onContainer(p *pod, con *container, seen lab.Container, fresh bool) {
	before, known := con.seen, con.known
	seen.Reason, seen.Message = clip(seen.Reason), clip(seen.Message)
	con.seen, con.known = seen, true
	con.seen.Probes = nil // they have their specs
	next := known && (seen.Restarts > before.Restarts || before.ID != "" && seen.ID != "" && seen.ID != before.ID)
	if next {
		b.restarted(p, con, before)
	} else if !known {
		con.recent = seen.Restarts
	}
	run := b.run(p, con)
	if last, ok := con.runs.Last(); ok && con.runs.open && last.Is.Phase == run.Phase && last.Is.ID == run.ID && last.Is.Number == run.Number {
		if run.Phase == BackOff || run.Phase == Stopping {
			run.Until = last.Is.Until
		}
		con.runs.last.Is = run // what is told of it is more exact
	} else {
		con.runs.set(b.since(p, con, run, fresh), run)
	}
	con.change(p)
	b.followContainer(p, con, before, known, next, fresh)
}

// restarted ends the run before, of whose end nothing else may have been told.
func (b *Builder) restarted(p *pod, con *container, before lab.Container) {
	end := b.clock.here()
	last := con.seen.Last
	if last != nil {
		end = b.clock.stamped(p.seen.Node, last.FinishedAt, second, false)
		if last.FinishedAt.Sub(last.StartedAt) >= tenMinutes && sane(last.StartedAt) {
			con.recent = 0
		}
	}
	con.recent = min(con.recent+max(con.seen.Restarts-before.Restarts, 1), max(con.seen.Restarts, 1))
	if !con.runs.open {
		return
	}
	run := con.runs.last.Is
	if last != nil {
		run.ExitCode, run.Reason = last.ExitCode, clip(last.Reason)
	}
	switch run.Phase {
	case Running, Stopping:
		run.Phase, run.Until = Ended, time.Time{}
		con.runs.set(end, run)
	case Ended:
		con.runs.last.Is = run
	case Creating, BackOff:
	}
}

// run is what a container does, as it was told last.
func (b *Builder) run(p *pod, con *container) Run {
	c := &con.seen
	r := Run{ID: c.ID, Number: c.Restarts, Reason: c.Reason}
	switch c.State {
	case lab.Running:
		r.Phase, r.Reason = Running, ""
		switch {
		case con.stop.id == c.ID && c.ID != "":
			r.Phase, r.Stop, r.Probe, r.Grace = Stopping, con.stop.why, con.stop.probe, con.stop.grace
			r.Until = con.stop.since.At.Add(con.stop.grace)
			if r.Stop == "" && !p.deleting.IsZero() {
				r.Stop = StopDeletion
			}
		case !p.deleting.IsZero():
			r.Phase, r.Stop, r.Grace = Stopping, StopDeletion, p.seen.GracePeriod
			r.Until = p.deleting.At.Add(p.seen.GracePeriod)
		}
	case lab.Terminated:
		r.Phase = Ended
		if con.stop.id == c.ID && c.ID != "" {
			r.Stop, r.Probe, r.Grace = con.stop.why, con.stop.probe, con.stop.grace
		}
		if c.Exit != nil {
			r.ExitCode = c.Exit.ExitCode
		}
	default:
		r.Phase = Creating
		if strings.HasSuffix(c.Reason, "BackOff") {
			r.Phase = BackOff
			if d := lab.ReadBackOff(c.Message); d > 0 {
				from := b.clock.now
				if c.Last != nil {
					from = b.clock.stamped(p.seen.Node, c.Last.FinishedAt, second, false).At
				}
				r.Until = from.Add(d)
			}
		}
	}
	return r
}

// since is when a run began.
func (b *Builder) since(p *pod, con *container, run Run, fresh bool) Instant {
	switch run.Phase {
	case Running:
		return b.clock.stamped(p.seen.Node, con.seen.StartedAt, second, fresh)
	case Stopping:
		if run.Stop == StopDeletion {
			return p.deleting
		}
		return con.stop.since
	case Ended:
		if con.seen.Exit != nil {
			return b.clock.stamped(p.seen.Node, con.seen.Exit.FinishedAt, second, fresh)
		}
	case Creating, BackOff:
	}
	return b.clock.here()
}
