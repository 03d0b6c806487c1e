package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// askFirst puts the question of the current step, unless it was asked before, and then goes on with then whether it was
// answered or skipped. Who leaves the question has changed their mind: nothing is done, and it is put again.
func (m *Model) askFirst(then func() tea.Cmd) tea.Cmd {
	q, key := m.moment().Ask()
	if q == nil {
		return then()
	}
	var items []string
	for _, o := range q.Options {
		items = append(items, m.say(o))
	}
	items = append(items, m.say(m.texts.SkipQuestion))
	skipped := len(items) - 1
	m.choose(m.texts.QuestionTitle, m.say(q.Prompt), items, 0, func(i int) tea.Cmd {
		if i == skipped {
			i = course.Skipped
		}
		m.setAnswers(m.answers.With(key, i))
		return tea.Batch(m.keepAnswer(key, i), then())
	})
	return nil
}

// forgetMsg says that the questions of these steps of a lab come anew.
type forgetMsg struct {
	lab   string
	steps []lab.Step
}

// setAnswers takes over answers, and lets the guide set the user's expectations beside what happens.
func (m *Model) setAnswers(answers course.Answers) {
	m.dirty = true
	m.answers = answers
	if g, ok := m.panes[Guide].(interface{ SetAnswers(course.Answers) }); ok {
		g.SetAnswers(answers)
	}
}

func (m *Model) keepAnswer(key string, answer int) tea.Cmd {
	keep, failed := m.cfg.OnAnswer, m.texts.AnswerFailed
	if keep == nil {
		return nil
	}
	return func() tea.Msg {
		if err := keep(key, answer); err != nil {
			return noticeMsg{withCause(failed, err), true}
		}
		return nil
	}
}

// tellAnswer says how the user's expectation compares with what has happened. It says so on the news line and not in a
// dialog, because what is going on at that moment is worth seeing; the guide and the past news keep the explanation.
func (m *Model) tellAnswer(labID, stepID string) {
	_, step := course.Find(m.cfg.Labs, labID, stepID)
	if step == nil {
		return
	}
	beside, ok := course.Compare(m.answers, labID, *step)
	verdict, tone := m.texts.AnswerWrong, toneInfo
	switch {
	case !ok || beside.Verdict == course.NoAnswer:
		return
	case beside.Verdict == course.Right:
		verdict, tone = m.texts.AnswerRight, toneGood
	}
	fill := func(l lab.Lang) string {
		return fmt.Sprintf(verdict.In(l), beside.Expected.In(l), beside.Happened.In(l))
	}
	n := note{At: m.now(), Text: lab.Text{Ko: fill(lab.Korean), En: fill(lab.English)}, Tone: tone, Weight: 4}
	m.latest = n
	n.Text.Ko += " " + beside.Because.Ko
	n.Text.En += " " + beside.Because.En
	m.remember(n)
}
