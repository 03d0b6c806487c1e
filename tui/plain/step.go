package plain

import (
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// proposal is the next sensible thing: what Enter alone does.
type proposal struct {
	prompt  lab.Text
	do      func()
	waiting bool // for the cluster, with nothing to do meanwhile
}

func (c *console) sensible() proposal {
	m := c.moment()
	if len(m.Running()) > 0 {
		return proposal{do: func() { c.say(c.waitingFor()) }, waiting: true} // what it waits for is said after a while
	}
	next := m.Next()
	if next.Action != nil && !next.Why.IsZero() {
		why := widget.Clean(next.Why.Text.In(c.Lang))
		return proposal{do: func() {}, prompt: lab.Textf("이 단계는 지금 실행할 수 없습니다. %s", "This step cannot be run now. %s", why)}
	}
	switch next.Kind {
	case course.NextNothing:
		return proposal{prompt: lab.Textf("클러스터를 쓸 수 없습니다. 상태는 %s 명령으로 듣고, %s 명령으로 끝냅니다.",
			"The cluster cannot be used. Type %s for its state, %s to quit.", c.letter("here"), c.letter("quit")), do: c.here}
	case course.NextBusy:
		return proposal{do: func() { c.say(c.waitingFor()) }, waiting: true}
	case course.NextWait:
		return proposal{
			prompt: lab.Textf("목표가 이루어지기를 기다립니다. 바뀌면 알립니다. 목표는 %s, 상태는 %s 명령으로 듣습니다.",
				"Waiting for the goals. You will hear what changes. Type %s for the goals, %s for the state.",
				c.letter("goals"), c.letter("here")),
			do: c.goals, waiting: true,
		}
	case course.NextRunAgain:
		return proposal{do: c.runStep, prompt: lab.Textf(
			"이 단계의 목표는 이미 이루어져 있습니다. Enter를 누르면 이 단계의 명령을 실행합니다. 다음 단계로 가려면 %s 명령을 입력하십시오.",
			"The goals of this step are already met. Press Enter to run its commands. Type %s for the next step.", c.letter("next"))}
	case course.NextRun:
		prompt := lab.T("Enter를 누르면 이 단계의 명령을 실행합니다. 다른 터미널에서 직접 입력해도 됩니다.",
			"Press Enter to run the commands of this step, or type them yourself in a second terminal.")
		if next.Fault != nil {
			prompt = lab.Textf("Enter를 누르면 실행합니다: %s.", "Press Enter to do this: %s.", next.Fault.Title)
		}
		return proposal{do: c.runStep, prompt: prompt}
	case course.NextGoOn, course.NextFinished, course.NextWatch:
	}
	return c.onwards(m, next)
}

// onwards is what to do at a step that is over.
func (c *console) onwards(m course.Moment, next course.Next) proposal {
	then := proposal{do: func() { c.goBy(1) }}
	switch l, step := m.At(next.To); {
	case !next.More:
		then = proposal{prompt: lab.Textf("마지막 단계입니다. %s 명령으로 끝냅니다.", "This was the last step. Type %s to quit.", c.letter("quit")), do: c.goals}
	case next.NewLab(m):
		then.prompt = lab.Textf("Enter를 누르면 다음 실습으로 갑니다: %s.", "Press Enter for the next lab: %s.", l.Title)
	default:
		then.prompt = lab.Textf("Enter를 누르면 다음 단계로 갑니다: %s.", "Press Enter for the next step: %s.", step.Title)
	}
	if next.Complete {
		then.prompt = lab.Textf("단계를 마쳤습니다. %s", "Step complete. %s", then.prompt)
		if !next.Ran {
			then.prompt = lab.Textf("%s 그래도 실행하려면 %s 명령을 입력하십시오.", "%s Type %s to run this step's commands anyway.",
				then.prompt, c.letter("run"))
		}
	}
	return then
}

func (c *console) goBy(n int) {
	m := c.moment()
	if c.refused(m.WhyNotBy(n)) {
		return
	}
	to, _ := m.By(n)
	c.do(to)
}

func (c *console) chooseStep(number string) {
	var items []string
	var targets []lab.GoTo
	m := c.moment()
	for i, l := range c.Labs {
		for j, step := range l.Steps {
			place, state := lab.GoTo{Lab: i, Step: j}, lab.Text{}
			switch {
			case place == m.Here():
				state = lab.T(", 지금 여기", ", you are here")
			case m.Done(place):
				state = lab.T(", 마침", ", done")
			}
			items = append(items, lab.Textf("%s, %d단계, %s%s.", "%s, step %d, %s%s.",
				l.Title, j+1, step.Title, state).In(c.Lang))
			targets = append(targets, place)
		}
	}
	c.choose(choice{ask: lab.T("어느 단계로 갈까요?", "Which step?"), items: items, pick: func(i int) {
		if targets[i] == c.where {
			c.page()
			return
		}
		c.do(targets[i])
	}}, number)
}

func (c *console) runStep() {
	m := c.moment()
	step := m.Step()
	if step != nil && len(step.Commands) == 0 && step.Fault != "" {
		c.injectFault(step.Fault)
		return
	}
	if c.refused(m.WhyNot(lab.RunStep{})) {
		return
	}
	asks := m.Confirmations()
	run := func() {
		if c.do(lab.RunStep{Confirmed: len(asks) > 0}) {
			c.say(lab.T("명령을 실행합니다. 끝나면 알립니다.", "Running the commands. You will be told when they finish."))
		}
	}
	c.predict(func() {
		if len(asks) == 0 {
			run()
			return
		}
		c.confirm(lab.Join(asks, " "), run)
	})
}

func (c *console) hint() {
	m := c.moment()
	if c.refused(m.WhyNoHint()) {
		return
	}
	hints := m.Step().Hints
	c.hints = c.hints%len(hints) + 1
	c.say(lab.Textf("힌트 %d, 모두 %d개. %s", "Hint %d of %d. %s", c.hints, len(hints), inline(m.Fill(hints[c.hints-1].In(c.Lang)))))
}

func (c *console) solution() {
	m := c.moment()
	if c.refused(m.WhyNoSolution()) {
		return
	}
	solution := m.Step().Solution
	c.confirm(lab.T("풀이를 들을까요? 힌트를 먼저 들을 수도 있습니다.", "Hear the solution? There may be hints to try first."), func() {
		for _, line := range sentences(c.moment().Fill(solution.In(c.Lang))) {
			c.print(line)
		}
	})
}

func (c *console) resetLab() {
	m := c.moment()
	if c.refused(m.WhyNot(lab.ResetLab{})) {
		return
	}
	l := m.Lab()
	c.confirm(lab.T("이 실습이 만든 것을 모두 지우고 첫 단계부터 다시 시작할까요?",
		"Delete everything that this lab created, and start again at its first step?"), func() {
		if c.do(lab.ResetLab{}) {
			c.answers = c.answers.Without(l.ID, l.Steps...)
			c.say(lab.T("실습을 처음으로 되돌립니다.", "Resetting the lab."))
		}
	})
}

func (c *console) resetStep() {
	m := c.moment()
	if c.refused(m.WhyNot(lab.ResetStep{})) {
		return
	}
	l, step := m.Lab(), m.Step()
	c.confirm(lab.T("이 단계의 목표를 초기화하고, 이 단계의 명령이 만든 것을 지울까요?",
		"Reset the goals of this step, and delete what its commands created?"), func() {
		if c.do(lab.ResetStep{}) {
			c.answers = c.answers.Without(l.ID, *step)
			c.say(lab.T("이 단계를 초기화합니다. 클러스터가 여전히 만족하는 목표는 곧바로 다시 달성됩니다.",
				"Resetting the step. A goal that still holds on the cluster is met again at once."))
		}
	})
}
