package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// askFirst puts the question of the current step, unless it was asked before, and then goes on with then whether it was
// answered or skipped. Who leaves the question has changed their mind: nothing is done, and it is put again.
func (m *Model) askFirst(then func() tea.Cmd) tea.Cmd {
	l, s := m.current()
	if l == nil || s == nil || s.Question == nil || m.asked[l.ID+"/"+s.ID] {
		return then()
	}
	k := l.ID + "/" + s.ID
	var items []string
	for _, o := range s.Question.Options {
		items = append(items, m.say(o))
	}
	items = append(items, m.say(m.texts.SkipQuestion))
	skipped := len(items) - 1
	answer := func(i int) tea.Cmd {
		m.asked[k] = true
		if i == skipped {
			i = -1
		}
		m.answers[k] = i
		m.handAnswers()
		return tea.Batch(m.keepAnswer(k, i), then())
	}
	m.choose(m.texts.QuestionTitle, m.say(s.Question.Prompt), items, 0, answer)
	return nil
}

// forget makes the questions of these steps come anew.
func (m *Model) forget(l *lab.Lab, steps ...lab.Step) {
	for _, s := range steps {
		k := l.ID + "/" + s.ID
		delete(m.answers, k)
		delete(m.asked, k)
		delete(m.told, k)
	}
	m.handAnswers()
}

// handAnswers lets the guide set the user's expectations beside what happens.
func (m *Model) handAnswers() {
	if g, ok := m.panes[Guide].(interface{ SetAnswers(map[string]int) }); ok {
		g.SetAnswers(m.answers)
	}
}

func (m *Model) keepAnswer(step string, answer int) tea.Cmd {
	keep, failed := m.cfg.OnAnswer, m.texts.AnswerFailed
	if keep == nil {
		return nil
	}
	return func() tea.Msg {
		if err := keep(step, answer); err != nil {
			return noticeMsg{textf(failed, err.Error()), true}
		}
		return nil
	}
}

// tellOutcome says how the user's expectation compares with what has happened. It says so on the news line and not in a
// dialog, because what is going on at that moment is worth seeing; the guide and the past news keep the explanation.
func (m *Model) tellOutcome(q lab.Question, answer int) {
	if q.Correct < 0 || q.Correct >= len(q.Options) {
		return
	}
	verdict, tone := m.texts.AnswerWrong, toneInfo
	if answer == q.Correct {
		verdict, tone = m.texts.AnswerRight, toneGood
	}
	fill := func(l lab.Lang) string {
		return fmt.Sprintf(verdict.In(l), q.Options[answer].In(l), q.Options[q.Correct].In(l))
	}
	n := note{At: m.cfg.Now(), Text: lab.Text{Ko: fill(lab.Korean), En: fill(lab.English)}, Tone: tone, Weight: 4}
	m.news = n
	n.Text.Ko += " " + q.Because.Ko
	n.Text.En += " " + q.Because.En
	m.remember(n)
}
