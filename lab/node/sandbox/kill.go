package sandbox

import "context"

// Notify installs a handler: the signals are sent to the channel instead of having their default effect. The channel
// is buffered; as in Linux, a signal that is already waiting is not counted twice.
func (p *Process) Notify(signals ...Signal) <-chan Signal {
	ch := make(chan Signal, len(signals)+1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handlers == nil {
		p.handlers = map[Signal]chan<- Signal{}
	}
	for _, s := range signals {
		if s != SIGKILL && s != SIGSTOP {
			p.handlers[s] = ch
			delete(p.ignored, s)
		}
	}
	return ch
}

// Ignore makes signals have no effect, also in processes that are started later.
func (p *Process) Ignore(signals ...Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ignored == nil {
		p.ignored = map[Signal]bool{}
	}
	for _, s := range signals {
		if s != SIGKILL && s != SIGSTOP {
			p.ignored[s] = true
			delete(p.handlers, s)
		}
	}
}

// Default gives signals their default effect back.
func (p *Process) Default(signals ...Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range signals {
		delete(p.handlers, s)
		delete(p.ignored, s)
	}
}

// Kill sends a signal to a process of the same PID namespace: -1 means all but PID 1 and this one, other negative
// numbers a process and its descendants. Signal 0 only checks. It fails with ESRCH when there is none.
func (p *Process) Kill(pid int, sig Signal) error {
	var targets []*Process
	switch {
	case pid == -1:
		for _, q := range p.table.all(nil) {
			if q.pid != 1 && q != p {
				targets = append(targets, q)
			}
		}
	case pid < -1:
		for _, q := range p.table.all(nil) {
			if q.descends(-pid) {
				targets = append(targets, q)
			}
		}
	case pid == 0:
		targets = []*Process{p}
	default:
		if q := p.table.get(pid); q != nil {
			targets = []*Process{q}
		}
	}
	if len(targets) == 0 {
		return ESRCH
	}
	for _, q := range targets {
		q.deliver(sig, p)
	}
	return nil
}

// descends reports whether pid is the process or above it.
func (p *Process) descends(pid int) bool {
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	for q := p; q != nil; q = q.parent {
		if q.pid == pid {
			return true
		}
	}
	return false
}

// deliver gives a signal its effect, by the rules of signal(7) and pid_namespaces(7): the first process of a namespace
// gets from inside only what it has a handler for, so not even SIGKILL; from outside, that is from the node, SIGKILL
// and SIGSTOP always work. sender is nil for the node and for the kernel's own signals.
func (p *Process) deliver(sig Signal, sender *Process) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sig == 0 || p.finished || p.exit.signal != 0 {
		return
	}
	if sig == SIGCONT || sig == SIGKILL {
		p.resume()
	}
	if handler, ok := p.handlers[sig]; ok {
		select {
		case handler <- sig:
		default:
		}
		return
	}
	protected := p.pid == 1 && (sender != nil || (sig != SIGKILL && sig != SIGSTOP))
	switch {
	case p.ignored[sig] || sig.harmless() || protected:
	case sig.stops():
		if p.resumed == nil {
			p.resumed = make(chan struct{})
		}
	default:
		p.exit.signal = sig
		p.resume()
		p.cancel()
	}
}

// resume ends a stop; p.mu is held.
func (p *Process) resume() {
	if p.resumed != nil {
		close(p.resumed)
		p.resumed = nil
	}
}

// gate waits while the process is stopped. Programs pass it at every read, write and accept.
func (p *Process) gate() error {
	for {
		p.mu.Lock()
		resumed := p.resumed
		p.mu.Unlock()
		if resumed == nil {
			return p.ctx.Err()
		}
		select {
		case <-resumed:
		case <-p.ctx.Done():
			return context.Cause(p.ctx)
		}
	}
}

// Wait waits while the process is stopped by SIGSTOP. Programs that work without reading or writing call it in their
// loops. The error is that of the process's context.
func (p *Process) Wait() error { return p.gate() }
