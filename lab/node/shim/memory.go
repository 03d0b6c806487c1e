package shim

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// exitMemory is the exit code of a process that ends because it holds too much.
const exitMemory = 86

const (
	// maxStack ends a recursion without end sooner than Go's own 1 GB; a thread has 8 MB on Linux.
	maxStack = 64 << 20
	// usageStep is how much more or less a process must hold before it tells healthlab.
	usageStep = 8 << 20
)

// memory looks after each garbage collection at what the process holds. It costs nothing while nothing is allocated, and
// what allocates without end cannot escape it: a collection comes at the latest when the bound is reached.
type memory struct {
	base     int64 // what the process held before any container did
	bound    atomic.Int64
	reported atomic.Int64
	files    atomic.Int64 // in memory
	report   func(bytes int64)
}

// watchMemory begins to watch, for as long as the process lives.
func watchMemory(report func(bytes int64)) *memory {
	debug.SetMaxStack(maxStack)
	runtime.GC()
	m := &memory{report: report}
	m.base = held()
	m.next()
	return m
}

// next waits for the next collection by having it clean something up.
func (m *memory) next() {
	sentinel := new([16]byte)
	runtime.AddCleanup(sentinel, func(m *memory) {
		m.measure()
		m.next()
	}, m)
}

// charge counts files in memory.
func (m *memory) charge(bytes int64) {
	m.files.Add(bytes)
	m.measure()
}

// measure reports what is held if that has changed much, and ends the process if it is too much.
func (m *memory) measure() {
	now := held() - m.base + m.files.Load()
	if most := m.bound.Load(); most > 0 && now > most {
		os.Exit(exitMemory)
	}
	if last := m.reported.Load(); now > last+usageStep || now < last-usageStep {
		m.reported.Store(now)
		m.report(now)
	}
}

// setBound bounds what the containers of the process may hold.
func (m *memory) setBound(bytes int64) {
	m.bound.Store(bytes)
	debug.SetMemoryLimit(m.base + bytes)
	limitData(m.base + bytes)
}

// held is what the last collection has found in use: the heap, and the stacks of goroutines.
func held() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64() + sample[1].Value.Uint64())
}
