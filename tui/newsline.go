package tui

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// newsLine is the line that says what has just happened or, after a while, what to do next. Errors stay there
// until they are dismissed; the right end shows what is under way. It is made anew whenever the screen is drawn.
type newsLine struct {
	*news
	moment course.Moment
}

// draw returns the line, of w cells.
func (n newsLine) draw(w int) string {
	right := ""
	if tasks := n.moment.Running(); len(tasks) > 0 {
		right = " " + n.taskUnderWay(tasks[len(tasks)-1], max(w/2-32, 10))
		if more := len(tasks) - 1; more > 0 {
			right += fmt.Sprintf(" (+%d)", more)
		}
		right += " (" + n.say(lab.Textf("%s 작업", "%s tasks", n.key("tasks"))) + ") "
	}
	room := w - ansi.StringWidth(right)
	left := n.text(room)
	return widget.Fit(left, room, n.style.Glyphs.Ellipsis) + n.style.Info.Render(right)
}

// taskUnderWay is a running task whose name is cut to room cells.
func (n newsLine) taskUnderWay(t lab.Task, room int) string {
	g := n.style.Glyphs
	name := ansi.Truncate(n.taskName(t), room, g.Ellipsis)
	return g.Running + " " + n.taskFor(name, t)
}

func (n newsLine) text(room int) string {
	g, s := n.style.Glyphs, n.style
	if last := len(n.fails) - 1; last >= 0 {
		hint := n.say(lab.Textf("%s 자세히 · %s 닫기", "%s in full · %s dismiss", n.key("error"), n.key("dismiss")))
		if last > 0 {
			hint = n.say(lab.Textf("외 %d건", "and %d more", last)) + ", " + hint
		}
		text := widget.Clean(n.say(n.fails[last].text))
		text = ansi.Truncate(" "+g.Fail+" "+text, max(room-ansi.StringWidth(hint)-3, 8), g.Ellipsis)
		return s.Alarm.Render(text+" ") + " " + s.Muted.Render(hint)
	}
	if !n.latest.Text.IsZero() {
		age := n.now().Sub(n.latest.At)
		glyph, style := g.Info, s.Info
		switch n.latest.Tone {
		case toneGood:
			glyph, style = g.OK, s.Good
		case toneBad:
			glyph, style = g.Warn, s.Warn
		case toneInfo:
		}
		if fresh, ok := s.Changed(age); ok && n.latest.Weight > 1 {
			style = fresh
		}
		return style.Render(" " + glyph + " " + widget.Clean(n.say(n.latest.Text)) + " ")
	}
	return n.whatNext()
}

// whatNext is why the step cannot be run, the first goal that is not met yet, and why, or that there is nothing left to do here.
func (n newsLine) whatNext() string {
	g, s := n.style.Glyphs, n.style
	if c := n.moment.Snapshot.Cluster; c.Real && (c.Phase == lab.Lost || c.Phase == lab.Failed) {
		hint := n.say(lab.Textf("다시 로그인하기: %s", "log in again: %s", n.key("login")))
		return s.Bad.Render(" "+g.Fail+" "+widget.Clean(n.say(c.Problem))) + s.Muted.Render(" - "+hint)
	}
	switch next := n.moment.Next(); {
	case !next.Why.IsZero() && !next.Why.Code.OfCluster(): // how the cluster stands is in the header
		return s.Warn.Render(" " + g.Pointer + " " + widget.Clean(n.say(next.Why.Text)))
	case next.Goal != nil:
		text := s.Accent.Render(" "+g.Pointer+" "+n.say(lab.T("목표", "Goal"))+": ") + n.say(next.Goal.Goal.Title)
		if !next.Goal.Why.IsZero() {
			text += s.Muted.Render(" - " + widget.Clean(n.say(next.Goal.Why)))
		}
		return text
	case next.Kind == course.NextWatch || next.Kind == course.NextRun || next.Kind == course.NextRunAgain: // which the guide says
		return ""
	case next.Complete:
		return s.Good.Render(" " + g.OK + " " + n.say(lab.Textf("이 단계의 목표를 모두 이루었습니다. %s 키로 다음 단계로 갑니다.",
			"All goals of this step are met. Press %s for the next step.", n.key("next"))))
	case !next.More:
		return ""
	}
	return s.Muted.Render(" " + g.Pointer + " " + n.say(lab.Textf("읽고 나서 %s 키로 다음 단계로 갑니다.", "Read this step, then press %s for the next one.", n.key("next"))))
}
