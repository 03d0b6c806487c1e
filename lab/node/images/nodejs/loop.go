package nodejs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"

	"healthlab/lab/node/sandbox"
)

// loop is the event loop. All but tasks, ctx and waiting belongs to the process's goroutine.
type loop struct {
	p    *sandbox.Process
	vm   *goja.Runtime
	node *goja.Object // what the prelude returns
	args []string

	ctx     context.Context
	cancel  context.CancelFunc
	tasks   chan func() // from those that wait
	waiting sync.WaitGroup

	soon    []func() // what is to be done before anything else
	alive   int      // what keeps the program going: timers, servers, requests
	timers  map[int64]*timer
	signals map[string]bool
	refused map[*goja.Promise]bool // rejected, and nobody has looked at it

	over bool
	code int
}

// timer is one of setTimeout or setInterval.
type timer struct {
	stop  context.CancelFunc
	holds bool // it keeps the program going
}

// errOver interrupts the program that has called process.exit.
var errOver = errors.New("over")

// maxDepth is how deep calls may nest.
const maxDepth = 5000

func newLoop(ctx context.Context, p *sandbox.Process, g program) *loop {
	l := &loop{
		p: p, vm: goja.New(), tasks: make(chan func()), timers: map[int64]*timer{}, signals: map[string]bool{}, refused: map[*goja.Promise]bool{},
		args: append([]string{"/usr/local/bin/node"}, g.args...),
	}
	if g.file != "" {
		l.args = append([]string{"/usr/local/bin/node", g.file}, g.args...)
	}
	ctx, l.cancel = context.WithCancel(ctx)
	l.ctx = ctx
	context.AfterFunc(ctx, func() { l.vm.Interrupt(context.Canceled) })
	l.vm.SetMaxCallStackSize(maxDepth)
	l.vm.SetPromiseRejectionTracker(func(promise *goja.Promise, what goja.PromiseRejectionOperation) {
		if what == goja.PromiseRejectionReject {
			l.refused[promise] = true
		} else {
			delete(l.refused, promise)
		}
	})
	surround, err := l.vm.RunScript("node:internal", prelude)
	if err != nil {
		panic(err) // it is the program's own text
	}
	call, _ := goja.AssertFunction(surround)
	node, err := call(goja.Undefined(), l.vm.ToValue(l.host()), l.vm.GlobalObject())
	if err != nil {
		panic(err) // as above
	}
	l.node = node.ToObject(l.vm)
	return l
}

// close ends what waits.
func (l *loop) close() {
	l.cancel()
	l.waiting.Wait()
}

// later does something before the loop waits again.
func (l *loop) later(f func()) { l.soon = append(l.soon, f) }

// hand gives the loop something to do, from another goroutine.
func (l *loop) hand(f func()) {
	select {
	case l.tasks <- f:
	case <-l.ctx.Done():
	}
}

// wait runs what there is to do until nothing more can come.
func (l *loop) wait() {
	for !l.over && l.ctx.Err() == nil {
		if len(l.soon) > 0 {
			f := l.soon[0]
			l.soon = l.soon[1:]
			f()
			continue
		}
		if l.alive == 0 {
			return
		}
		select {
		case f := <-l.tasks:
			f()
		case <-l.ctx.Done():
		}
	}
}

// call calls a function of the program.
func (l *loop) call(f goja.Callable, args ...any) {
	l.do(func() error {
		values := make([]goja.Value, len(args))
		for i, a := range args {
			values[i] = l.vm.ToValue(a)
		}
		_, err := f(goja.Undefined(), values...)
		return err
	})
}

// do runs a part of the program and deals with what it throws.
func (l *loop) do(f func() error) {
	if l.over {
		return
	}
	err := f()
	for promise := range l.refused {
		delete(l.refused, promise)
		if err == nil {
			err = &rejection{promise.Result()}
		}
	}
	if err == nil || l.over {
		return
	}
	var thrown *goja.Exception
	var interrupted *goja.InterruptedError
	var rejected *rejection
	var deep *goja.StackOverflowError
	var value goja.Value
	stack := ""
	switch {
	case errors.As(err, &interrupted):
		if !l.over {
			l.over, l.code = true, 1
		}
		return
	case errors.As(err, &thrown):
		value, stack = thrown.Value(), thrown.String()
	case errors.As(err, &rejected):
		value = rejected.reason
	case errors.As(err, &deep):
		stack = "RangeError: Maximum call stack size exceeded"
	default:
		stack = err.Error()
	}
	if value != nil {
		if object, ok := value.(*goja.Object); ok {
			if s := object.Get("stack"); s != nil && s.String() != "" {
				stack = l.shown(value)
			}
		}
		if stack == "" {
			stack = "Uncaught " + l.shown(value)
		}
		uncaught, _ := goja.AssertFunction(l.node.Get("uncaught"))
		if handled, err := uncaught(goja.Undefined(), value); l.over || err == nil && handled.ToBoolean() {
			return
		}
	}
	stack = strings.Replace(stack, "SyntaxError: SyntaxError: ", "SyntaxError: ", 1) // goja says so twice
	fmt.Fprintf(l.p.Stderr, "%s\n\nNode.js v%s\n", strings.TrimRight(strings.ReplaceAll(stack, "\n\tat ", "\n    at "), "\n"), version(l.p))
	l.leave(1)
}

// rejection is a promise that nobody has looked at.
type rejection struct{ reason goja.Value }

func (r *rejection) Error() string { return "unhandled rejection" }

// leave tells the program that it ends.
func (l *loop) leave(code int) {
	l.code = code
	leave, _ := goja.AssertFunction(l.node.Get("leave"))
	if value, err := leave(goja.Undefined(), l.vm.ToValue(code)); err == nil && !l.over {
		l.code = int(value.ToInteger()) & 0xff
	}
	l.over = true
}

// exit is process.exit.
func (l *loop) exit(code int) {
	if !l.over {
		l.over, l.code = true, code&0xff
	}
	l.vm.Interrupt(errOver)
}

// timer calls a function later, once or again and again.
func (l *loop) timer(ms int64, repeat bool, f goja.Callable) int64 {
	id := int64(len(l.timers) + 1)
	for l.timers[id] != nil {
		id++
	}
	const longest = 1<<31 - 1 // as in Node.js, more is none
	if ms > longest {
		ms = 1
	}
	ctx, stop := context.WithCancel(l.ctx)
	t := &timer{stop: stop, holds: true}
	l.timers[id] = t
	l.alive++
	wait := time.Duration(ms) * time.Millisecond
	l.waiting.Go(func() {
		clock := time.NewTimer(wait)
		defer clock.Stop()
		for {
			select {
			case <-clock.C:
			case <-ctx.Done():
				return
			}
			done := make(chan struct{})
			l.hand(func() {
				defer close(done)
				if l.timers[id] != t {
					return
				}
				if !repeat {
					l.clear(id)
				}
				l.call(f)
			})
			if !repeat {
				return
			}
			select {
			case <-done:
			case <-ctx.Done():
				return
			}
			clock.Reset(wait)
		}
	})
	return id
}

// unref lets the program end although the timer runs.
func (l *loop) unref(id int64) {
	if t := l.timers[id]; t != nil && t.holds {
		t.holds = false
		l.alive--
	}
}

func (l *loop) clear(id int64) {
	l.unref(id)
	if t := l.timers[id]; t != nil {
		t.stop()
		delete(l.timers, id)
	}
}

// signal calls a function at each signal of a kind.
func (l *loop) signal(name string, f goja.Callable) {
	if l.signals[name] {
		return
	}
	signal, err := sandbox.ParseSignal(name)
	if err != nil {
		return
	}
	l.signals[name] = true
	came := l.p.Notify(signal)
	l.waiting.Go(func() {
		for {
			select {
			case <-came:
				l.hand(func() { l.call(f) })
			case <-l.ctx.Done():
				return
			}
		}
	})
}
