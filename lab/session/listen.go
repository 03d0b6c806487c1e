package session

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/witness"
	"healthlab/probes"
)

const (
	// After so many failures in a row it counts as not to be had what a node's agent tells.
	maxUnheard = 3
	// retryUntold is when it is tried again what is forbidden.
	retryUntold = 10 * time.Minute
	// A kubelet's attempt may be told before the status of its container comes from the API; it waits for that so long.
	patience = 2 * time.Second
	// maxEarly is how many attempts wait at most.
	maxEarly = 1024
)

// listeners are the nodes whose agents are listened to, and what they have told too early.
type listeners struct {
	nodes map[string]*listener
	early []early
}

// listener is how it stands at a node's agent.
type listener struct {
	answered bool // it is known whether it is heard
	said     bool // that it is not
}

// early is an attempt that waits for its container to be known.
type early struct {
	attempt lab.Attempt
	since   time.Time
}

// listen listens to the agents of the nodes that the pods are on, as soon as there is a pod.
func (s *Session) listen() {
	if s.link == nil {
		return
	}
	for _, p := range s.state.Pods() {
		if p.Node == witness.NodeName && s.listeners.nodes[p.Node] == nil {
			node, link := p.Node, s.link
			s.listeners.nodes[node] = &listener{}
			s.work.Go(func() { s.follow(s.ctx, link, node) })
		}
	}
}

// awaited reports whether a node's agent has been asked and has not answered yet.
func (l *listeners) awaited(node string) bool {
	at := l.nodes[node]
	return at != nil && !at.answered
}

// follow hands what a node's agent tells to the owner until ctx ends, and goes on where it was when the connection breaks. It
// gives up where there is no such agent.
func (s *Session) follow(ctx context.Context, link Cluster, node string) {
	var from witness.Cursor
	failures := 0
	for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
		var err error
		from, err = link.Attempts(ctx, node, from, func() {
			failures, pause = 0, time.Second/2
			s.inbox.put(func() {
				*s.listeners.nodes[node] = listener{answered: true}
				s.record(journal.KubeletTells{Node: node, Tells: true})
			})
		}, func(a lab.Attempt) {
			s.inbox.put(func() { s.onKubelet(a) })
		})
		if ctx.Err() != nil {
			return
		}
		s.log.Debug("follow the kubelet's attempts", "node", node, "err", err)
		gone, wait := apierrors.IsNotFound(err) || errors.Is(err, witness.ErrNotLog), pause
		if apierrors.IsForbidden(err) {
			failures, wait = maxUnheard, retryUntold
		}
		if failures++; gone || failures >= maxUnheard {
			s.inbox.put(func() { s.untold(node, lab.Brief(err)) })
		}
		if gone {
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// untold records why a node's agent is not heard, once. While the whole cluster is lost that goes without saying.
func (s *Session) untold(node string, why lab.Text) {
	at := s.listeners.nodes[node]
	if s.state.Cluster().Phase != lab.Up || at.said {
		return
	}
	*at = listener{answered: true, said: true}
	s.record(journal.KubeletTells{Node: node, Why: why})
}

// onKubelet takes in an attempt of the kubelet's.
func (s *Session) onKubelet(a lab.Attempt) {
	if len(s.listeners.early) >= maxEarly {
		s.takeEarly(s.listeners.early[0])
		s.listeners.early = s.listeners.early[1:]
	}
	s.listeners.early = append(s.listeners.early, early{a, time.Now()})
	s.catchUp(a.Key.Pod, time.Now())
}

// catchUp takes in those attempts at a pod, or at any if that is empty, that waited for what is known by now or waited long
// enough. The order of a container's attempts stays.
func (s *Session) catchUp(pod string, now time.Time) {
	if len(s.listeners.early) == 0 {
		return
	}
	waiting := map[probes.Key]bool{} // with no kind
	kept := s.listeners.early[:0:0]
	for _, e := range s.listeners.early {
		of := probes.Key{Pod: e.attempt.Key.Pod, Container: e.attempt.Key.Container}
		due := now.Sub(e.since) >= patience || s.knowsRun(e.attempt)
		if waiting[of] || pod != "" && of.Pod != pod || !due {
			waiting[of] = true
			kept = append(kept, e)
			continue
		}
		s.takeEarly(e)
	}
	s.listeners.early = kept
}

// knowsRun reports whether the run of a container that an attempt was made at is one that the API has told of.
func (s *Session) knowsRun(a lab.Attempt) bool {
	p, pr := s.state.Probe(a.Key)
	if pr == nil {
		return false
	}
	for _, c := range p.Containers {
		if c.Name == a.Key.Container {
			return a.Old || c.ID == a.ContainerID || c.Last != nil && c.Last.ContainerID == a.ContainerID
		}
	}
	return false
}

// takeEarly records an attempt, unless its pod is gone or was never there.
func (s *Session) takeEarly(e early) {
	if _, pr := s.state.Probe(e.attempt.Key); pr == nil {
		return
	}
	s.record(journal.Attempted{Attempt: e.attempt})
	if e.attempt.Outcome == probes.Success {
		s.shownFine(e.attempt.Key, e.attempt.ContainerID, e.attempt.Start)
	}
}
