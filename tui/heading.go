package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// headingFor is how long a step that was asked for is awaited. A session answers within a tenth of a second.
const headingFor = 2 * time.Second

// heading is a step that was asked for and that no snapshot shows yet. What is pressed meanwhile is meant for that step, so
// it waits: two presses of "next" go two steps on, and "run" never runs the step left behind.
type heading struct {
	from  lab.GoTo // where the console was
	to    lab.GoTo
	since time.Time
	then  []Binding
}

// head notes that a was asked for.
func (m *Model) head(a lab.GoTo) {
	if here := m.moment().Here(); here != a {
		m.heading = &heading{from: here, to: a, since: m.now()}
	}
}

// waits reports whether b has to wait for the step that was asked for, and if so keeps it.
func (m *Model) waits(b Binding) bool {
	if m.heading == nil || b.group != groupLab && b.group != groupFault {
		return false
	}
	m.heading.then = append(m.heading.then, b)
	return true
}

// arrive goes on with what has waited once the step is there, or will not come.
func (m *Model) arrive(failed bool) tea.Cmd {
	h := m.heading
	if h == nil {
		return nil
	}
	age := m.now().Sub(h.since)
	if m.moment().Here() == h.from && !failed && age >= 0 && age < headingFor {
		return nil
	}
	m.heading = nil
	if m.moment().Here() != h.to {
		return nil // what was pressed for a step that did not come is not done to another one
	}
	var cmds []tea.Cmd
	for _, b := range h.then {
		cmds = append(cmds, m.act(b))
	}
	return tea.Batch(cmds...)
}
