package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// host is what a flow asks of the console that it runs in.
type host interface {
	// moment is how everything stands now.
	moment() course.Moment
	// do returns the command that carries out an action.
	do(lab.Action) tea.Cmd
	// doThen is do, with a message that comes once the action was accepted.
	doThen(a lab.Action, accepted tea.Msg) tea.Cmd
	// during returns the command that does what takes its time, unless the console has ended by then.
	during(func(ctx context.Context) tea.Msg) tea.Cmd
	// bringForward shows a pane that shares its place with others, unless the user has chosen what to see there.
	bringForward(PaneID)
	// typing reports whether the user is typing a command, so that nothing may get in the way.
	typing() bool
}

// flow is what every flow of the console begins with: the console around it, and what all share to speak, to tell and to ask.
// A flow is a struct with messages of its own, which Model.Update hands to it; only the goroutine of Update calls it.
type flow struct {
	host
	*display
	*dialogs
	*news
	cfg *Config // only read
}

// snap is the newest snapshot.
func (f *flow) snap() *lab.Snapshot { return f.moment().Snapshot }
