package tuitest

import (
	"context"
	"sync"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// Session is a session that does nothing: it keeps what it was asked to do and publishes what a test gives it.
type Session struct {
	*journal.Journal

	mu      sync.Mutex
	newest  *lab.Snapshot // guarded by mu
	actions []lab.Action  // guarded by mu
	answer  error         // guarded by mu
	arrived chan lab.Action
}

// NewSession returns a session whose Do succeeds.
func NewSession() *Session {
	return &Session{Journal: journal.New(), arrived: make(chan lab.Action, 64)}
}

// Publish hands over a snapshot, and facts that came before it. Facts are numbered from 1 on.
func (s *Session) Publish(snapshot *lab.Snapshot, facts ...lab.Fact) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range facts {
		s.Append(f.At, journal.Told{Fact: f})
	}
	s.newest = snapshot
	s.Journal.Publish(snapshot)
}

// Tell hands over a fact alone.
func (s *Session) Tell(f lab.Fact) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Append(f.At, journal.Told{Fact: f})
	s.Journal.Publish(s.newest)
}

// Fail makes every later Do return err.
func (s *Session) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = err
}

// Do keeps the action.
func (s *Session) Do(_ context.Context, a lab.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actions = append(s.actions, a)
	select {
	case s.arrived <- a:
	default: // nobody waits for that many
	}
	return s.answer
}

// Manifest is one that says what it is.
func (s *Session) Manifest(cluster lab.Cluster, name string) (string, error) {
	return "# " + name + "\nmetadata:\n  namespace: " + cluster.Namespace + "\n", nil
}

// Actions returns what Do was asked for so far.
func (s *Session) Actions() []lab.Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]lab.Action(nil), s.actions...)
}

// Arrived delivers actions as they come in.
func (s *Session) Arrived() <-chan lab.Action { return s.arrived }
