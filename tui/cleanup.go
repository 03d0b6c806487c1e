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

// cleanUp is the way out of the console: it asks while tasks are running, and offers to delete what the labs left on a cluster
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
		return lab.T("이 콘솔은 다른 클러스터로 갈 수 없습니다.", "This console cannot switch to another cluster.")
	}
	return lab.Text{}
}

func (f *cleanUp) disabled() lab.Text {
	if f.cfg.Replay != nil {
		return course.WhyNotInReplay().Text
	}
	switch c := f.snap().Cluster; {
	case !c.Real:
		return lab.T("내장 클러스터는 끝날 때 아무것도 남기지 않습니다.", "The embedded cluster leaves nothing behind.")
	case c.ReadOnly:
		return lab.T("읽기 전용(--read-only)이므로 삭제하지 않습니다.",
			"Nothing is deleted: the console is read-only (--read-only).")
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
		f.left.Messages = append(f.left.Messages, f.cannotLook())
		return then()
	}
	return f.find(then)
}

// cannotLook says how to clean up later where it is not known what is left.
func (f *cleanUp) cannotLook() lab.Text {
	return lab.Textf("실습이 남긴 것이 있는지 확인하지 못했습니다. 나중에 정리하기: %s",
		"Could not check what the labs left behind. To clean up later: %s", f.cfg.CleanUpLine)
}

// find looks for what is left. Quitting once more meanwhile does not wait for the answer.
func (f *cleanUp) find(then func() tea.Cmd) tea.Cmd {
	f.quitting = then != nil
	f.tell(lab.T("실습이 남긴 것을 찾는 중 …", "looking for what the labs left behind …"), toneInfo)
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
		f.left.Messages = append(f.left.Messages, why, f.cannotLook())
		return msg.then()
	case msg.err != nil:
		f.fail(lab.InFull(msg.err))
		return nil
	case len(msg.remains) == 0 && leaving:
		return msg.then()
	case len(msg.remains) == 0:
		f.tell(lab.T("실습이 남긴 것이 없습니다.", "The labs left nothing behind."), toneInfo)
		return nil
	}
	var names []string
	for _, one := range msg.remains {
		names = append(names, owned(one.Name, one.Owner))
	}
	c := f.snap().Cluster
	question := f.say(lab.Textf("%s의 네임스페이스 %s에 실습이 남긴 것:",
		"Left behind by the labs on %s, in namespace %s:", widget.Clean(c.Name), c.Namespace)) + "\n" + some(names)
	if !leaving {
		f.confirm(question+"\n\n"+f.say(lab.T("모두 삭제할까요?", "Delete all of it?")), func() tea.Cmd { return f.delete(msg.remains, nil) })
		return nil
	}
	answers := []string{
		f.say(lab.T("그대로 두고 나가기", "Keep it and leave")),
		f.say(lab.T("삭제하고 나가기", "Delete it and leave")),
		f.say(lab.T("콘솔로 돌아가기", "Back to the console")),
	}
	f.choose(cleanUpTitle(), question, answers, 0, func(i int) tea.Cmd {
		switch i {
		case 0:
			f.left.Messages = append(f.left.Messages, lab.Textf("실습이 만든 것을 그대로 두었습니다. 나중에 정리하기: %s",
				"What the labs created is still there. To clean up later: %s", f.cfg.CleanUpLine))
			return msg.then()
		case 1:
			return f.delete(msg.remains, msg.then)
		}
		return nil
	})
	return nil
}

func cleanUpTitle() lab.Text { return lab.T("정리", "Clean up") }

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
	f.tell(lab.T("삭제하는 중 …", "deleting …"), toneInfo)
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
	done := lab.T("삭제했습니다", "deleted")
	if f.snap().Cluster.DryRun {
		done = lab.T("삭제할 수 있습니다(dry run)", "can be deleted (dry run)")
	}
	var messages []lab.Text
	for _, one := range msg.deleted {
		messages = append(messages, lab.Textf("%s: %s", "%s: %s", done, widget.Clean(one.Name)))
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
	f.read(cleanUpTitle(), lines)
	return nil
}

// quit asks first while tasks are running. Quitting once more waits for neither an answer nor the search.
func (f *cleanUp) quit() tea.Cmd {
	n := len(f.moment().Running())
	switch {
	case f.quitting, f.cfg.Replay != nil:
		return tea.Quit
	case n == 0:
		return f.leave()
	}
	f.quitting = true
	f.confirm(f.say(lab.Textf("작업 %d개가 아직 진행 중입니다. 그만두고 끝낼까요?", "Tasks still running: %d. Stop them and quit?", n)), f.leave)
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
