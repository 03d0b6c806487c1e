package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// cleanUp is how the console is left: it asks while tasks are running, and offers to delete what the labs have left on a cluster
// of the user's own.
type cleanUp struct {
	flow
	quitting bool // the user has been asked, or remains are looked for
	left     Left
}

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

// remainsWithin is how long the console looks for what the labs have left.
const remainsWithin = 10 * time.Second

// whyNoClusters is why nothing can be asked or done about clusters.
func (f *cleanUp) whyNoClusters() lab.Text {
	if f.cfg.Clusters == nil {
		return f.texts.NoClusters
	}
	return lab.Text{}
}

func (f *cleanUp) disabled() lab.Text {
	if f.cfg.Replay != nil {
		return course.WhyNotInReplay().Text
	}
	switch c := f.snap().Cluster; {
	case !c.Real:
		return f.texts.NothingEverLeft
	case c.ReadOnly:
		return f.texts.NoCleanUp
	}
	if why := f.whyNoClusters(); !why.IsZero() {
		return why
	}
	return f.moment().WhyNoCluster().Text
}

// start offers to delete what the labs have left, and stays.
func (f *cleanUp) start() tea.Cmd { return f.find(nil) }

// before offers to delete what the labs have left on a cluster of the user's own, before then leaves it.
func (f *cleanUp) before(then func() tea.Cmd) tea.Cmd {
	switch c := f.snap().Cluster; {
	case !c.Real || c.ReadOnly || c.DryRun || f.cfg.Clusters == nil:
		return then()
	case c.Phase != lab.Up:
		f.left.Messages = append(f.left.Messages, textf(f.texts.CannotLook, f.cfg.CleanUpLine))
		return then()
	}
	return f.find(then)
}

// find finds out what is left. Who quits once more meanwhile does not wait for the answer.
func (f *cleanUp) find(then func() tea.Cmd) tea.Cmd {
	f.quitting = then != nil
	f.tell(f.texts.LookingForRemains, toneInfo)
	clusters := f.cfg.Clusters
	return f.during(func(ctx context.Context) tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, remainsWithin)
		defer cancel()
		remains, err := clusters.Remains(ctx)
		return remainsMsg{remains, err, then}
	})
}

// onRemains shows what is left and asks. Without an answer nothing is deleted.
func (f *cleanUp) onRemains(msg remainsMsg) tea.Cmd {
	f.dirty = true
	f.clear()
	leaving := msg.then != nil
	switch {
	case msg.err != nil && leaving:
		why := lab.InFull(msg.err)
		f.left.Messages = append(f.left.Messages, why, textf(f.texts.CannotLook, f.cfg.CleanUpLine))
		return msg.then()
	case msg.err != nil:
		f.fail(lab.InFull(msg.err))
		return nil
	case len(msg.remains) == 0 && leaving:
		return msg.then()
	case len(msg.remains) == 0:
		f.tell(f.texts.NothingLeft, toneInfo)
		return nil
	}
	var names []string
	for _, one := range msg.remains {
		names = append(names, owned(one.Name, one.Owner))
	}
	c := f.snap().Cluster
	question := f.sayf(f.texts.LeftThere, widget.Clean(c.Name), c.Namespace) + "\n" + some(names)
	if !leaving {
		f.confirm(question+"\n\n"+f.say(f.texts.DeleteAsk), func() tea.Cmd { return f.delete(msg.remains, nil) })
		return nil
	}
	answers := []string{f.say(f.texts.LeaveIt), f.say(f.texts.DeleteIt), f.say(f.texts.StayHere)}
	f.choose(f.texts.CleanUpTitle, question, answers, 0, func(i int) tea.Cmd {
		switch i {
		case 0:
			f.left.Messages = append(f.left.Messages, textf(f.texts.LeftBehind, f.cfg.CleanUpLine))
			return msg.then()
		case 1:
			return f.delete(msg.remains, msg.then)
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

func (f *cleanUp) delete(remains []lab.Remnant, then func() tea.Cmd) tea.Cmd {
	f.tell(f.texts.Deleting, toneInfo)
	clusters := f.cfg.Clusters
	return f.during(func(ctx context.Context) tea.Msg {
		msg := deletedMsg{then: then}
		msg.err = clusters.Delete(ctx, remains, func(one lab.Remnant) { msg.deleted = append(msg.deleted, one) })
		return msg
	})
}

// onDeleted says what was deleted: at once, or once the screen is gone.
func (f *cleanUp) onDeleted(msg deletedMsg) tea.Cmd {
	f.dirty = true
	f.clear()
	done := f.texts.Deleted
	if f.snap().Cluster.DryRun {
		done = f.texts.WouldDelete
	}
	var messages []lab.Text
	for _, one := range msg.deleted {
		messages = append(messages, textf(done, widget.Clean(one.Name)))
	}
	if msg.err != nil {
		messages = append(messages, lab.InFull(msg.err))
	}
	if msg.then != nil {
		f.left.Messages = append(f.left.Messages, messages...)
		return msg.then()
	}
	var lines []string
	for _, w := range messages {
		lines = append(lines, f.say(w))
	}
	f.read(f.texts.CleanUpTitle, lines)
	return nil
}

// quit asks first while tasks are running. Who quits once more does not wait for what is asked or looked for.
func (f *cleanUp) quit() tea.Cmd {
	n := len(f.moment().Running())
	switch {
	case f.quitting, f.cfg.Replay != nil:
		return tea.Quit
	case n == 0:
		return f.leave()
	}
	f.quitting = true
	f.confirm(f.sayf(f.texts.QuitTasks, n), f.leave)
	return nil
}

func (f *cleanUp) leave() tea.Cmd {
	return f.before(func() tea.Cmd { return tea.Quit })
}

// leaveFor leaves for another cluster.
func (f *cleanUp) leaveFor(next lab.Context) tea.Cmd {
	return f.before(func() tea.Cmd { return f.again(next) })
}

// again begins anew on a cluster. Nothing has to be cleaned up.
func (f *cleanUp) again(next lab.Context) tea.Cmd {
	f.left.Next = &next
	return tea.Quit
}
