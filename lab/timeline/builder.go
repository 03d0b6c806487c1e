package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// Builder makes Views from the entries of a journal. One goroutine owns it. What it keeps is bounded, whatever is added.
type Builder struct {
	labs  []lab.Lab
	clock clock
	swept time.Time // when it was last looked for episodes that are lost
	seq   uint64
	lost  uint64 // entries since the last one

	position lab.Position
	dryRun   bool
	chosen   string // name of a pod
	logOf    string // UID of the pod whose log is followed

	pods     []*pod // in the order of View.Pods
	byUID    map[string]*pod
	services []*service
	deploys  []*deployment
	slices   map[string][]lab.Endpoint // as they were told last, by EndpointSlice
	told     map[told]telling          // events of the kubelet
	telling  map[string]bool           // nodes whose kubelets tell of each attempt
	oldest   []told                    // keys of told, oldest first
	early    []lab.EventChanged        // those about pods that are not known yet

	acts    []Act // that have ended
	running []Act // and how they began
	gaps    []Gap // an open one has no end; views have copies of those
	open    []Gap

	episodes []*Episode // never changed, only replaced
	shared   bool       // a view has episodes
	lastID   uint64     // of an episode

	flow flow

	kept    int // attempts and spans in all lanes
	dropped Dropped

	shown View
	stale struct{ pods, services, deploys, acts, gaps bool }
}

// New returns a Builder that knows the faults of these labs. It keeps labs, which must not be changed.
func New(labs []lab.Lab) *Builder {
	return &Builder{
		labs: labs, byUID: map[string]*pod{}, slices: map[string][]lab.Endpoint{}, told: map[told]telling{},
		telling: map[string]bool{},
	}
}

// Add takes in an entry. Entries come in the order of the journal; one that was added before is ignored, and those that are
// missing between two are a gap.
func (b *Builder) Add(entry journal.Entry) {
	if entry.Seq != 0 {
		if entry.Seq <= b.seq {
			return
		}
		if b.seq != 0 && b.lost == 0 {
			b.lost = entry.Seq - b.seq - 1
		}
		b.seq = entry.Seq
	}
	before := b.clock.now
	set := b.clock.tick(entry.At)
	if set {
		b.gap(Gap{From: b.clock.now, To: b.clock.now, Why: GapClock})
	}
	if b.lost > 0 && !b.clock.now.IsZero() {
		if before.IsZero() {
			before = b.clock.now
		}
		b.gap(Gap{From: before, To: b.clock.now, Why: GapEntries, Entries: b.lost})
		b.lost = 0
	}
	if b.clock.now.IsZero() {
		return // nothing can be told of a time before time
	}
	b.take(entry.Body)
	if b.clock.now.Sub(b.swept) >= 10*second {
		b.sweep()
	}
	if b.kept > maxKept {
		b.trim()
	}
}

// Lost says that n entries will not be added that come before the next one.
func (b *Builder) Lost(n uint64) {
	if b.lost += n; b.lost < n {
		b.lost = n
	}
}

func (b *Builder) take(body journal.Body) {
	switch e := body.(type) {
	case journal.Begun:
		b.position, b.dryRun = e.Position, e.Cluster.DryRun
	case journal.Connected:
		b.dryRun = e.Cluster.DryRun
	case journal.Moved:
		b.position = e.Position
	case journal.Changed:
		b.onChange(e.Change)
	case journal.Attempted:
		b.onAttempt(e.Attempt)
	case journal.KubeletTells:
		b.onKubeletTells(e)
	case journal.PodChosen:
		b.chosen = e.Pod
	case journal.LogFollowed:
		b.logOf = e.Pod
	case journal.Logged:
		b.onLog(e.Line)
	case journal.TrafficBegun:
		b.onTrafficBegun(e.Plan)
	case journal.TrafficCounted:
		b.onTraffic(e.Second)
	case journal.TrafficEnded:
		b.onTrafficEnded(e.Problem)
	case journal.TaskStarted:
		b.onTask(e.Task)
	case journal.TaskEnded:
		b.onTaskEnd(e)
	default: // nothing that has a place in time of its own
	}
}

func (b *Builder) onChange(change lab.Change) {
	switch c := change.(type) {
	case lab.PodChanged:
		b.onPod(c)
	case lab.DeploymentChanged:
		b.onDeployment(c)
	case lab.EndpointsChanged:
		b.onEndpoints(c)
	case lab.EventChanged:
		b.onEvent(c)
	case lab.LinkChanged:
		b.onLink(c)
	case lab.AccessChanged:
		b.onAccess(c)
	default:
	}
}

func (b *Builder) onLink(c lab.LinkChanged) {
	from := b.clock.now
	if since := b.clock.own(c.Since); !c.Since.IsZero() {
		from = since.At
	}
	b.mark(Gap{From: from, Why: GapLink}, !c.Up)
}

func (b *Builder) onAccess(c lab.AccessChanged) {
	b.mark(Gap{From: b.clock.now, Why: GapDenied, Resource: clip(c.Resource)}, c.Denied)
}

// mark begins a gap, or ends it.
func (b *Builder) mark(g Gap, open bool) {
	i := slices.IndexFunc(b.open, func(o Gap) bool { return o.Why == g.Why && o.Resource == g.Resource })
	switch {
	case open && i < 0 && len(b.open) < maxGaps:
		b.open = append(b.open, g)
	case !open && i >= 0:
		g = b.open[i]
		g.To = b.clock.now
		b.open = slices.Delete(b.open, i, i+1)
		b.gap(g)
	}
	b.stale.gaps = true
}

func (b *Builder) gap(g Gap) {
	b.gaps = push(b.gaps, g, maxGaps, &b.dropped.Gaps)
	b.stale.gaps = true
}

// View is everything that is known now.
func (b *Builder) View() *View {
	if b.stale.pods {
		b.shown.Pods = make([]*Pod, len(b.pods))
		for i, p := range b.pods {
			b.shown.Pods[i] = p.made()
		}
	}
	if b.stale.services {
		b.shown.Services = make([]*Service, len(b.services))
		for i, s := range b.services {
			b.shown.Services[i] = s.made()
		}
	}
	if b.stale.deploys {
		b.shown.Deployments = make([]*Deployment, len(b.deploys))
		for i, d := range b.deploys {
			b.shown.Deployments[i] = d.made()
		}
	}
	if b.stale.acts {
		b.shown.Acts = slices.Concat(b.acts, b.running)
	}
	if b.stale.gaps {
		b.shown.Gaps = slices.Concat(b.gaps, b.open)
		slices.SortStableFunc(b.shown.Gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
	}
	b.stale = struct{ pods, services, deploys, acts, gaps bool }{}
	b.shared = true
	v := b.shown
	v.From, v.To, v.Revision = b.clock.first, b.clock.now, b.seq
	v.Traffic = b.flow.view()
	v.Episodes, v.Dropped, v.shifts = slices.Clip(b.episodes), b.dropped, slices.Clip(b.clock.shifts)
	return &v
}

// tracks are all lanes.
func (b *Builder) tracks() []track {
	var all []track
	for _, p := range b.pods {
		all = append(all, &p.ready)
		for _, c := range p.containers {
			all = append(all, &c.runs)
			for _, pr := range c.probes {
				all = append(all, &pr.engine, &pr.kubelet, &pr.verdicts)
			}
		}
	}
	for _, s := range b.services {
		for _, m := range s.members {
			all = append(all, &m.states)
		}
	}
	for _, d := range b.deploys {
		all = append(all, &d.counts)
	}
	return all
}

// trim drops the oldest of the longest lanes, so many that there is room for a while.
func (b *Builder) trim() {
	all := b.tracks()
	b.kept = 0
	for _, t := range all {
		b.kept += t.len()
	}
	for b.kept > maxKept*7/8 {
		longest := slices.MaxFunc(all, func(a, b track) int { return cmp.Compare(a.len(), b.len()) })
		n := longest.len()/4 + 1
		longest.trim(n)
		b.dropped.Elements += n
	}
	for _, p := range b.pods {
		p.change()
		for _, c := range p.containers {
			c.view = nil
			for _, pr := range c.probes {
				pr.view = nil
			}
		}
	}
	for _, s := range b.services {
		s.view = nil
		for _, m := range s.members {
			m.view = nil
		}
	}
	for _, d := range b.deploys {
		d.view = nil
	}
	b.stale.pods, b.stale.services, b.stale.deploys = true, true, true
}

// clip is a text from outside as it may be kept and shown.
func clip(text string) string { return strings.Clone(lab.Line(text, maxText)) }

// kinds are the kinds of probes in the order in which they are shown.
var kinds = [...]probes.Kind{probes.Startup, probes.Readiness, probes.Liveness}
