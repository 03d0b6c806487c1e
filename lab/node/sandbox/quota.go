package sandbox

import "sync"

// entryBytes is what a directory entry counts on top of its content, so that empty files are bounded too.
const entryBytes = 512

// quota bounds what a container may write to its disk.
type quota struct {
	mu          sync.Mutex
	used, limit int64
}

// take reserves n bytes, or fails with ENOSPC.
func (q *quota) take(n int64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.used+n > q.limit {
		return ENOSPC
	}
	q.used += n
	return nil
}

// upTo reserves at most n bytes and returns how many.
func (q *quota) upTo(n int64) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	n = max(0, min(n, q.limit-q.used))
	q.used += n
	return n
}

// give returns n bytes. Files that others wrote into a shared mount can be removed too, so it never goes below zero.
func (q *quota) give(n int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.used = max(0, q.used-n)
}

// Usage returns the bytes that are written and the most that may be.
func (f *FS) Usage() (used, limit int64) {
	f.quota.mu.Lock()
	defer f.quota.mu.Unlock()
	return f.quota.used, f.quota.limit
}
