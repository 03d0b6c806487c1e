package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// steps is the way through the labs: run a step, go to another one, begin anew, see hints and the solution.
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
	var asks []string
	for _, ask := range f.moment().Confirmations() {
		asks = append(asks, f.say(ask))
	}
	run := func() tea.Cmd {
		f.bringForward(Output)
		return f.do(lab.RunStep{Confirmed: len(asks) > 0})
	}
	return f.question.before(func() tea.Cmd {
		if len(asks) == 0 {
			return run()
		}
		f.confirm(strings.Join(asks, "\n"), run)
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
				mark = f.style.Glyphs.Done
			}
			if target == now.Here() {
				at = len(items)
			}
			items = append(items, fmt.Sprintf("%s %s %d. %s", mark, f.say(l.Title), j+1, f.say(s.Title)))
			targets = append(targets, target)
		}
	}
	f.choose(f.texts.StepsTitle, "", items, at, func(i int) tea.Cmd { return f.do(targets[i]) })
	return nil
}

func (f *steps) resetLab() tea.Cmd {
	f.confirm(f.say(f.texts.ResetAsk), func() tea.Cmd {
		l, s := f.moment().Lab(), f.moment().Step()
		if s == nil {
			return nil
		}
		return f.doThen(lab.ResetLab{}, forgetMsg{l.ID, l.Steps})
	})
	return nil
}

func (f *steps) resetStep() tea.Cmd {
	f.confirm(f.say(f.texts.ResetStepAsk), func() tea.Cmd {
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
	f.read(textf(f.texts.HintTitle, f.hints, len(s.Hints)), []string{f.moment().Fill(f.say(s.Hints[f.hints-1]))})
	return nil
}

func (f *steps) solution() tea.Cmd {
	s := f.moment().Step()
	solution := s.Solution
	f.confirm(f.say(f.texts.SolutionAsk), func() tea.Cmd {
		f.read(f.texts.SolutionTitle, []string{f.moment().Fill(f.say(solution))})
		return nil
	})
	return nil
}

// matters reports whether the footer shows the key that runs the step.
func (f *steps) matters() bool {
	now := f.moment()
	return now.WhyNot(lab.RunStep{}).IsZero() && (!now.Complete() || now.Next().Kind == course.NextRunAgain)
}
