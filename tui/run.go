package tui

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
)

// framesPerSecond bounds how long a key waits for its frame: 11 ms. Nothing is written without a change, so that it costs
// next to nothing (about one percent of a core at rest).
const framesPerSecond = 90

// Run shows the console until the user quits or ctx ends, both of which are no error. Options are handed on to the
// program; they come after those that Run sets itself. When Run returns, the terminal is as it was before, also after a
// panic, and everything still under way has been cancelled and has ended. What it returns says how the console was left.
func Run(ctx context.Context, cfg Config, opts ...tea.ProgramOption) (Left, error) {
	running, cancel := context.WithCancelCause(ctx)
	var work sync.WaitGroup
	var actions underWay
	defer work.Wait()
	defer actions.finish()
	defer cancel(nil)

	// A panic in a goroutine would leave the terminal raw, or have Bubble Tea close the keyboard's reader while it is being
	// read: it ends the program in good order instead.
	guard := func(what string) {
		if p := recover(); p != nil {
			cancel(fmt.Errorf("%s: %v\n%s", what, p, debug.Stack()))
		}
	}
	m, err := newModel(cfg, func(f func(context.Context) tea.Msg) tea.Msg {
		if !actions.begin() {
			return nil
		}
		defer actions.work.Done()
		defer guard("the console failed unexpectedly")
		return f(running)
	})
	if err != nil {
		return Left{}, err
	}
	m.ended = running.Done()
	program := tea.NewProgram(m, append([]tea.ProgramOption{tea.WithFPS(framesPerSecond)}, opts...)...)
	// Quit, unlike cancelling the program's own context, draws the last frame and waits for the keyboard's reader.
	work.Go(func() {
		<-running.Done()
		program.Quit()
	})
	work.Go(func() {
		defer guard("console bridge panicked")
		follow(running, cfg.Lab, cfg.Labs, program.Send) // returns once the program has ended
	})

	_, err = program.Run()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return Left{}, fmt.Errorf("the console failed unexpectedly: %w", err)
	case err != nil && !errors.Is(err, tea.ErrInterrupted):
		return Left{}, fmt.Errorf("run the console: %w", err)
	case running.Err() != nil && ctx.Err() == nil:
		return Left{}, context.Cause(running)
	}
	return m.leaving(), nil
}

// Left is how a console was left: with what choices of the user, which the next one may begin with.
type Left struct {
	// Next is the cluster to go on with: one of the kubeconfig's contexts, or the embedded cluster, which has no name. Nil:
	// the user has quit.
	Next *lab.Context
	// Messages are to be printed once the screen is gone.
	Messages []lab.Text

	Theme              theme.Name // empty if it follows the terminal's background
	Presenter, NoMouse bool
}

func (m *Model) leaving() Left {
	left := m.cleanUp.left
	left.Presenter, left.NoMouse = m.presenter, !m.mouse
	if !m.followBackground {
		left.Theme = m.themeName
	}
	return left
}

// underWay counts what is under way so that the end can wait for it. Commands run in goroutines of Bubble Tea, which does not
// wait for those and may still start one at the end.
type underWay struct {
	work sync.WaitGroup

	mu       sync.Mutex
	finished bool // guarded by mu
}

// begin reports whether something may still start; if so, it must end with work.Done.
func (u *underWay) begin() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.finished {
		return false
	}
	u.work.Add(1)
	return true
}

// finish lets nothing start any more and waits for what has.
func (u *underWay) finish() {
	u.mu.Lock()
	u.finished = true
	u.mu.Unlock()
	u.work.Wait()
}
