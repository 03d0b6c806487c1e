package sandbox

import "sync"

// entryBytes is what a directory entry counts on top of its content, so that empty files are bounded too.
const entryBytes = 512

// quota bounds what a container may write to its disk.
type quota struct {
	// charge is told how much more or less is used, where that is memory. It is called with mu held. Nil: it is disk.
	charge func(bytes int64)

	mu          sync.Mutex
	used, limit int64
}

// add changes what is used; q.mu is held.
func (q *quota) add(n int64) {
	q.used += n
	if q.charge != nil && n != 0 {
		q.charge(n)
	}
}

// take reserves n bytes, or fails with ENOSPC.
func (q *quota) take(n int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used+n > q.limit {
		return ENOSPC
	}
	q.add(n)
	return nil
}

// upTo reserves at most n bytes and returns how many.
func (q *quota) upTo(n int64) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = max(0, min(n, q.limit-q.used))
	q.add(n)
	return n
}

// give returns n bytes. Files that others wrote into a shared mount can be removed too, so it never goes below zero.
func (q *quota) give(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(-min(n, q.used))
}

// Usage returns the bytes that are written and the most that may be.
func (f *FS) Usage() (used, limit int64) {
	f.quota.mu.Lock()
	defer f.quota.mu.Unlock()
	return f.quota.used, f.quota.limit
}
