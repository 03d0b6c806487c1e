package plain

import (
	"fmt"
	"strings"

	"healthlab/lab"
	"healthlab/lab/course"
)

// thing is the next sensible thing: what Enter alone does.
type thing struct {
	prompt  string
	do      func()
	waiting bool // for the cluster, with nothing to do meanwhile
}

func (c *console) sensible() thing {
	m := c.moment()
	pick := c.Lang.Pick
	if len(m.Running()) > 0 {
		return thing{do: func() { c.say(c.waitingFor()) }, waiting: true} // what is awaited is said after a while
	}
	next := m.Next()
	switch next.Kind {
	case course.NextNothing:
		return thing{prompt: pick("클러스터를 쓸 수 없습니다. 상태를 들으려면 h, 끝내려면 q를 입력하십시오.",
			"There is no cluster. Type h for its state, q to quit."), do: c.here}
	case course.NextBusy:
		return thing{do: func() { c.say(c.waitingFor()) }, waiting: true}
	case course.NextWait:
		return thing{
			prompt: pick("목표가 이루어지기를 기다립니다. 바뀌면 알립니다. 목표를 들으려면 g, 상태를 들으려면 h를 입력하십시오.",
				"Waiting for the goals. You will be told what changes. g tells the goals, h the state."),
			do: c.goals, waiting: true,
		}
	case course.NextRunAgain:
		return thing{do: c.runStep, prompt: pick(
			"이 단계의 목표는 이미 이루어져 있습니다. Enter를 누르면 이 단계의 명령을 실행합니다. 다음 단계로 가려면 n을 입력하십시오.",
			"The goals of this step are met already. Press Enter to run its commands. Type n for the next step.")}
	case course.NextRun:
		prompt := pick("Enter를 누르면 이 단계의 명령을 실행합니다. 다른 터미널에서 직접 입력해도 됩니다.",
			"Press Enter to run the commands of this step, or type them yourself in a second terminal.")
		if next.Fault != nil {
			prompt = fmt.Sprintf(pick("Enter를 누르면 실행합니다: %s.", "Press Enter to do this: %s."), next.Fault.Title.In(c.Lang))
		}
		return thing{do: c.runStep, prompt: prompt}
	case course.NextGoOn, course.NextFinished, course.NextWatch:
	}
	return c.onwards(m, next)
}

// onwards is what to do at a step that is over.
func (c *console) onwards(m course.Moment, next course.Next) thing {
	pick := c.Lang.Pick
	then := thing{do: func() { c.goBy(1) }}
	switch l, step := m.At(next.To); {
	case !next.More:
		then = thing{prompt: pick("마지막 단계입니다. 끝내려면 q를 입력하십시오.", "This was the last step. Type q to quit."), do: c.goals}
	case next.NewLab(m):
		then.prompt = fmt.Sprintf(pick("Enter를 누르면 다음 실습으로 갑니다: %s.", "Press Enter for the next lab: %s."), l.Title.In(c.Lang))
	default:
		then.prompt = fmt.Sprintf(pick("Enter를 누르면 다음 단계로 갑니다: %s.", "Press Enter for the next step: %s."), step.Title.In(c.Lang))
	}
	if next.Complete {
		then.prompt = pick("단계를 마쳤습니다. ", "Step complete. ") + then.prompt
		if !next.Ran {
			then.prompt += pick(" 이 단계의 명령을 실행하려면 r을 입력하십시오.", " Type r to run the commands of this one all the same.")
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
			place, state := lab.GoTo{Lab: i, Step: j}, ""
			switch {
			case place == m.Here():
				state = c.Lang.Pick(", 지금 여기", ", you are here")
			case m.Done(place):
				state = c.Lang.Pick(", 마침", ", done")
			}
			items = append(items, fmt.Sprintf(c.Lang.Pick("%s, %d단계, %s%s.", "%s, step %d, %s%s."),
				l.Title.In(c.Lang), j+1, step.Title.In(c.Lang), state))
			targets = append(targets, place)
		}
	}
	c.choose(choice{ask: c.Lang.Pick("어느 단계로 갈까요?", "Which step?"), items: items, pick: func(i int) {
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
	var asks []string
	for _, ask := range m.Confirmations() {
		asks = append(asks, ask.In(c.Lang))
	}
	run := func() {
		if c.do(lab.RunStep{Confirmed: len(asks) > 0}) {
			c.sayf("명령을 실행합니다. 끝나면 알립니다.", "Running the commands. You will be told when they have ended.")
		}
	}
	c.predict(func() {
		if len(asks) == 0 {
			run()
			return
		}
		c.confirm(strings.Join(asks, " "), run)
	})
}

func (c *console) hint() {
	m := c.moment()
	if c.refused(m.WhyNoHint()) {
		return
	}
	hints := m.Step().Hints
	c.hints = c.hints%len(hints) + 1
	c.sayf("힌트 %d, 모두 %d개. %s", "Hint %d of %d. %s", c.hints, len(hints), inline(m.Fill(hints[c.hints-1].In(c.Lang))))
}

func (c *console) solution() {
	m := c.moment()
	if c.refused(m.WhyNoSolution()) {
		return
	}
	solution := m.Step().Solution
	c.confirm(c.Lang.Pick("풀이를 들을까요? 힌트를 먼저 들을 수도 있습니다.", "Do you want the solution? There may be hints to try first."), func() {
		for _, line := range sentences(c.moment().Fill(solution.In(c.Lang))) {
			c.say(line)
		}
	})
}

func (c *console) resetLab() {
	m := c.moment()
	if c.refused(m.WhyNot(lab.ResetLab{})) {
		return
	}
	l := m.Lab()
	c.confirm(c.Lang.Pick("이 실습이 만든 것을 모두 지우고 첫 단계부터 다시 시작할까요?",
		"Delete everything that this lab has made, and begin again at its first step?"), func() {
		if c.do(lab.ResetLab{}) {
			c.answers = c.answers.Without(l.ID, l.Steps...)
			c.sayf("실습을 처음으로 되돌립니다.", "Taking the lab back to its start.")
		}
	})
}

func (c *console) resetStep() {
	m := c.moment()
	if c.refused(m.WhyNot(lab.ResetStep{})) {
		return
	}
	l, step := m.Lab(), m.Step()
	c.confirm(c.Lang.Pick("이 단계에서 이룬 것을 잊고, 이 단계의 명령이 만든 것을 지울까요?",
		"Forget what this step has reached, and delete what its commands have made?"), func() {
		if c.do(lab.ResetStep{}) {
			c.answers = c.answers.Without(l.ID, *step)
			c.sayf("이 단계를 되돌립니다. 클러스터가 아직 목표대로라면 곧 다시 이룬 것이 됩니다.",
				"Taking this step back. A goal that the cluster still fulfils is met again at once.")
		}
	})
}
