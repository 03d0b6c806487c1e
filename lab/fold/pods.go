package fold

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// pod is a pod with what only the session knows of it.
type pod struct {
	seen       lab.Pod // as the cluster tells it
	containers map[string]*container
	view       lab.Pod // seen and containers put together, as snapshots hold it
	stale      bool    // view has to be made again
}

// container is what the session knows of a container beyond what the cluster tells.
type container struct {
	id     string // of the run that the rest is about
	grace  *lab.Grace
	probes map[probes.Kind]*Probe
}

// Probe is what was said of a probe in the container's current run.
type Probe struct {
	lab.Probe
	Reported time.Time // when the kubelet's last failure became known; zero if there was none

	passed bool // it has passed at least once, so that a later failure can be recovered from
	failed bool // the last attempt failed
	inRow  int  // failures in a row that the kubelet reported, the last one at Reported
}

// merge takes in what the cluster says of a pod.
func (p *pod) merge(seen lab.Pod, witness lab.Witness) {
	p.seen, p.stale = seen, true
	if p.containers == nil {
		p.containers = map[string]*container{}
	}
	for _, c := range seen.Containers {
		known := p.containers[c.Name]
		if known == nil || known.id != c.ID && c.ID != "" {
			fresh := &container{id: c.ID, probes: map[probes.Kind]*Probe{}}
			for _, pr := range c.Probes {
				fresh.probes[pr.Spec.Kind] = newProbe(pr, known, witness)
			}
			if known != nil {
				known.id, known.grace, known.probes = fresh.id, nil, fresh.probes
			} else {
				p.containers[c.Name] = fresh
				known = fresh
			}
		}
		if c.State != lab.Running {
			known.grace = nil
		}
	}
	p.hear(witness)
}

// hear says who tells of the attempts from now on. What another witness has counted does not go on.
func (p *pod) hear(witness lab.Witness) {
	for _, c := range p.containers {
		for _, pr := range c.probes {
			if pr.Witness == witness {
				continue
			}
			pr.Witness = witness
			pr.begin()
			pr.Recent, pr.Unavailable = nil, lab.Text{}
			p.stale = true
		}
	}
}

// newProbe is a probe of which nothing is known yet. Whoever probes goes on with the worker of the run before.
func newProbe(seen lab.Probe, before *container, witness lab.Witness) *Probe {
	p := &Probe{Probe: seen}
	p.Witness, p.Verdict = witness, seen.Spec.Kind.Initial()
	if before != nil {
		if old := before.probes[seen.Spec.Kind]; old != nil {
			p.Recent, p.Unavailable = old.Recent, old.Unavailable
		}
	}
	return p
}

// begin forgets what was counted.
func (p *Probe) begin() {
	p.Verdict, p.Threshold = p.Spec.Kind.Initial(), p.Spec.FailureThreshold
	p.Streak, p.Outcome, p.Failures, p.Plan = 0, "", 0, probes.Plan{}
	p.passed, p.failed = false, false
}

// attempt takes in an attempt of the witness and reports whether the container has recovered with it.
func (p *Probe) attempt(a probes.Attempt) (recovered bool) {
	p.Verdict, p.Streak, p.Outcome, p.Threshold = a.Verdict, a.Streak, a.Outcome, a.Threshold
	p.Unavailable = lab.Text{}
	p.Recent = push(p.Recent, a, maxRecent)
	p.Plan = probes.Plan{Next: a.Next}
	if a.OnHold {
		p.Plan = probes.Plan{Wait: probes.WaitSuccessor}
	}
	switch a.Outcome {
	case probes.Success:
		recovered = p.failed && p.passed && a.Verdict == probes.Passing
		p.passed, p.failed = p.passed || a.Verdict == probes.Passing, false
	case probes.Failure:
		p.failed = true
		p.Failures++
	case probes.Unknown:
	}
	return recovered
}

// Pod is a pod as the cluster tells it, without what is known of its probes; false if there is none of that name.
func (s *State) Pod(name string) (lab.Pod, bool) {
	p := s.pods[name]
	if p == nil {
		return lab.Pod{}, false
	}
	return p.seen, true
}

// Pods are all pods, by name, as Pod has them.
func (s *State) Pods() []lab.Pod {
	var all []lab.Pod
	for _, name := range slices.Sorted(maps.Keys(s.pods)) {
		all = append(all, s.pods[name].seen)
	}
	return all
}

// Probe is a probe, and its pod as Pod has it; nil if it is not known. It must not be changed, and is not to be kept.
func (s *State) Probe(key probes.Key) (lab.Pod, *Probe) {
	if p, pr := s.probe(key); pr != nil {
		return p.seen, pr
	}
	return lab.Pod{}, nil
}

// probe finds what key is about; both are nil if that is not known.
func (s *State) probe(key probes.Key) (*pod, *Probe) {
	for _, p := range s.pods {
		if p.seen.UID == key.Pod {
			if c := p.containers[key.Container]; c != nil && c.probes[key.Kind] != nil {
				return p, c.probes[key.Kind]
			}
		}
	}
	return nil, nil
}

// Told reports whether the kubelet of a node tells of each of its attempts.
func (s *State) Told(node string) bool { return s.told[node] }

// witness is who tells of the attempts on a node.
func (s *State) witness(node string) lab.Witness {
	if s.told[node] {
		return lab.Kubelet
	}
	return lab.Engine
}

// onKubeletTells takes in whether a kubelet tells of its attempts.
func (s *State) onKubeletTells(b journal.KubeletTells) (news []lab.Fact) {
	if b.Tells == s.told[b.Node] && b.Why.IsZero() {
		return nil
	}
	delete(s.told, b.Node)
	if b.Tells {
		s.told[b.Node] = true
	}
	s.cluster.Told = slices.Sorted(maps.Keys(s.told))
	for _, p := range s.pods {
		if p.seen.Node == b.Node {
			p.hear(s.witness(b.Node))
			s.stale.pods = true
		}
	}
	if !b.Why.IsZero() {
		news = append(news, lab.Fact{Kind: lab.FactUntold, Problem: b.Why})
	}
	return news
}

// onAttempt takes in an attempt.
func (s *State) onAttempt(a lab.Attempt) (news []lab.Fact) {
	s.attempts = push(s.attempts, a, maxAttempts)
	p, pr := s.probe(a.Key)
	if pr == nil || a.ContainerID != p.containers[a.Key.Container].id {
		return nil // about the run before
	}
	if a.Witness != pr.Witness {
		return nil // it is shown in the probe log only, beside what the kubelet itself tells
	}
	p.stale, s.stale.pods = true, true
	if !pr.attempt(a.Attempt) || a.Old {
		return nil
	}
	return []lab.Fact{{Kind: lab.FactProbeRecovered, Pod: p.seen.Name, Container: a.Key.Container, Probe: a.Key.Kind}}
}

// onObserved takes in how it stands at a probe.
func (s *State) onObserved(o journal.ProbeObserved) {
	if p, pr := s.probe(o.Key); pr != nil {
		pr.Plan, pr.Caveats, pr.Unavailable = o.Plan, o.Caveats, o.Unavailable
		if o.Fine && pr.Witness == lab.Engine {
			pr.Verdict, pr.Streak, pr.Outcome = probes.Passing, 0, ""
		}
		p.stale, s.stale.pods = true, true
	}
}

// podViews puts all pods together as a snapshot shows them, by name. Only those that changed are made again.
func podViews(pods map[string]*pod) []lab.Pod {
	out := make([]lab.Pod, 0, len(pods))
	for _, p := range pods {
		if p.stale {
			p.view, p.stale = p.build(), false
		}
		out = append(out, p.view)
	}
	slices.SortFunc(out, func(a, b lab.Pod) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (p *pod) build() lab.Pod {
	view := p.seen
	view.Containers = slices.Clone(view.Containers)
	for i := range view.Containers {
		c := &view.Containers[i]
		known := p.containers[c.Name]
		if known == nil {
			continue
		}
		if known.grace != nil {
			grace := *known.grace
			c.Grace = &grace
		}
		c.Probes = slices.Clone(c.Probes)
		for j := range c.Probes {
			if pr := known.probes[c.Probes[j].Spec.Kind]; pr != nil {
				c.Probes[j] = pr.Probe
			}
		}
	}
	return view
}

// podFacts tells how a pod differs from before; old is nil if it is new.
func podFacts(old *lab.Pod, p lab.Pod) []lab.Fact {
	var facts []lab.Fact
	add := func(fact lab.Fact) {
		fact.Pod = p.Name
		facts = append(facts, fact)
	}
	if old == nil {
		add(lab.Fact{Kind: lab.FactPodAdded})
		old = &lab.Pod{}
	}
	if p.Phase == "Running" && old.Phase != "Running" {
		add(lab.Fact{Kind: lab.FactPodRunning, Ready: p.ReadyContainers, Total: p.TotalContainers})
	}
	for _, c := range p.Containers {
		i := slices.IndexFunc(old.Containers, func(o lab.Container) bool { return o.Name == c.Name })
		if i < 0 || c.Restarts <= old.Containers[i].Restarts {
			continue
		}
		fact := lab.Fact{Kind: lab.FactRestarted, Container: c.Name, Restarts: p.Restarts}
		if c.Last != nil {
			fact.ExitCode = c.Last.ExitCode
		}
		add(fact)
	}
	if p.Ready != old.Ready {
		kind := lab.FactPodNotReady
		if p.Ready {
			kind = lab.FactPodReady
		}
		add(lab.Fact{Kind: kind, Ready: p.ReadyContainers, Total: p.TotalContainers})
	}
	if !p.Deleting.IsZero() && old.Deleting.IsZero() {
		add(lab.Fact{Kind: lab.FactPodDeleting})
	}
	return facts
}

// recentEvents returns the newest events, oldest first.
func recentEvents(events map[string]lab.Event) []lab.Event {
	out := inOrder(events)
	return out[max(len(out)-maxEvents, 0):]
}

// inOrder returns events, oldest first.
func inOrder(events map[string]lab.Event) []lab.Event {
	out := make([]lab.Event, 0, len(events))
	for _, e := range events {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b lab.Event) int {
		return cmp.Or(a.Last.Compare(b.Last), cmp.Compare(a.Seq, b.Seq), a.First.Compare(b.First), strings.Compare(a.UID, b.UID))
	})
	return out
}

func byName(deployments map[string]lab.Deployment) []lab.Deployment {
	out := make([]lab.Deployment, 0, len(deployments))
	for _, d := range deployments {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b lab.Deployment) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func allEndpoints(bySlice map[string][]lab.Endpoint) []lab.Endpoint {
	var out []lab.Endpoint
	for _, endpoints := range bySlice {
		out = append(out, endpoints...)
	}
	slices.SortFunc(out, func(a, b lab.Endpoint) int {
		return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.Address, b.Address))
	})
	return out
}
