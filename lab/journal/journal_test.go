package journal

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
)

// fact is a fact that says n.
func fact(n int) Told { return Told{lab.Fact{Pod: fmt.Sprint(n)}} }

// tell publishes n facts, each with a snapshot of its own.
func tell(j *Journal, from, to int) {
	for n := from; n <= to; n++ {
		e := j.Append(time.Now(), fact(n))
		j.Publish(&lab.Snapshot{Revision: e.Seq, Facts: uint64(n)})
	}
}

func TestReadersSeeWhatWasPublished(t *testing.T) {
	j := New()
	before := j.Subscribe(WithEntries())
	if b, ok := before.Take(); !ok || b.Snapshot != nil || len(b.Facts)+len(b.Entries) > 0 {
		t.Errorf("of an empty journal: %+v, %v", b, ok)
	}
	j.Append(time.Now(), Logged{})
	j.Append(time.Now(), fact(1))
	if b, _ := before.Take(); len(b.Facts)+len(b.Entries) > 0 {
		t.Errorf("seen before it was published: %+v", b)
	}
	j.Publish(&lab.Snapshot{Revision: 2, Facts: 1})
	j.Append(time.Now(), fact(2)) // comes with the next snapshot
	after := j.Subscribe()
	for name, r := range map[string]*Reader{"subscribed before": before, "subscribed after": after} {
		b, ok := r.Take()
		if !ok || b.Snapshot == nil || b.Snapshot.Revision != 2 || len(b.Facts) != 1 || b.Facts[0].Seq != 1 {
			t.Errorf("%s: %+v, %v", name, b, ok)
		}
		if again, ok := r.Take(); !ok || again.Snapshot != nil || len(again.Facts)+len(again.Entries) > 0 {
			t.Errorf("%s: taken again %+v, %v", name, again, ok)
		}
	}
	j.Publish(&lab.Snapshot{Revision: 3, Facts: 2})
	b, _ := before.Take()
	if len(b.Entries) != 1 || b.Entries[0].Seq != 3 || len(b.Facts) != 1 || b.Facts[0].Seq != 2 {
		t.Errorf("the next batch: %+v", b)
	}
	if b, _ := after.Take(); b.Entries != nil || len(b.Facts) != 1 {
		t.Errorf("entries that were not asked for: %+v", b)
	}
}

func TestFactsHaveNumbersAndTimes(t *testing.T) {
	j := New()
	at := time.Unix(100, 0)
	first := j.Append(at, Told{lab.Fact{Seq: 77}}).Body.(Told).Fact
	second := j.Append(at, Told{lab.Fact{At: at.Add(time.Second)}}).Body.(Told).Fact
	if first.Seq != 1 || !first.At.Equal(at) || second.Seq != 2 || !second.At.Equal(at.Add(time.Second)) {
		t.Errorf("facts %+v and %+v", first, second)
	}
}

// A reader sees facts and entries in order and without gaps, and never a snapshot before what led to it, however it and the
// owner take turns.
func TestABatchHoldsEverythingBeforeItsSnapshot(t *testing.T) {
	j := New()
	const all = 5000
	var work sync.WaitGroup
	for range 4 {
		r := j.Subscribe(WithEntries())
		work.Go(func() {
			var facts, entries uint64
			for b := range r.Batches(t.Context()) {
				if b.LostFacts+b.LostEntries > 0 {
					t.Errorf("lost %d facts and %d entries", b.LostFacts, b.LostEntries)
				}
				for _, f := range b.Facts {
					if facts++; f.Seq != facts {
						t.Errorf("fact %d came as number %d", f.Seq, facts)
					}
				}
				for _, e := range b.Entries {
					if entries++; e.Seq != entries {
						t.Errorf("entry %d came as number %d", e.Seq, entries)
					}
				}
				if s := b.Snapshot; s != nil && (s.Facts != facts || s.Revision != entries) {
					t.Errorf("snapshot %d of %d facts after entry %d and fact %d", s.Revision, s.Facts, entries, facts)
				}
			}
			if facts != all || entries != all {
				t.Errorf("at the end: %d facts, %d entries", facts, entries)
			}
		})
	}
	tell(j, 1, all)
	j.Close()
	work.Wait()
}

// The newest snapshot is what counts; facts queue up.
func TestASlowReaderGetsTheNewestSnapshotAndAllFacts(t *testing.T) {
	j := New()
	r := j.Subscribe()
	tell(j, 1, 3*maxBatch)
	batches, facts := 0, 0
	for {
		b, _ := r.Take()
		batches++
		facts += len(b.Facts)
		if b.Snapshot != nil {
			if b.Snapshot.Facts != 3*maxBatch || facts != 3*maxBatch || batches != 3 {
				t.Errorf("snapshot of %d facts, after %d of them in %d batches", b.Snapshot.Facts, facts, batches)
			}
			return
		}
		if batches > 3 {
			t.Fatal("no snapshot")
		}
		select {
		case <-r.Ready():
		default:
			t.Fatal("not ready although there is more")
		}
	}
}

func TestAHopelesslySlowReaderIsToldWhatItHasLost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		text   string
		others int // entries without a fact between two facts
		facts  int
		want   uint64 // lost facts
	}{
		{"too many", "", 0, maxKept + 100, 100},
		{"just as many as are kept", "", 0, maxKept, 0},
		{"too large", strings.Repeat("x", 1<<20), 0, 20, 13},
		{"entries do not push facts out", "", 20, 1000, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := New()
			r := j.Subscribe(WithEntries())
			for n := range tt.facts {
				for range tt.others {
					j.Append(time.Now(), Attempted{})
				}
				j.Append(time.Now(), Told{lab.Fact{Pod: fmt.Sprint(n), Message: tt.text}})
			}
			j.Publish(&lab.Snapshot{})
			total, lost, entries, lostEntries := uint64(0), uint64(0), uint64(0), uint64(0)
			for {
				b, _ := r.Take()
				lost += b.LostFacts
				lostEntries += b.LostEntries
				if len(b.Facts) > 0 && total == 0 && b.Facts[0].Seq != b.LostFacts+1 {
					t.Errorf("goes on with fact %d after losing %d", b.Facts[0].Seq, b.LostFacts)
				}
				total += uint64(len(b.Facts))
				entries += uint64(len(b.Entries))
				if b.Snapshot != nil {
					break
				}
			}
			if lost != tt.want || total != uint64(tt.facts)-tt.want {
				t.Errorf("%d facts lost, %d received, want %d lost of %d", lost, total, tt.want, tt.facts)
			}
			if want := uint64(tt.facts * (1 + tt.others)); entries+lostEntries != want {
				t.Errorf("%d entries received and %d lost of %d", entries, lostEntries, want)
			}
		})
	}
}

// What a journal keeps is bounded, whatever its readers do.
// A journal that begins anew tells each of its readers so once, and gives it everything that happens then.
func TestRewind(t *testing.T) {
	j := NewReplay()
	early, late := j.Subscribe(WithEntries()), j.Subscribe()
	tell(j, 1, 3)
	if b, _ := early.Take(); len(b.Entries) != 3 || b.Anew {
		t.Fatalf("at first %+v", b)
	}
	j.Rewind()
	j.Append(time.Now(), fact(7))
	if b, ok := early.Take(); !ok || b.Anew || b.Snapshot != nil || len(b.Entries)+len(b.Facts) > 0 {
		t.Errorf("before anything was published: %+v, %v", b, ok)
	}
	j.Publish(&lab.Snapshot{Revision: 1, Facts: 1})
	after := j.Subscribe(WithEntries())
	for name, c := range map[string]struct {
		r    *Reader
		anew bool
	}{"that had all of it": {early, true}, "that had nothing of it": {late, true}, "that came later": {after, false}} {
		b, ok := c.r.Next(t.Context())
		if !ok || b.Anew != c.anew || len(b.Facts) != 1 || b.Facts[0].Pod != "7" || b.Facts[0].Seq != 1 || b.Snapshot == nil || b.Snapshot.Revision != 1 {
			t.Errorf("the reader %s: %+v, %v", name, b, ok)
		}
		if b, _ := c.r.Take(); b.Anew || len(b.Facts) > 0 {
			t.Errorf("the reader %s, once more: %+v", name, b)
		}
	}
	j.Rewind()
	j.Close()
	if b, ok := early.Next(t.Context()); !ok || !b.Anew {
		t.Errorf("at the end: %+v, %v", b, ok)
	}
	if _, ok := early.Next(t.Context()); ok {
		t.Error("there is more after the end")
	}
}

// A replay's reader loses nothing, however much has happened at once.
func TestReplayKeepsEverything(t *testing.T) {
	j := NewReplay()
	r := j.Subscribe(WithEntries())
	const n = 3 * maxKept
	for i := range n {
		j.Append(time.Now(), fact(i))
	}
	j.Publish(&lab.Snapshot{Revision: n})
	j.Close()
	var entries, facts int
	for b := range r.Batches(t.Context()) {
		entries, facts = entries+len(b.Entries), facts+len(b.Facts)
		if b.LostEntries+b.LostFacts > 0 {
			t.Fatalf("lost %d entries and %d facts", b.LostEntries, b.LostFacts)
		}
	}
	if entries != n || facts != n {
		t.Errorf("%d entries, %d facts", entries, facts)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	j := New()
	j.Subscribe(WithEntries())
	for range 4 * maxKept {
		j.Append(time.Now(), Logged{lab.LogLine{Text: strings.Repeat("x", 4<<10)}})
	}
	if n := len(j.entries.items); n > maxKept || j.entries.bytes > maxKeptSize {
		t.Errorf("%d entries of about %d bytes are kept", n, j.entries.bytes)
	}
	if n := cap(j.entries.items); n > 4*maxKept {
		t.Errorf("room for %d entries", n)
	}
}

// Readers that never read, that have stopped or that panic keep neither the owner nor another reader waiting.
func TestReadersDoNotHoldUpAnybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := New()
		j.Subscribe(WithEntries()) // never read
		gone := j.Subscribe()
		gone.Stop()
		gone.Stop()
		if _, ok := gone.Take(); ok {
			t.Error("a reader that has stopped goes on")
		}
		stuck, release := j.Subscribe(), make(chan struct{})
		var work sync.WaitGroup
		work.Go(func() {
			for range stuck.Batches(t.Context()) {
				<-release
			}
		})
		panicked := j.Subscribe()
		work.Go(func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			for range panicked.Batches(t.Context()) {
				panic("reader")
			}
		})
		facts := 0
		healthy := j.Subscribe()
		work.Go(func() {
			for b := range healthy.Batches(t.Context()) {
				facts += len(b.Facts)
			}
		})
		start := time.Now()
		for n := 1; n <= 100; n++ {
			tell(j, n, n)
			synctest.Wait()
		}
		if facts != 100 || time.Since(start) > 0 {
			t.Errorf("the healthy reader has %d facts after %v", facts, time.Since(start))
		}
		if n := len(j.readers); n != 3 {
			t.Errorf("%d readers are kept, want the one that never reads, the stuck one and the healthy one", n)
		}
		j.Close()
		close(release)
		work.Wait()
	})
}

func TestEndings(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(j *Journal, r *Reader, cancel func())
		last bool // what was published last is still delivered
	}{
		{"the journal is closed", func(j *Journal, _ *Reader, _ func()) { tell(j, 2, 2); j.Close(); j.Close() }, true},
		{"the reader is stopped", func(_ *Journal, r *Reader, _ func()) { r.Stop() }, false},
		{"the context ends", func(_ *Journal, _ *Reader, cancel func()) { cancel() }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := New()
				tell(j, 1, 1)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				r := j.Subscribe()
				var got []lab.Fact
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					for b := range r.Batches(ctx) {
						got = append(got, b.Facts...)
					}
				}()
				synctest.Wait()
				tt.end(j, r, cancel)
				<-ended
				want := 1
				if tt.last {
					want = 2
				}
				if len(got) != want || len(j.readers) != 0 {
					t.Errorf("%d facts received, want %d; %d readers are left", len(got), want, len(j.readers))
				}
				if b, ok := r.Take(); ok {
					t.Errorf("taken after the end: %+v", b)
				}
			})
		})
	}
}

func TestSubscribeAfterTheEnd(t *testing.T) {
	j := New()
	tell(j, 1, 3)
	j.Close()
	facts := 0
	for b := range j.Subscribe().Batches(t.Context()) {
		facts += len(b.Facts)
	}
	if facts != 3 {
		t.Errorf("%d facts", facts)
	}
}

// Readers come and go while the owner appends; this is for the race detector.
func TestReadersComeAndGo(t *testing.T) {
	j := New()
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			for range 100 {
				r := j.Subscribe(WithEntries())
				work.Go(r.Stop)
				for b := range r.Batches(t.Context()) {
					if b.Snapshot != nil {
						break
					}
				}
			}
		})
	}
	tell(j, 1, 2000)
	j.Close()
	work.Wait()
	if n := len(j.readers); n != 0 {
		t.Errorf("%d readers are left", n)
	}
}
