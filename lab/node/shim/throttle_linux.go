package shim

import (
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// period is that of the kernel's bandwidth control.
const period = 100 * time.Millisecond

// pollInterval is how often processes with a limit are looked at while one of them does something; otherwise once a period.
const pollInterval = 10 * time.Millisecond

// throttle keeps limits of CPU: who has used up its share is stopped until it is paid for. Its goroutine exists while some
// process has a limit.
type throttle struct {
	mu        sync.Mutex
	processes map[*process]*share
	running   bool
	closed    chan struct{}
	once      sync.Once
	done      sync.WaitGroup
}

// share is what a process may use and has used.
type share struct {
	millis  int64 // of a processor, per second of time
	used    time.Duration
	since   time.Time     // of used
	seen    time.Duration // at the last look
	stopped bool
}

func newThrottle() *throttle {
	return &throttle{processes: map[*process]*share{}, closed: make(chan struct{})}
}

// add limits a process to millis thousandths of a processor, on top of what it may have already.
func (t *throttle) add(p *process, millis int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.processes[p]
	if s == nil {
		s = &share{used: cpuTime(p.cmd.Process.Pid), since: time.Now()}
		t.processes[p] = s
	}
	s.millis += millis
	if !t.running {
		t.running = true
		t.done.Go(t.run)
	}
}

func (t *throttle) remove(p *process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.processes, p)
}

func (t *throttle) close() {
	t.once.Do(func() { close(t.closed) })
	t.done.Wait()
}

func (t *throttle) run() {
	timer := time.NewTimer(pollInterval)
	defer timer.Stop()
	for {
		select {
		case now := <-timer.C:
			next := t.step(now)
			if next == 0 {
				return
			}
			timer.Reset(next)
		case <-t.closed:
			return
		}
	}
}

// step looks at all processes, and returns when to look again: zero if there are none.
func (t *throttle) step(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := period
	for p, s := range t.processes {
		used := cpuTime(p.cmd.Process.Pid)
		if used > s.seen || s.stopped {
			next = pollInterval
		}
		s.seen = used
		allowed := max(now.Sub(s.since), period) * time.Duration(s.millis) / 1000
		over := used-s.used > allowed
		switch {
		case over && !s.stopped:
			s.stopped = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGSTOP) == nil
		case !over && s.stopped:
			s.stopped = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGCONT) != nil
		}
		if !over && now.Sub(s.since) >= period { // what was not used is not saved up
			s.used, s.since = used, now
		}
	}
	if t.running = len(t.processes) > 0; !t.running {
		return 0
	}
	return next
}

// cpuTime returns what a process has used of the processors; zero once it is gone.
func cpuTime(pid int) time.Duration {
	var spent unix.Timespec
	// The clock of another process, as clock_getcpuclockid(3) makes it.
	if err := unix.ClockGettime(int32(^uint32(pid)<<3|2), &spent); err != nil {
		return 0
	}
	return time.Duration(spent.Nano())
}
