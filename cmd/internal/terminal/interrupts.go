package terminal

import (
	"os"
	"os/signal"
	"sync"
)

// Interrupts are the presses of Ctrl-C that reach the process as a signal. They end the program, except while something
// else has the terminal: then they are meant for that.
type Interrupts struct {
	mu   sync.Mutex
	mean func() // guarded by mu
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
			i.mu.Lock()
			mean := i.mean
			i.mu.Unlock()
			mean()
		}
	}()
	return func() {
		signal.Stop(pressed)
		close(pressed)
		<-done
	}
}

// Give makes interrupts call to, until the returned function is called. A nil receiver has no interrupts to give.
func (i *Interrupts) Give(to func()) (back func()) {
	if i == nil {
		return func() {}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	before := i.mean
	i.mean = to
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.mean = before
	}
}
