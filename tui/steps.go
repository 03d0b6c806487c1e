package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// steps is the way through the labs: run a step, go to another one, start over, see hints and the solution.
type steps struct {
	flow
	question *question // that some steps put before they are done
	faults   *faults   // that some steps consist of
	hints    int       // how many hints of the step have been shown
}

func (f *steps) run() tea.Cmd {
	s := f.moment().Step()
	if len(s.Commands) == 0 {
		return f.faults.inject(s.Fault)
	}
	asks := f.moment().Confirmations()
	run := func() tea.Cmd {
		f.bringForward(Output)
		return f.do(lab.RunStep{Confirmed: len(asks) > 0})
	}
	return f.question.before(func() tea.Cmd {
		if len(asks) == 0 {
			return run()
		}
		f.confirm(f.say(lab.Join(asks, "\n")), run)
		return nil
	})
}

func (f *steps) by(n int) tea.Cmd {
	to, ok := f.moment().By(n)
	if !ok {
		return nil
	}
	return f.do(to)
}

func (f *steps) open() tea.Cmd {
	var items []string
	var targets []lab.GoTo
	now, at := f.moment(), 0
	for i, l := range f.cfg.Labs {
		for j, s := range l.Steps {
			target, mark := lab.GoTo{Lab: i, Step: j}, f.style.Glyphs.Todo
			if now.Done(target) {
				mark = f.style.Glyphs.OK
			}
			if target == now.Here() {
				at = len(items)
			}
			items = append(items, fmt.Sprintf("%s %s %d. %s", mark, f.say(l.Title), j+1, f.say(s.Title)))
			targets = append(targets, target)
		}
	}
	f.choose(lab.T("단계 고르기", "Go to a step"), "", items, at, func(i int) tea.Cmd { return f.do(targets[i]) })
	return nil
}

func (f *steps) resetLab() tea.Cmd {
	f.confirm(f.say(lab.T("이 실습이 만든 것을 모두 지우고 첫 단계부터 다시 시작할까요?",
		"Delete everything that this lab created, and start again at its first step?")), func() tea.Cmd {
		l, s := f.moment().Lab(), f.moment().Step()
		if s == nil {
			return nil
		}
		return f.doThen(lab.ResetLab{}, forgetMsg{l.ID, l.Steps})
	})
	return nil
}

func (f *steps) resetStep() tea.Cmd {
	f.confirm(f.say(lab.T("이 단계의 목표를 초기화하고, 이 단계의 명령이 만든 것을 지울까요?",
		"Reset the goals of this step, and delete what its commands created?")), func() tea.Cmd {
		l, s := f.moment().Lab(), f.moment().Step()
		if s == nil {
			return nil
		}
		return f.doThen(lab.ResetStep{}, forgetMsg{l.ID, []lab.Step{*s}})
	})
	return nil
}

func (f *steps) hint() tea.Cmd {
	s := f.moment().Step()
	f.hints = f.hints%len(s.Hints) + 1
	f.read(lab.Textf("힌트 %d/%d", "Hint %d/%d", f.hints, len(s.Hints)), []string{f.moment().Fill(f.say(s.Hints[f.hints-1]))})
	return nil
}

func (f *steps) solution() tea.Cmd {
	s := f.moment().Step()
	solution := s.Solution
	f.confirm(f.say(lab.Textf("풀이를 볼까요? 먼저 힌트(%s)를 볼 수도 있습니다.", "Show the solution? There may be hints (%s) to try first.",
		f.key("hint"))), func() tea.Cmd {
		f.read(lab.T("풀이", "Solution"), []string{f.moment().Fill(f.say(solution))})
		return nil
	})
	return nil
}

// matters reports whether the footer shows the key that runs the step.
func (f *steps) matters() bool {
	now := f.moment()
	return now.WhyNot(lab.RunStep{}).IsZero() && (!now.Complete() || now.Next().Kind == course.NextRunAgain)
}
