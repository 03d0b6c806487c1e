package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// question asks what the user expects of a step before it is done, keeps the answers, and compares them with what happens.
type question struct {
	flow
	answers course.Answers
	guide   interface{ SetAnswers(course.Answers) } // sets the user's expectations beside what happens
	changed func()                                  // is called when the answers have; nil for nothing
}

// before puts the question of the current step, unless it was asked before, and then goes on with then whether it was
// answered or skipped. If the user leaves the question, nothing is done, and it is put again.
func (f *question) before(then func() tea.Cmd) tea.Cmd {
	q, key := f.moment().Ask()
	if q == nil {
		return then()
	}
	var items []string
	for _, o := range q.Options {
		items = append(items, f.say(o))
	}
	items = append(items, f.say(lab.T("건너뛰기", "Skip")))
	skipped := len(items) - 1
	done := func(answer course.Answer) tea.Cmd {
		f.set(f.answers.With(key, answer))
		return tea.Batch(f.keep(key, answer), then())
	}
	f.choose(questionTitle(), f.say(q.Prompt), items, 0, func(i int) tea.Cmd {
		if i == skipped {
			return done(course.Answer{Option: course.Skipped})
		}
		if q.Time == nil {
			return done(course.Answer{Option: i})
		}
		return f.askTime(*q.Time, course.Answer{Option: i}, done)
	})
	return nil
}

func questionTitle() lab.Text { return lab.T("먼저 예상해 봅시다", "What do you expect?") }

// askTime asks when something comes about, and goes on with done whether it was answered or left open.
func (f *question) askTime(q lab.TimeQuestion, answer course.Answer, done func(course.Answer) tea.Cmd) tea.Cmd {
	return f.ask(questionTitle(), f.say(q.Prompt),
		f.say(lab.T("몇 초인지 44 또는 41-46처럼 적고 Enter · 비우면 건너뜀 · Esc 닫기",
			"Seconds, such as 44 or 41-46, and Enter · empty skips · Esc close")),
		func(typed string) (lab.Text, func() tea.Cmd) {
			if strings.TrimSpace(typed) != "" {
				when, err := course.ParseTime(typed)
				if err != nil {
					return lab.InFull(err), nil
				}
				answer.Time = &when
			}
			return lab.Text{}, func() tea.Cmd { return done(answer) }
		})
}

// forgetMsg says that the questions of these steps of a lab are to be asked again.
type forgetMsg struct {
	lab   string
	steps []lab.Step
}

func (f *question) onForget(msg forgetMsg) { f.set(f.answers.Without(msg.lab, msg.steps...)) }

// set takes over answers, and lets the guide set the user's expectations beside what happens.
func (f *question) set(answers course.Answers) {
	f.dirty = true
	f.answers = answers
	f.guide.SetAnswers(answers)
	if f.changed != nil {
		f.changed()
	}
}

func (f *question) keep(key string, answer course.Answer) tea.Cmd {
	keep := f.cfg.OnAnswer
	if keep == nil {
		return nil
	}
	return func() tea.Msg {
		if err := keep(key, answer); err != nil {
			return noticeMsg{lab.Textf("답을 저장하지 못했습니다: %s", "Could not save the answer: %s", lab.InFull(err)), true}
		}
		return nil
	}
}

// compare says how the user's expectation compares with what has happened. It says so on the news line and not in a
// dialog, because what is going on at that moment is worth seeing; the guide and the past news keep the explanation.
func (f *question) compare(labID, stepID string) {
	_, step := course.Find(f.cfg.Labs, labID, stepID)
	if step == nil {
		return
	}
	beside, ok := course.Compare(f.answers, labID, *step)
	verdict, tone := lab.Textf("예상과 달랐습니다. 정답: %s", "Not as expected. The answer: %s", beside.Happened), toneInfo
	switch {
	case !ok || beside.Verdict == course.NoAnswer:
		return
	case beside.Verdict == course.Right:
		verdict, tone = lab.Textf("예상이 맞았습니다: %s", "You were right: %s", beside.Happened), toneGood
	}
	n := note{At: f.now(), Text: verdict, Tone: tone, Weight: 4}
	f.show(n)
	n.Text = lab.Textf("%s %s", "%s %s", verdict, beside.Because)
	f.remember(n)
}
