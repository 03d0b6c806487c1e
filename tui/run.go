package tui

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// Run shows the console until the user quits or ctx ends, both of which are no error. Options are handed on to the
// program; they come after those that Run sets itself. When Run returns, the terminal is as it was before, also after a
// panic, and every action still under way has been cancelled and has ended.
func Run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) error {
	m, err := New(cfg)
	if err != nil {
		return err
	}
	running, cancel := context.WithCancelCause(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel(nil)

	m.perform = func(a lab.Action) error {
		if running.Err() != nil {
			return running.Err()
		}
		work.Add(1)
		defer work.Done()
		return cfg.Lab.Do(running, a)
	}
	program := tea.NewProgram(m, append([]tea.ProgramOption{tea.WithContext(running), tea.WithFPS(30)}, opts...)...)
	b := newBridge(program.Send)
	// A panic in a goroutine of its own would leave the terminal raw: it ends the program in good order instead.
	guarded := func(f func()) {
		work.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					cancel(fmt.Errorf("console bridge panicked: %v\n%s", p, debug.Stack()))
				}
			}()
			f()
		})
	}
	guarded(func() { b.collect(running, cfg.Lab) })
	guarded(func() { b.deliver(running) })

	_, err = program.Run()
	return outcome(ctx, running, err)
}

// outcome tells a wanted end from a failure.
func outcome(outer, inner context.Context, err error) error {
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("the console failed unexpectedly: %w", err)
	case outer.Err() != nil || err == nil || errors.Is(err, tea.ErrInterrupted):
		return nil
	case inner.Err() != nil:
		return context.Cause(inner)
	default:
		return fmt.Errorf("run the console: %w", err)
	}
}
