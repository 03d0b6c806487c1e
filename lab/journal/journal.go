package journal

import (
	"math"
	"sync"
	"time"

	"healthlab/lab"
)

// How much a journal keeps for readers that are behind, of entries and, apart from them, of facts: many attempts must not
// push out the few facts. The oldest goes first.
const (
	maxKept     = 8192
	maxKeptSize = 8 << 20 // bytes, about
)

// Journal is a stream of entries with its readers. New makes it.
type Journal struct {
	mu       sync.Mutex
	turn     int                  // guarded by mu; how often it was begun anew
	entries  log[Entry]           // guarded by mu
	facts    log[lab.Fact]        // guarded by mu; the Told among the entries
	snapshot *lab.Snapshot        // guarded by mu; the one published last
	seen     uint64               // guarded by mu; entries up to here are visible
	told     uint64               // guarded by mu; facts up to here are visible
	ended    bool                 // guarded by mu
	readers  map[*Reader]struct{} // guarded by mu
}

// New returns a journal without entries.
func New() *Journal {
	j := &Journal{readers: map[*Reader]struct{}{}}
	j.entries = log[Entry]{first: 1, size: Entry.Size, most: maxKept, mostSize: maxKeptSize}
	j.facts = log[lab.Fact]{first: 1, size: factSize, most: maxKept, mostSize: maxKeptSize}
	return j
}

// NewReplay returns a journal that keeps all of its entries, for an owner whose entries are bounded already: a reader of it
// loses none, however many are appended at once.
func NewReplay() *Journal {
	j := New()
	j.entries.most, j.entries.mostSize = math.MaxInt, math.MaxInt
	j.facts.most, j.facts.mostSize = math.MaxInt, math.MaxInt
	return j
}

// Rewind forgets everything that has happened, as if nothing had. Every reader is told that it is to start anew (Batch.Anew),
// at the next Publish. Only the owner calls it.
func (j *Journal) Rewind() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.turn++
	j.entries.forget()
	j.facts.forget()
	j.snapshot, j.seen, j.told = nil, 0, 0
}

// Append adds what happened at a moment and returns its entry. Of a fact (Told) it sets Seq, and At if that is zero.
// Nobody sees the entry before the next Publish. Only the owner calls it.
func (j *Journal) Append(at time.Time, body Body) Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if told, ok := body.(Told); ok {
		told.Fact.Seq = j.facts.next()
		if told.Fact.At.IsZero() {
			told.Fact.At = at
		}
		j.facts.append(told.Fact)
		body = told
	}
	e := Entry{Seq: j.entries.next(), At: at, Body: body}
	j.entries.append(e)
	return e
}

// Publish makes what was appended visible, and snapshot, which must be what it adds up to, the newest one. Only the owner
// calls it.
func (j *Journal) Publish(snapshot *lab.Snapshot) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.snapshot, j.seen, j.told = snapshot, j.entries.next()-1, j.facts.next()-1
	j.wake()
}

// Close says that nothing more will happen. What was not published is not seen by anybody. It may be called more than
// once.
func (j *Journal) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	j.wake()
}

// wake tells every reader that there is something to take. It never waits. The caller holds mu.
func (j *Journal) wake() {
	for r := range j.readers {
		r.wake()
	}
}

// log keeps the newest of a stream.
type log[T any] struct {
	items []T
	first uint64 // number of items[0]
	bytes int
	size  func(T) int

	most, mostSize int // how many are kept, and how many bytes of them
}

// next is the number of the item that comes next.
func (l *log[T]) next() uint64 { return l.first + uint64(len(l.items)) }

func (l *log[T]) append(item T) {
	l.items = append(l.items, item)
	l.bytes += l.size(item)
	for len(l.items) > 1 && (len(l.items) > l.most || l.bytes > l.mostSize) {
		l.bytes -= l.size(l.items[0])
		var none T
		l.items[0] = none // so that what it holds can go
		l.items = l.items[1:]
		l.first++
	}
}

// forget makes it a stream in which nothing has come yet.
func (l *log[T]) forget() { l.items, l.first, l.bytes = nil, 1, 0 }

// after returns a copy of at most limit items that follow the number seen, none beyond last, and how many of them are
// lost. The number of the last one returned, or lost, is the next seen.
func (l *log[T]) after(seen, last uint64, limit int) (items []T, now, lost uint64) {
	if seen+1 < l.first {
		lost = min(l.first-1, last) - seen
		seen += lost
	}
	if n := min(last-seen, uint64(limit)); n > 0 {
		at := seen + 1 - l.first
		items = append(items, l.items[at:at+n]...)
		seen += n
	}
	return items, seen, lost
}
