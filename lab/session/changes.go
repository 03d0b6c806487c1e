package session

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// apply takes in a change that the cluster's watches saw.
func (s *Session) apply(change lab.Change) {
	s.dirty.any = true
	switch c := change.(type) {
	case lab.PodChanged:
		s.dirty.pods = true
		s.onPod(c)
	case lab.DeploymentChanged:
		s.dirty.deploys = true
		s.onDeployment(c)
	case lab.EndpointsChanged:
		s.dirty.endpoints = true
		s.onEndpoints(c)
	case lab.EventChanged:
		s.dirty.events = true
		s.onEvent(c)
	case lab.NamespaceChanged:
		s.namespace = c.Phase
	case lab.LinkChanged:
		s.onLink(c)
	case lab.AccessChanged:
		s.denied[c.Resource] = c.Denied
		if c.Resource == "namespaces" {
			return // whoever has rights inside the namespace only need not see itself
		}
		denied := slices.DeleteFunc(slices.Clone(s.cluster.Denied), func(r string) bool { return r == c.Resource })
		if c.Denied {
			denied = append(denied, c.Resource)
			slices.Sort(denied)
		}
		s.cluster.Denied = denied
		if c.Denied {
			s.tell(lab.Fact{Kind: lab.FactDenied, Resource: c.Resource})
		}
	}
}

func (s *Session) onLink(c lab.LinkChanged) {
	phase, fact := lab.Up, lab.Fact{Kind: lab.FactClusterUp, Cluster: s.cluster.Name}
	if !c.Up {
		phase, fact = lab.Lost, lab.Fact{Kind: lab.FactClusterLost, Problem: c.Problem}
	}
	s.cluster.Problem = c.Problem
	if s.cluster.Phase == phase {
		return
	}
	s.cluster.Phase, s.cluster.Since = phase, c.Since
	if c.Since.IsZero() {
		s.cluster.Since = time.Now()
	}
	s.tell(fact)
	if c.Up && s.cluster.Real {
		s.lookFirst()
		return
	}
	if c.Up && s.cluster.Version == "" {
		s.work.Go(func() {
			version, err := s.link.Version(s.ctx)
			if err != nil {
				s.log.Warn("ask for the version", "err", err)
				return
			}
			s.inbox.put(func() { s.cluster.Version, s.dirty.any = version, true })
		})
	}
}

// lookFirst finds out what can be done on a real cluster. It is done again after each reconnection: rights may have been
// withdrawn meanwhile.
func (s *Session) lookFirst() {
	link := s.link
	s.work.Go(func() {
		found := link.Preflight(s.ctx)
		version := link.Info().Version
		s.inbox.put(func() {
			if s.ctx.Err() != nil {
				return
			}
			var known []lab.Finding
			if s.cluster.Preflight != nil {
				known = s.cluster.Preflight.Findings
			}
			for _, f := range found.Findings {
				if (f.State == lab.FindingBlocked || f.State == lab.FindingLimited) && !slices.Contains(known, f) {
					s.tell(lab.Fact{Kind: lab.FactFinding, Finding: &f})
				}
			}
			s.cluster.Preflight, s.cluster.Version, s.dirty.any = &found, version, true
		})
	})
}

func (s *Session) onPod(c lab.PodChanged) {
	known := s.pods[c.Pod.Name]
	if known != nil && known.seen.UID != c.Pod.UID {
		if c.Deleted {
			return // of an earlier pod of that name, whose successor is known already
		}
		s.dropPod(known)
		known = nil
	}
	if c.Deleted {
		if known != nil {
			s.dropPod(known)
		}
		return
	}
	var before *lab.Pod
	if known == nil {
		known = &pod{}
		s.pods[c.Pod.Name] = known
	} else {
		seen := known.seen
		before = &seen
	}
	known.merge(c.Pod)
	if before == nil {
		for _, e := range s.events { // those that were listed before the pods
			s.onPodEvent(e, lab.Event{}, true)
		}
	}
	for _, name := range nowStarted(before, c.Pod) {
		s.engine.Trigger(probes.Key{Pod: c.Pod.UID, Container: name, Kind: probes.Readiness})
	}
	if !c.Initial {
		for _, fact := range podFacts(before, c.Pod) {
			s.tell(fact)
		}
	}
}

func (s *Session) dropPod(p *pod) {
	for name, c := range p.containers {
		for kind := range c.probes {
			s.engine.Remove(probes.Key{Pod: p.seen.UID, Container: name, Kind: kind})
		}
	}
	delete(s.pods, p.seen.Name)
	if p.seen.Deleting.IsZero() {
		s.tell(lab.Fact{Kind: lab.FactPodDeleted, Pod: p.seen.Name})
	}
}

func (s *Session) onDeployment(c lab.DeploymentChanged) {
	d := c.Deployment
	old := s.deploys[d.Name]
	if c.Deleted {
		delete(s.deploys, d.Name)
		return
	}
	s.deploys[d.Name] = d
	if !c.Initial && (old.Available != d.Available || old.Desired != d.Desired) {
		s.tell(lab.Fact{Kind: lab.FactReplicas, Replicas: d})
	}
}

func (s *Session) onEndpoints(c lab.EndpointsChanged) {
	old := s.slices[c.Slice]
	if len(c.Endpoints) == 0 {
		delete(s.slices, c.Slice)
	} else {
		s.slices[c.Slice] = c.Endpoints
	}
	if c.Initial {
		return
	}
	ready := func(endpoints []lab.Endpoint, e lab.Endpoint) bool {
		return slices.ContainsFunc(endpoints, func(o lab.Endpoint) bool {
			return o.Address == e.Address && o.Ready
		})
	}
	for _, e := range c.Endpoints {
		if e.Ready && !ready(old, e) {
			s.tell(lab.Fact{Kind: lab.FactEndpointJoined, Pod: e.Pod, Endpoint: e})
		}
	}
	for _, e := range old {
		if e.Ready && !ready(c.Endpoints, e) {
			s.tell(lab.Fact{Kind: lab.FactEndpointLeft, Pod: e.Pod, Endpoint: e})
		}
	}
}

func (s *Session) onEvent(c lab.EventChanged) {
	e := c.Event
	old := s.events[e.UID]
	if c.Deleted {
		delete(s.events, e.UID)
		return
	}
	s.events[e.UID] = e
	s.onPodEvent(e, old, c.Initial)
}

// onPodEvent takes in what an event, which was old before, says of a pod that is known.
func (s *Session) onPodEvent(e, old lab.Event, initial bool) {
	p := s.pods[e.ObjectName]
	switch {
	case e.ObjectKind == "ReplicaSet" && e.Reason == "FailedCreate": // its pods will not come: quota, Pod Security
	case e.ObjectKind != "Pod" || p == nil || e.ObjectUID != "" && e.ObjectUID != p.seen.UID:
		return
	case e.Reason == "Unhealthy":
		s.onUnhealthy(p, e, e.Count-old.Count, initial)
		return
	case e.Reason == "Killing":
		s.onKilling(p, e, initial)
		return
	}
	if !initial && old.Count == 0 && (e.Type == "Warning" || e.Reason == "BackOff") && !s.saidBefore(e) {
		fact := lab.Fact{Kind: lab.FactWarning, Container: e.Container, Object: e.ObjectName, Message: e.Message}
		if p != nil {
			fact.Pod = p.seen.Name
		}
		s.tell(fact)
	}
}

// saidBefore reports whether there is an earlier event for the same reason: the texts of some, such as
// FailedCreatePodSandBox, differ each time.
func (s *Session) saidBefore(e lab.Event) bool {
	for uid, other := range s.events {
		if uid != e.UID && other.ObjectKind == e.ObjectKind && other.ObjectName == e.ObjectName &&
			other.ObjectUID == e.ObjectUID && other.Reason == e.Reason {
			return true
		}
	}
	return false
}

// tellEvery is how many failures of a probe that has failed for good make one fact.
const tellEvery = 10

// onUnhealthy counts what the kubelet reported of a probe since the container started.
func (s *Session) onUnhealthy(p *pod, e lab.Event, more int, initial bool) {
	kind, reason, ok := unhealthy(e.Message)
	c := p.containers[e.Container]
	if !ok || more <= 0 || c == nil || c.probes[kind] == nil {
		return
	}
	if i := slices.IndexFunc(p.seen.Containers, func(c lab.Container) bool { return c.Name == e.Container }); i >= 0 &&
		initial && e.Last.Before(p.seen.Containers[i].StartedAt) {
		return // it is about an earlier run
	}
	pr := c.probes[kind]
	// A success makes no event: failures are in a row as long as none of the kubelet's attempts is missing between them.
	now := time.Now()
	if now.Sub(pr.reported) > 2*pr.Spec.Period+pr.Spec.Timeout {
		pr.inRow = 0
	}
	pr.inRow, pr.reported = pr.inRow+more, now
	pr.KubeletFailures += more
	pr.KubeletLast, pr.KubeletMessage = e.Last, e.Message
	p.stale, s.dirty.pods = true, true
	if initial {
		return
	}
	threshold := pr.Spec.FailureThreshold
	if beyond := pr.inRow - threshold; beyond > 1 && beyond%tellEvery != 0 {
		return // that it goes on failing is no news; the probe's own row shows it
	}
	s.tell(lab.Fact{
		Kind: lab.FactProbeFailed, Pod: e.ObjectName, Container: e.Container,
		Probe: kind, InRow: pr.inRow, Threshold: threshold, Message: reason,
	})
}

// onKilling starts the countdown of the grace period, if a probe is why the container is killed.
func (s *Session) onKilling(p *pod, e lab.Event, initial bool) {
	c, kind := p.containers[e.Container], probes.Kind("")
	switch e.Message {
	case "Container " + e.Container + " failed liveness probe, will be restarted":
		kind = probes.Liveness
	case "Container " + e.Container + " failed startup probe, will be restarted":
		kind = probes.Startup
	}
	i := slices.IndexFunc(p.seen.Containers, func(c lab.Container) bool { return c.Name == e.Container })
	if kind == "" || c == nil || i < 0 || p.seen.Containers[i].State != lab.Running ||
		e.Last.Before(p.seen.Containers[i].StartedAt) {
		return
	}
	length := p.seen.GracePeriod
	if pr := c.probes[kind]; pr != nil && pr.Spec.GracePeriod != nil {
		length = *pr.Spec.GracePeriod
	}
	// Events are stamped in whole seconds by another clock; the moment of arrival is nearer to the truth for a new one.
	since := time.Now()
	if initial {
		since = e.Last
	}
	c.grace = &lab.Grace{Since: since, Until: since.Add(length)}
	p.stale, s.dirty.pods = true, true
	if !initial {
		s.tell(lab.Fact{Kind: lab.FactKilling, Pod: e.ObjectName, Container: e.Container, Probe: kind, Grace: length})
	}
}
