package terminal

import (
	"os"
	"os/signal"
	"sync"
	"time"
)

// late is how long after something else had the terminal a press of Ctrl-C may still arrive that was meant for it: the system
// tells all processes of the terminal at once, and the other may have ended by it before this one is told.
const late = 500 * time.Millisecond

// Interrupts are the presses of Ctrl-C that reach the process as a signal. They end the program, except while something
// else has the terminal: then they are meant for that.
type Interrupts struct {
	mu     sync.Mutex
	mean   func()    // guarded by mu
	before func()    // guarded by mu: what they meant while something else had the terminal
	until  time.Time // guarded by mu: when they do so no more
}

// Listen has every interrupt call end. The returned function stops that.
func (i *Interrupts) Listen(end func()) (stop func()) {
	i.mean = end
	pressed := make(chan os.Signal, 1)
	signal.Notify(pressed, os.Interrupt)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range pressed {
			i.meaning()()
		}
	}()
	return func() {
		signal.Stop(pressed)
		close(pressed)
		<-done
	}
}

// meaning returns what an interrupt calls now.
func (i *Interrupts) meaning() func() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if time.Now().Before(i.until) {
		return i.before
	}
	return i.mean
}

// Give makes interrupts call to, until the returned function is called and a moment has passed. A nil receiver has no
// interrupts to give.
func (i *Interrupts) Give(to func()) (back func()) {
	if i == nil {
		return func() {}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	owner := i.mean
	i.mean, i.until = to, time.Time{}
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.mean, i.before, i.until = owner, to, time.Now().Add(late)
	}
}
