package tuitest

import (
	"context"
	"sync"

	"healthlab/lab"
)

// Session is a session that does nothing: it keeps what it was asked to do and publishes what a test gives it.
type Session struct {
	snapshots chan *lab.Snapshot
	facts     chan lab.Fact

	mu      sync.Mutex
	actions []lab.Action // guarded by mu
	answer  error        // guarded by mu
	arrived chan lab.Action
}

// NewSession returns a session whose Do succeeds.
func NewSession() *Session {
	return &Session{
		snapshots: make(chan *lab.Snapshot, 1), facts: make(chan lab.Fact, 16), arrived: make(chan lab.Action, 64),
	}
}

// Snapshots returns what Publish fills.
func (s *Session) Snapshots() <-chan *lab.Snapshot { return s.snapshots }

// Facts returns what Tell fills.
func (s *Session) Facts() <-chan lab.Fact { return s.facts }

// Publish hands over a snapshot; it waits until the one before was fetched.
func (s *Session) Publish(snapshot *lab.Snapshot) { s.snapshots <- snapshot }

// Tell hands over a fact.
func (s *Session) Tell(f lab.Fact) { s.facts <- f }

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

// Actions returns what Do was asked for so far.
func (s *Session) Actions() []lab.Action {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]lab.Action(nil), s.actions...)
}

// Arrived delivers actions as they come in.
func (s *Session) Arrived() <-chan lab.Action { return s.arrived }
