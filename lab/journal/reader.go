package journal

import (
	"context"
	"iter"

	"healthlab/lab"
)

// maxBatch is how many entries, and how many facts, are taken at a time, so that no reader keeps the journal for long.
const maxBatch = 1024

// Option says what a reader wants beside snapshots and facts.
type Option func(*Reader)

// WithEntries makes a reader get the entries, too.
func WithEntries() Option { return func(r *Reader) { r.entries = true } }

// Batch is what a reader has not seen yet.
type Batch struct {
	// Anew is true if the journal has begun anew, as a replay does that goes back: what was in earlier batches has not
	// happened (yet), and this one begins with the first entry.
	Anew bool
	// Facts are those that have been told since the batch before, in order.
	Facts []lab.Fact
	// Entries are the journal's since the batch before, in order; nil unless they were asked for.
	Entries []Entry
	// Snapshot is the newest one, if it was not in an earlier batch; otherwise nil. Every fact up to its Facts was in this
	// batch or an earlier one, and so was every entry up to its Revision.
	Snapshot *lab.Snapshot
	// LostFacts and LostEntries are how many of each the reader has lost, because it was too slow, before the first of
	// this batch.
	LostFacts, LostEntries uint64
}

// Reader is one reader's place in a journal. One goroutine at a time uses it.
type Reader struct {
	journal *Journal
	entries bool
	ready   chan struct{} // holds one

	// Guarded by the journal's mu.
	turn     int           // of the journal, when something was taken last
	seen     uint64        // the last entry taken
	told     uint64        // the last fact taken
	snapshot *lab.Snapshot // taken last
	stopped  bool
}

// Subscribe returns a reader that begins with everything that is still kept and was published, and the newest snapshot.
// It has to be stopped by whoever does not read to the end. Any goroutine may call it.
func (j *Journal) Subscribe(options ...Option) *Reader {
	r := &Reader{journal: j, ready: make(chan struct{}, 1)}
	for _, option := range options {
		option(r)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.readers[r] = struct{}{}
	r.turn = j.turn
	r.wake()
	return r
}

// wake makes Ready deliver.
func (r *Reader) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// Ready delivers when Take has something to return, or returns false. It may deliver once too often.
func (r *Reader) Ready() <-chan struct{} { return r.ready }

// Take returns at once what the reader has not seen yet; a zero Batch if that is nothing. It is false once the reader was
// stopped, or has had everything of a journal that has ended.
func (r *Reader) Take() (Batch, bool) {
	j := r.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.stopped {
		return Batch{}, false
	}
	var b Batch
	if r.turn != j.turn {
		if j.snapshot == nil && !j.ended {
			return b, true // nothing was published since
		}
		b.Anew = true
		r.turn, r.seen, r.told, r.snapshot = j.turn, 0, 0, nil
	}
	b.Facts, r.told, b.LostFacts = j.facts.after(r.told, j.told, maxBatch)
	if r.entries {
		b.Entries, r.seen, b.LostEntries = j.entries.after(r.seen, j.seen, maxBatch)
	} else {
		r.seen = j.seen
	}
	if r.told < j.told || r.seen < j.seen {
		r.wake() // there is more, and the snapshot is of later
		return b, true
	}
	fresh := j.snapshot != r.snapshot
	if fresh {
		b.Snapshot, r.snapshot = j.snapshot, j.snapshot
	}
	if !j.ended {
		return b, true
	}
	if !fresh && !b.Anew && b.Facts == nil && b.Entries == nil {
		delete(j.readers, r)
		return Batch{}, false
	}
	r.wake()
	return b, true
}

// Next waits for something to take. It is false at the end, as Take, and when ctx ends.
func (r *Reader) Next(ctx context.Context) (Batch, bool) {
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-r.ready:
			b, ok := r.Take()
			if !ok || b.Anew || b.Snapshot != nil || len(b.Facts) > 0 || len(b.Entries) > 0 {
				return b, ok
			}
		}
	}
	return Batch{}, false
}

// Batches is every batch until the end, or until ctx ends. It stops the reader.
func (r *Reader) Batches(ctx context.Context) iter.Seq[Batch] {
	return func(yield func(Batch) bool) {
		defer r.Stop()
		for {
			b, ok := r.Next(ctx)
			if !ok || !yield(b) {
				return
			}
		}
	}
}

// Stop makes the journal forget the reader. It may be called more than once and, unlike the rest, from any goroutine: a Next
// that waits returns.
func (r *Reader) Stop() {
	r.journal.mu.Lock()
	defer r.journal.mu.Unlock()
	r.stopped = true
	delete(r.journal.readers, r)
	r.wake()
}
