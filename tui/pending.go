package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// pendingFor is how long a step that was asked for is awaited. A session answers within a tenth of a second.
const pendingFor = 2 * time.Second

// pending holds back what is pressed while the console is on its way to a step.
type pending struct {
	flow
	act  func(Binding) tea.Cmd // does what was held back
	step *pendingStep          // nil if the console is where the user wants to be
}

// pendingStep is a step that was asked for and that no snapshot shows yet. What is pressed meanwhile is meant for that step, so
// it waits: two presses of "next" go two steps on, and "run" never runs the step left behind.
type pendingStep struct {
	from  lab.GoTo // where the console was
	to    lab.GoTo
	since time.Time
	then  []Binding
}

// ask notes that a was asked for.
func (p *pending) ask(a lab.GoTo) {
	if here := p.moment().Here(); here != a {
		p.step = &pendingStep{from: here, to: a, since: p.now()}
	}
}

// holds reports whether b has to wait for the step that was asked for, and if so keeps it.
func (p *pending) holds(b Binding) bool {
	if p.step == nil || b.group != groupLab && b.group != groupFault {
		return false
	}
	p.step.then = append(p.step.then, b)
	return true
}

// arrive goes on with what has waited once the step is there, or will not come.
func (p *pending) arrive(failed bool) tea.Cmd {
	h := p.step
	if h == nil {
		return nil
	}
	age := p.now().Sub(h.since)
	if p.moment().Here() == h.from && !failed && age >= 0 && age < pendingFor {
		return nil
	}
	p.step = nil
	if p.moment().Here() != h.to {
		return nil // what was pressed for a step that did not come is not done to another one
	}
	var cmds []tea.Cmd
	for _, b := range h.then {
		cmds = append(cmds, p.act(b))
	}
	return tea.Batch(cmds...)
}
