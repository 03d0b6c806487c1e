package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// tasks lists what is under way and what was, and cancels it.
type tasks struct{ flow }

func (f *tasks) open() tea.Cmd {
	title := lab.T("작업", "Tasks")
	tasks := slices.Clone(f.snap().Tasks)
	slices.Reverse(tasks) // newest first
	var items []string
	for _, t := range tasks {
		items = append(items, f.line(t))
	}
	f.choose(title, "", items, 0, func(i int) tea.Cmd {
		t := tasks[i]
		if t.State == lab.TaskRunning {
			f.confirm(f.say(lab.Textf("%s 작업을 취소할까요?", "Cancel %s?", f.taskName(t))), func() tea.Cmd {
				return f.do(lab.Cancel{Task: t.ID})
			})
			return nil
		}
		var lines []string
		for _, part := range []string{f.say(t.Title), t.Line, f.say(t.Problem), f.say(t.Note), t.Output} {
			if part != "" {
				lines = append(lines, part, "")
			}
		}
		f.read(title, lines)
		return nil
	})
	return nil
}

// line is a task with its state and how long it has taken.
func (f *tasks) line(t lab.Task) string {
	g, name := f.style.Glyphs, f.taskName(t)
	took := span(t.Took, f.lang)
	mark, ended := g.OK, lab.Textf("%s %s", "%s in %s", t.State.Words(), took)
	switch t.State {
	case lab.TaskRunning:
		return g.Running + " " + f.taskFor(name, t)
	case lab.TaskFailed:
		mark, ended = g.Fail, lab.Textf("%s %s", "%s after %s", t.State.Words(), took)
	case lab.TaskCanceled:
		mark, ended = g.Canceled, lab.Textf("%s %s", "%s after %s", t.State.Words(), took)
	case lab.TaskDone:
	}
	return mark + " " + name + ", " + f.say(ended)
}

// span is a duration in whole units, or tenths of a second below ten seconds.
func span(d time.Duration, l lab.Lang) string {
	d = max(d, 0)
	s := int(d / time.Second)
	switch {
	case d < 10*time.Second:
		return lab.Textf("%.1f초", "%.1fs", d.Seconds()).In(l)
	case s < 60:
		return lab.Textf("%d초", "%ds", s).In(l)
	case s < 3600:
		return lab.Textf("%d분 %d초", "%dm%ds", s/60, s%60).In(l)
	default:
		return lab.Textf("%d시간 %d분", "%dh%dm", s/3600, s/60%60).In(l)
	}
}
