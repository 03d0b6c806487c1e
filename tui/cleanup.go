package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// remainsMsg is what the labs have left on the cluster.
type remainsMsg struct {
	remains []lab.Remnant
	err     error
	then    func() tea.Cmd
}

// deletedMsg is what was deleted of it.
type deletedMsg struct {
	deleted []lab.Remnant
	err     error
	then    func() tea.Cmd
}

// lookFor is how long the console looks for what the labs have left.
const lookFor = 10 * time.Second

func (m *Model) whyNoCleanUp() lab.Text {
	switch c := m.snap.Cluster; {
	case !c.Real:
		return m.texts.NothingEverLeft
	case c.ReadOnly:
		return m.texts.NoCleanUp
	}
	if why := m.whyNoClusters(); !why.IsZero() {
		return why
	}
	return m.whyNoCluster()
}

// cleanUpNow offers to delete what the labs have left, and stays.
func (m *Model) cleanUpNow() tea.Cmd { return m.lookForRemains(nil) }

// cleanUp offers to delete what the labs have left on a cluster of the user's own, before then leaves it.
func (m *Model) cleanUp(then func() tea.Cmd) tea.Cmd {
	switch c := m.snap.Cluster; {
	case !c.Real || c.ReadOnly || c.DryRun || m.cfg.Clusters == nil:
		return then()
	case c.Phase != lab.Up:
		m.left.Words = append(m.left.Words, textf(m.texts.CannotLook, m.cfg.CleanUpLine))
		return then()
	}
	return m.lookForRemains(then)
}

// lookForRemains finds out what is left. Who quits once more meanwhile does not wait for the answer.
func (m *Model) lookForRemains(then func() tea.Cmd) tea.Cmd {
	m.quitting = then != nil
	m.tell(m.texts.LookingForRemains, toneInfo)
	clusters := m.cfg.Clusters
	return m.during(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, lookFor)
		defer cancel()
		remains, err := clusters.Remains(ctx)
		return remainsMsg{remains, err, then}
	})
}

// onRemains shows what is left and asks. Without an answer nothing is deleted.
func (m *Model) onRemains(msg remainsMsg) tea.Cmd {
	m.dirty = true
	m.clear()
	leaving := msg.then != nil
	switch {
	case msg.err != nil && leaving:
		why := lab.InFull(msg.err)
		m.left.Words = append(m.left.Words, why, textf(m.texts.CannotLook, m.cfg.CleanUpLine))
		return msg.then()
	case msg.err != nil:
		m.fail(lab.InFull(msg.err))
		return nil
	case len(msg.remains) == 0 && leaving:
		return msg.then()
	case len(msg.remains) == 0:
		m.tell(m.texts.NothingLeft, toneInfo)
		return nil
	}
	var names []string
	for _, one := range msg.remains {
		names = append(names, owned(one.Name, one.Owner))
	}
	c := m.snap.Cluster
	question := m.sayf(m.texts.LeftThere, widget.Clean(c.Name), c.Namespace) + "\n" + some(names)
	if !leaving {
		m.confirm(question+"\n\n"+m.say(m.texts.DeleteAsk), func() tea.Cmd { return m.delete(msg.remains, nil) })
		return nil
	}
	answers := []string{m.say(m.texts.LeaveIt), m.say(m.texts.DeleteIt), m.say(m.texts.StayHere)}
	m.choose(m.texts.CleanUpTitle, question, answers, 0, func(i int) tea.Cmd {
		switch i {
		case 0:
			m.left.Words = append(m.left.Words, textf(m.texts.LeftBehind, m.cfg.CleanUpLine))
			return msg.then()
		case 1:
			return m.delete(msg.remains, msg.then)
		}
		return nil
	})
	return nil
}

// owned names an object and whose it is, if that is known.
func owned(name, owner string) string {
	if owner == "" {
		return widget.Clean(name)
	}
	return widget.Clean(name) + " (" + widget.Clean(owner) + ")"
}

// some lists names, as many as fit on a small screen.
func some(names []string) string {
	const most = 10
	if more := len(names) - most; more > 0 {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("(+%d)", more))
	}
	return strings.Join(names, ", ")
}

func (m *Model) delete(remains []lab.Remnant, then func() tea.Cmd) tea.Cmd {
	m.tell(m.texts.Deleting, toneInfo)
	clusters := m.cfg.Clusters
	return m.during(func(ctx context.Context) tea.Msg {
		msg := deletedMsg{then: then}
		msg.err = clusters.Delete(ctx, remains, func(one lab.Remnant) { msg.deleted = append(msg.deleted, one) })
		return msg
	})
}

// onDeleted says what was deleted: at once, or once the screen is gone.
func (m *Model) onDeleted(msg deletedMsg) tea.Cmd {
	m.dirty = true
	m.clear()
	done := m.texts.Deleted
	if m.snap.Cluster.DryRun {
		done = m.texts.WouldDelete
	}
	var words []lab.Text
	for _, one := range msg.deleted {
		words = append(words, textf(done, widget.Clean(one.Name)))
	}
	if msg.err != nil {
		words = append(words, lab.InFull(msg.err))
	}
	if msg.then != nil {
		m.left.Words = append(m.left.Words, words...)
		return msg.then()
	}
	var lines []string
	for _, w := range words {
		lines = append(lines, m.say(w))
	}
	m.read(m.texts.CleanUpTitle, lines)
	return nil
}
