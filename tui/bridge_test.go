package tui

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// published is a session that only publishes.
type published struct {
	snapshots chan *lab.Snapshot
	facts     chan lab.Fact
}

func (p *published) Snapshots() <-chan *lab.Snapshot      { return p.snapshots }
func (p *published) Facts() <-chan lab.Fact               { return p.facts }
func (p *published) Do(context.Context, lab.Action) error { return nil }
func newPublished() *published {
	return &published{make(chan *lab.Snapshot), make(chan lab.Fact)}
}

// received is what a program was sent, with the time of each message.
type received struct {
	mu   sync.Mutex
	msgs []feedMsg
	at   []time.Time
}

func (r *received) add(msg tea.Msg) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.msgs = append(r.msgs, msg.(feedMsg))
	r.at = append(r.at, time.Now())
}

func runBridge(ctx context.Context, send func(tea.Msg), p *published) *sync.WaitGroup {
	b := newBridge(send)
	var work sync.WaitGroup
	work.Go(func() { b.collect(ctx, p) })
	work.Go(func() { b.deliver(ctx) })
	return &work
}

func TestBridgeMakesOneMessageOfManyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p, got := newPublished(), &received{}
		work := runBridge(ctx, got.add, p)
		const events = 500
		for i := range events {
			p.snapshots <- &lab.Snapshot{Revision: uint64(i + 1)}
			p.facts <- lab.Fact{Seq: uint64(i + 1)}
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(feedEvery)
		synctest.Wait()
		cancel()
		work.Wait()

		if n := len(got.msgs); n > events*2/100+3 {
			t.Errorf("%d messages in one second", n)
		}
		for i := 1; i < len(got.at); i++ {
			if d := got.at[i].Sub(got.at[i-1]); d < feedEvery {
				t.Errorf("two messages within %v", d)
			}
		}
		var seq, revision uint64
		for _, m := range got.msgs {
			for _, f := range m.Facts {
				if seq++; f.Seq != seq {
					t.Fatalf("fact %d came as number %d", f.Seq, seq)
				}
			}
			if m.Snapshot != nil {
				revision = m.Snapshot.Revision
			}
		}
		if seq != events || revision != events {
			t.Errorf("last fact %d, last snapshot %d, want %d", seq, revision, events)
		}
	})
}

func TestBridgeSendsAtOnceAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p, got := newPublished(), &received{}
		work := runBridge(ctx, got.add, p)
		time.Sleep(time.Minute)
		start := time.Now()
		p.snapshots <- &lab.Snapshot{Revision: 1}
		synctest.Wait()
		cancel()
		work.Wait()
		if len(got.at) != 1 || got.at[0] != start {
			t.Errorf("sent at %v, want once at %v", got.at, start)
		}
	})
}

// A terminal that takes its time must not make the session wait.
func TestBridgeNeverKeepsTheSessionWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		p, stuck := newPublished(), make(chan struct{})
		work := runBridge(ctx, func(tea.Msg) { <-stuck }, p)
		start := time.Now()
		for i := range 1000 {
			p.snapshots <- &lab.Snapshot{Revision: uint64(i + 1)}
			p.facts <- lab.Fact{Seq: uint64(i + 1)}
		}
		if d := time.Since(start); d > 0 {
			t.Errorf("the session waited %v", d)
		}
		close(p.snapshots)
		close(p.facts)
		cancel()
		close(stuck)
		work.Wait()
	})
}
