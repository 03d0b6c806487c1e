package tui

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// look is a look at the difference between a manifest and the objects that stopped a task.
type look struct {
	stopped lab.Task
	after   uint64 // the task that looks comes after this one
}

// offerChoice opens the choice of what to do about objects that have stopped a task, once for each task, and again after the
// difference was looked at. Whatever else is open goes first.
func (m *Model) offerChoice() {
	if m.dialog != nil || m.prompt.open {
		return
	}
	for _, t := range slices.Backward(m.snap.Tasks) {
		if t.ID <= m.offered {
			break
		}
		if t.Foreign != nil {
			m.offered, m.looking = t.ID, nil
			m.chooseAbout(t)
			return
		}
	}
	l := m.looking
	if l == nil {
		return
	}
	i := slices.IndexFunc(m.snap.Tasks, func(t lab.Task) bool {
		return t.ID > l.after && t.Action == lab.Compare{Task: l.stopped.ID} && t.State != lab.TaskRunning
	})
	if i >= 0 {
		m.looking = nil
		m.showDifference(l.stopped, m.snap.Tasks[i])
	}
}

// chooseAbout asks what to do about the objects that have stopped t. Nothing is changed unless the user says so twice.
func (m *Model) chooseAbout(t lab.Task) {
	type way struct {
		item lab.Text
		do   func() tea.Cmd
	}
	foreign, intro := t.Foreign, m.sayf(m.texts.ForeignThere, widget.Clean(m.snap.Cluster.Name), m.snap.Cluster.Namespace)
	intro += "\n" + some(m.foreignOnes(foreign))
	var ways []way
	if foreign.File != "" {
		ways = append(ways, way{m.texts.SeeDifference, func() tea.Cmd { return m.lookAtDifference(t) }})
	}
	if foreign.Adoptable() {
		ways = append(ways, way{m.texts.AdoptIt, func() tea.Cmd { return m.adopt(t) }})
	} else {
		intro += "\n\n" + m.say(m.texts.NotAdoptable)
	}
	ways = append(ways, way{m.texts.OtherNamespace, func() tea.Cmd {
		d := m.read(m.texts.OtherNamespace, []string{m.say(m.texts.OtherNamespaceHow)})
		d.then = func() tea.Cmd { m.chooseAbout(t); return nil }
		return nil
	}}, way{m.texts.LeaveForeign, func() tea.Cmd { return nil }})
	items := make([]string, len(ways))
	for i, w := range ways {
		items[i] = m.say(w.item)
	}
	at := 0
	if foreign.File == "" {
		at = len(ways) - 1
	}
	m.choose(m.texts.ForeignTitle, intro, items, at, func(i int) tea.Cmd { return ways[i].do() })
}

// foreignOnes lists objects with whose they are.
func (m *Model) foreignOnes(foreign *lab.Foreign) []string {
	var ones []string
	for _, o := range foreign.Objects {
		whose := o.Owner
		if o.Controller != "" {
			whose = m.sayf(m.texts.ControlledBy, o.Controller)
		}
		ones = append(ones, owned(o.Name, whose))
	}
	return ones
}

// lookAtDifference has kubectl tell the difference, which is shown once it has come.
func (m *Model) lookAtDifference(t lab.Task) tea.Cmd {
	m.looking = &look{stopped: t}
	if n := len(m.snap.Tasks); n > 0 {
		m.looking.after = m.snap.Tasks[n-1].ID
	}
	m.bringForward(Output)
	return m.do(lab.Compare{Task: t.ID})
}

// showDifference shows what kubectl told, and then lets the user choose again.
func (m *Model) showDifference(stopped, told lab.Task) {
	text := told.Output
	if _, changes, ok := strings.Cut(text, "\n@@"); ok {
		text = "@@" + changes // above it are only the names of temporary files
	}
	switch {
	case text == "" && told.State == lab.TaskDone:
		text = m.say(m.texts.NoForeignDifference)
	case text == "":
		text = m.say(told.Problem)
	}
	d := m.read(textf(m.texts.DifferenceTitle, widget.Clean(filepath.Base(stopped.Foreign.File))), []string{text})
	d.then = func() tea.Cmd { m.chooseAbout(stopped); return nil }
}

// adopt asks, and has the session make the objects healthlab's.
func (m *Model) adopt(t lab.Task) tea.Cmd {
	key := func(id string) string { return keyName(m.keys.byID(id).Keys[0], m.ascii) }
	question := some(m.foreignOnes(t.Foreign)) + "\n\n" + m.sayf(m.texts.AdoptAsk, key("run"), key("reset-step"))
	if m.snap.Cluster.DryRun {
		question += "\n\n" + m.say(m.texts.AdoptDryRun)
	}
	m.confirm(question, func() tea.Cmd {
		m.bringForward(Output)
		m.settle(t.ID)
		return m.do(lab.Adopt{Task: t.ID})
	})
	return nil
}
