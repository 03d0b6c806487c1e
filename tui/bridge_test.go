package tui

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/tui/tuitest"
)

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

// A program that takes its time does not make the session wait, and gets what it has missed in one message.
func TestBridgeMakesOneMessageOfWhatAProgramHasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		session, got := tuitest.NewSession(), &received{}
		stuck := make(chan struct{})
		var work sync.WaitGroup
		work.Go(func() {
			follow(ctx, session, nil, func(msg tea.Msg) {
				<-stuck
				got.add(msg)
			})
		})
		const events = 500
		for i := range events {
			session.Publish(&lab.Snapshot{Revision: uint64(i + 1)}, lab.Fact{})
			synctest.Wait()
		}
		close(stuck)
		synctest.Wait()
		cancel()
		work.Wait()

		if len(got.msgs) != 2 {
			t.Fatalf("%d messages, want the one that was under way and one for the rest", len(got.msgs))
		}
		var seq uint64
		for _, m := range got.msgs {
			for _, f := range m.Facts {
				if seq++; f.Seq != seq {
					t.Fatalf("fact %d came as number %d", f.Seq, seq)
				}
			}
		}
		if last := got.msgs[1]; seq != events || last.Snapshot == nil || last.Snapshot.Revision != events {
			t.Errorf("last fact %d, last message %+v, want %d", seq, last, events)
		}
	})
}

// The timeline that goes with a snapshot has every entry before it, however many there are at once, and is never changed.
func TestBridgeSendsTheTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		session, got := tuitest.NewSession(), &received{}
		var work sync.WaitGroup
		const noise = 3000 // more than a reader takes at a time
		for range noise {
			session.Append(tuitest.At(0), journal.Asked{Action: lab.RunStep{}})
		}
		story := tuitest.Liveness()
		for _, e := range story.Entries {
			session.Append(e.At, e.Body)
		}
		session.Publish(&lab.Snapshot{Revision: 1})
		work.Go(func() { follow(ctx, session, tuitest.FaultyLabs(), got.add) })
		synctest.Wait()
		session.Append(tuitest.At(100), journal.PodChosen{Pod: "another"})
		session.Publish(&lab.Snapshot{Revision: 2})
		synctest.Wait()
		cancel()
		work.Wait()

		if len(got.msgs) != 2 {
			t.Fatalf("%d messages, want one for each snapshot", len(got.msgs))
		}
		first, second := got.msgs[0].Timeline, got.msgs[1].Timeline
		if want := uint64(noise + len(story.Entries)); first == nil || first.Revision != want || len(first.Episodes) != 1 {
			t.Fatalf("the first timeline is %+v, want one up to entry %d with an episode", first, want)
		}
		if second == nil || second == first || second.Revision != first.Revision+1 || !first.To.Before(second.To) {
			t.Errorf("the second timeline is %+v, want the first one and what came then", second)
		}
	})
}

func TestBridgeSendsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		session, got := tuitest.NewSession(), &received{}
		var work sync.WaitGroup
		work.Go(func() { follow(ctx, session, nil, got.add) })
		<-time.After(time.Minute)
		start := time.Now()
		session.Publish(&lab.Snapshot{Revision: 1})
		synctest.Wait()
		cancel()
		work.Wait()
		if len(got.at) != 1 || got.at[0] != start {
			t.Errorf("sent at %v, want once at %v", got.at, start)
		}
	})
}

func TestBridgeEndsWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session, got := tuitest.NewSession(), &received{}
		session.Publish(&lab.Snapshot{Revision: 1}, lab.Fact{}, lab.Fact{})
		session.Close()
		follow(t.Context(), session, nil, got.add)
		if len(got.msgs) != 1 || len(got.msgs[0].Facts) != 2 || got.msgs[0].Snapshot == nil {
			t.Errorf("received %+v, want all there was", got.msgs)
		}
	})
}
