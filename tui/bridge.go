package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// feedEvery is how often the session's news reach the program at most.
const feedEvery = 100 * time.Millisecond

// bridge carries what the session publishes to the program. Snapshots replace one another, facts queue up. The session is
// never kept waiting by a slow terminal, and many events make one message.
type bridge struct {
	send func(tea.Msg) // blocks until the program takes the message, or has ended

	mu       sync.Mutex
	snapshot *lab.Snapshot // guarded by mu; nil once it was sent
	facts    []lab.Fact    // guarded by mu; empty once they were sent

	wake chan struct{} // holds one
}

func newBridge(send func(tea.Msg)) *bridge {
	return &bridge{send: send, wake: make(chan struct{}, 1)}
}

// collect takes in what l publishes until ctx ends or both channels are closed.
func (b *bridge) collect(ctx context.Context, l Lab) {
	snapshots, facts := l.Snapshots(), l.Facts()
	for snapshots != nil || facts != nil {
		select {
		case <-ctx.Done():
			return
		case s, ok := <-snapshots:
			if !ok {
				snapshots = nil
				continue
			}
			b.mu.Lock()
			b.snapshot = s
			b.mu.Unlock()
		case f, ok := <-facts:
			if !ok {
				facts = nil
				continue
			}
			b.mu.Lock()
			b.facts = append(b.facts, f)
			b.mu.Unlock()
		}
		select {
		case b.wake <- struct{}{}:
		default:
		}
	}
}

// deliver sends what was collected, at once after a pause and then no more often than every feedEvery, until ctx ends.
func (b *bridge) deliver(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-b.wake:
		}
		b.mu.Lock()
		msg := feedMsg{Snapshot: b.snapshot, Facts: b.facts}
		b.snapshot, b.facts = nil, nil
		b.mu.Unlock()
		b.send(msg)
		pause.Reset(feedEvery)
	}
}
