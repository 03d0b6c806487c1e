package fold

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// onChange takes in what the cluster's watches saw at a moment.
func (s *State) onChange(change lab.Change, at time.Time) (news []lab.Fact) {
	switch c := change.(type) {
	case lab.PodChanged:
		return s.onPod(c, at)
	case lab.DeploymentChanged:
		return s.onDeployment(c)
	case lab.EndpointsChanged:
		return s.onEndpoints(c)
	case lab.EventChanged:
		return s.onEvent(c, at)
	case lab.NamespaceChanged:
		s.namespace = c.Phase
	case lab.LinkChanged:
		return s.onLink(c, at)
	case lab.AccessChanged:
		return s.onAccess(c)
	}
	return nil
}

func (s *State) onAccess(c lab.AccessChanged) (news []lab.Fact) {
	s.denied[c.Resource] = c.Denied
	if c.Resource == "namespaces" {
		return nil // whoever has rights inside the namespace only need not see itself
	}
	denied := slices.DeleteFunc(slices.Clone(s.cluster.Denied), func(r string) bool { return r == c.Resource })
	if c.Denied {
		denied = append(denied, c.Resource)
		slices.Sort(denied)
		news = append(news, lab.Fact{Kind: lab.FactDenied, Resource: c.Resource})
	}
	s.cluster.Denied = denied
	return news
}

func (s *State) onLink(c lab.LinkChanged, at time.Time) (news []lab.Fact) {
	phase, fact := lab.Up, lab.Fact{Kind: lab.FactClusterUp, Cluster: s.cluster.Name}
	if !c.Up {
		phase, fact = lab.Lost, lab.Fact{Kind: lab.FactClusterLost, Problem: c.Problem}
	}
	if c.Ended {
		phase, fact = lab.Failed, lab.Fact{Kind: lab.FactClusterEnded, Problem: c.Problem}
	}
	s.cluster.Problem = c.Problem
	if s.cluster.Phase == phase {
		return nil
	}
	s.cluster.Phase, s.cluster.Since = phase, c.Since
	if c.Since.IsZero() {
		s.cluster.Since = at
	}
	return []lab.Fact{fact}
}

func (s *State) onPod(c lab.PodChanged, at time.Time) (news []lab.Fact) {
	s.stale.pods = true
	known := s.pods[c.Pod.Name]
	if known != nil && known.seen.UID != c.Pod.UID {
		if c.Deleted {
			return nil // of an earlier pod of that name, whose successor is known already
		}
		news = s.dropPod(known)
		known = nil
	}
	if c.Deleted {
		if known != nil {
			news = s.dropPod(known)
		}
		return news
	}
	var before *lab.Pod
	if known == nil {
		known = &pod{}
		s.pods[c.Pod.Name] = known
	} else {
		seen := known.seen
		before = &seen
	}
	known.merge(c.Pod, s.witness(c.Pod.Node))
	if before == nil {
		for _, e := range inOrder(s.events) { // those that were listed before the pods
			s.onPodEvent(e, lab.Event{}, true, at)
		}
	}
	if !c.Initial {
		news = append(news, podFacts(before, c.Pod)...)
	}
	return news
}

func (s *State) dropPod(p *pod) (news []lab.Fact) {
	delete(s.pods, p.seen.Name)
	if !p.seen.Deleting.IsZero() {
		return nil // that was told
	}
	return []lab.Fact{{Kind: lab.FactPodDeleted, Pod: p.seen.Name}}
}

func (s *State) onDeployment(c lab.DeploymentChanged) (news []lab.Fact) {
	s.stale.deploys = true
	d := c.Deployment
	old := s.deploys[d.Name]
	if c.Deleted {
		delete(s.deploys, d.Name)
		return nil
	}
	s.deploys[d.Name] = d
	if !c.Initial && (old.Available != d.Available || old.Desired != d.Desired) {
		news = append(news, lab.Fact{Kind: lab.FactReplicas, Replicas: d})
	}
	return news
}

func (s *State) onEndpoints(c lab.EndpointsChanged) (news []lab.Fact) {
	s.stale.endpoints = true
	old := s.slices[c.Slice]
	if len(c.Endpoints) == 0 {
		delete(s.slices, c.Slice)
	} else {
		s.slices[c.Slice] = c.Endpoints
	}
	if c.Initial {
		return nil
	}
	ready := func(endpoints []lab.Endpoint, e lab.Endpoint) bool {
		return slices.ContainsFunc(endpoints, func(o lab.Endpoint) bool {
			return o.Address == e.Address && o.Ready
		})
	}
	for _, e := range c.Endpoints {
		if e.Ready && !ready(old, e) {
			news = append(news, lab.Fact{Kind: lab.FactEndpointJoined, Pod: e.Pod, Endpoint: e})
		}
	}
	for _, e := range old {
		if e.Ready && !ready(c.Endpoints, e) {
			news = append(news, lab.Fact{Kind: lab.FactEndpointLeft, Pod: e.Pod, Endpoint: e})
		}
	}
	return news
}

func (s *State) onEvent(c lab.EventChanged, at time.Time) (news []lab.Fact) {
	s.stale.events = true
	e := c.Event
	old := s.events[e.UID]
	if c.Deleted {
		delete(s.events, e.UID)
		return nil
	}
	s.events[e.UID] = e
	return s.onPodEvent(e, old, c.Initial, at)
}

// onPodEvent takes in what an event, which was old before and arrived at a moment, says of a pod that is known.
func (s *State) onPodEvent(e, old lab.Event, initial bool, at time.Time) (news []lab.Fact) {
	p := s.pods[e.ObjectName]
	switch {
	case e.ObjectKind == "ReplicaSet" && e.Reason == "FailedCreate": // its pods will not come: quota, Pod Security
	case e.ObjectKind != "Pod" || p == nil || e.ObjectUID != "" && e.ObjectUID != p.seen.UID:
		return nil
	case e.Reason == "Unhealthy":
		return s.onUnhealthy(p, e, e.Count-old.Count, initial, at)
	case e.Reason == "Killing":
		return s.onKilling(p, e, initial, at)
	}
	if !initial && old.Count == 0 && (e.Type == "Warning" || e.Reason == "BackOff") && !s.saidBefore(e) {
		fact := lab.Fact{Kind: lab.FactWarning, Container: e.Container, Object: e.ObjectName, Message: e.Message}
		if p != nil {
			fact.Pod = p.seen.Name
		}
		news = append(news, fact)
	}
	return news
}

// saidBefore reports whether there is an earlier event for the same reason: the texts of some, such as
// FailedCreatePodSandBox, differ each time.
func (s *State) saidBefore(e lab.Event) bool {
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
func (s *State) onUnhealthy(p *pod, e lab.Event, more int, initial bool, at time.Time) (news []lab.Fact) {
	said, ok := probes.ReadEvent(e.Message)
	kind, c := said.Kind, p.containers[e.Container]
	if !ok || said.Outcome != probes.Failure || more <= 0 || c == nil || c.probes[kind] == nil {
		return nil
	}
	if i := slices.IndexFunc(p.seen.Containers, func(c lab.Container) bool { return c.Name == e.Container }); i >= 0 &&
		initial && e.Last.Before(p.seen.Containers[i].StartedAt) {
		return nil // it is about an earlier run
	}
	pr := c.probes[kind]
	// A success makes no event: failures are in a row as long as none of the kubelet's attempts is missing between them.
	if at.Sub(pr.Reported) > 2*pr.Spec.Period+pr.Spec.Timeout {
		pr.inRow = 0
	}
	pr.inRow, pr.Reported = pr.inRow+more, at
	pr.KubeletFailures += more
	pr.KubeletLast, pr.KubeletMessage = e.Last, e.Message
	p.stale, s.stale.pods = true, true
	if initial {
		return nil
	}
	threshold := pr.Spec.FailureThreshold
	if beyond := pr.inRow - threshold; beyond > 1 && beyond%tellEvery != 0 {
		return nil // that it goes on failing is no news; the probe's own row shows it
	}
	return []lab.Fact{{
		Kind: lab.FactProbeFailed, Pod: e.ObjectName, Container: e.Container,
		Probe: kind, InRow: pr.inRow, Threshold: threshold, Message: said.Message,
	}}
}

// onKilling starts the countdown of the grace period, if a probe is why the container is killed.
func (s *State) onKilling(p *pod, e lab.Event, initial bool, at time.Time) (news []lab.Fact) {
	c := p.containers[e.Container]
	kind, ok := probes.ReadKilling(e.Message, e.Container)
	i := slices.IndexFunc(p.seen.Containers, func(c lab.Container) bool { return c.Name == e.Container })
	if !ok || c == nil || i < 0 || p.seen.Containers[i].State != lab.Running ||
		e.Last.Before(p.seen.Containers[i].StartedAt) {
		return nil
	}
	length := p.seen.GracePeriod
	if pr := c.probes[kind]; pr != nil && pr.Spec.GracePeriod != nil {
		length = *pr.Spec.GracePeriod
	}
	// Events are stamped in whole seconds by another clock; the moment of arrival is nearer to the truth for a new one.
	since := at
	if initial {
		since = e.Last
	}
	c.grace = &lab.Grace{Since: since, Until: since.Add(length)}
	p.stale, s.stale.pods = true, true
	if !initial {
		news = append(news, lab.Fact{Kind: lab.FactKilling, Pod: e.ObjectName, Container: e.Container, Probe: kind, Grace: length})
	}
	return news
}
