package tui

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// tasks lists what is under way and what was, and cancels it.
type tasks struct{ flow }

func (f *tasks) open() tea.Cmd {
	tasks := slices.Clone(f.snap().Tasks)
	slices.Reverse(tasks) // newest first
	var items []string
	for _, t := range tasks {
		items = append(items, f.line(t))
	}
	f.choose(f.texts.TasksTitle, "", items, 0, func(i int) tea.Cmd {
		t := tasks[i]
		if t.State == lab.TaskRunning {
			f.confirm(f.sayf(f.texts.TaskCancelAsk, f.taskName(t)), func() tea.Cmd {
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
		f.read(f.texts.TasksTitle, lines)
		return nil
	})
	return nil
}

// line is a task with its state and how long it has taken.
func (f *tasks) line(t lab.Task) string {
	g, name := f.style.Glyphs, f.taskName(t)
	took := span(t.Took, f.lang)
	switch t.State {
	case lab.TaskRunning:
		return g.Running + " " + f.sayf(f.texts.TaskFor, name, span(f.clock().Sub(t.Started), f.lang))
	case lab.TaskFailed:
		return g.Fail + " " + name + ", " + f.sayf(f.texts.TaskFailed, took)
	case lab.TaskCanceled:
		return g.Canceled + " " + name + ", " + f.sayf(f.texts.TaskCanceled, took)
	case lab.TaskDone:
	}
	return g.Done + " " + name + ", " + f.sayf(f.texts.TaskDone, took)
}

// span is a duration in whole units, or tenths of a second below ten seconds.
func span(d time.Duration, l lab.Lang) string {
	d = max(d, 0)
	s := int(d / time.Second)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf(l.Pick("%.1f초", "%.1fs"), d.Seconds())
	case s < 60:
		return fmt.Sprintf(l.Pick("%d초", "%ds"), s)
	case s < 3600:
		return fmt.Sprintf(l.Pick("%d분 %d초", "%dm%ds"), s/60, s%60)
	default:
		return fmt.Sprintf(l.Pick("%d시간 %d분", "%dh%dm"), s/3600, s/60%60)
	}
}
