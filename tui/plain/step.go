package plain

import (
	"fmt"
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/tui/panes/guide"
)

// thing is the next sensible thing: what Enter alone does.
type thing struct {
	prompt  string
	do      func()
	waiting bool // for the cluster, with nothing to do meanwhile
}

func (c *console) sensible() thing {
	l, step, ok := c.current()
	pick := c.Lang.Pick
	if !ok || c.snap.Cluster.Phase == lab.Failed {
		return thing{prompt: pick("클러스터를 쓸 수 없습니다. 상태를 들으려면 h, 끝내려면 q를 입력하십시오.",
			"There is no cluster. Type h for its state, q to quit."), do: c.here}
	}
	if len(c.running()) > 0 {
		return thing{do: func() { c.say(c.waitingFor()) }, waiting: true} // what is awaited is said after a while
	}
	next := thing{do: func() { c.goBy(1) }}
	if to, after, more := c.stepBy(1); more {
		next.prompt = fmt.Sprintf(pick("Enter를 누르면 다음 단계로 갑니다: %s.", "Press Enter for the next step: %s."), after.Title.In(c.Lang))
		if to.Lab != c.snap.Position.Lab {
			next.prompt = fmt.Sprintf(pick("Enter를 누르면 다음 실습으로 갑니다: %s.", "Press Enter for the next lab: %s."),
				c.Labs[to.Lab].Title.In(c.Lang))
		}
	} else {
		next = thing{prompt: pick("마지막 단계입니다. 끝내려면 q를 입력하십시오.", "This was the last step. Type q to quit."), do: c.goals}
	}
	ran := c.ran()
	switch {
	case c.complete() && !ran && c.metBefore() && len(step.Commands) > 0:
		return thing{do: c.runStep, prompt: pick(
			"이 단계의 목표는 이미 이루어져 있습니다. Enter를 누르면 이 단계의 명령을 실행합니다. 다음 단계로 가려면 n을 입력하십시오.",
			"The goals of this step are met already. Press Enter to run its commands. Type n for the next step.")}
	case c.complete():
		next.prompt = pick("단계를 마쳤습니다. ", "Step complete. ") + next.prompt
		if !ran {
			next.prompt += pick(" 이 단계의 명령을 실행하려면 r을 입력하십시오.", " Type r to run the commands of this one all the same.")
		}
		return next
	case ran && len(step.Goals) > 0:
		return thing{
			prompt: pick("목표가 이루어지기를 기다립니다. 바뀌면 알립니다. 목표를 들으려면 g, 상태를 들으려면 h를 입력하십시오.",
				"Waiting for the goals. You will be told what changes. g tells the goals, h the state."),
			do: c.goals, waiting: true,
		}
	case ran:
		return next
	}
	run := thing{do: c.runStep, prompt: pick("Enter를 누르면 이 단계의 명령을 실행합니다. 다른 터미널에서 직접 입력해도 됩니다.",
		"Press Enter to run the commands of this step, or type them yourself in a second terminal.")}
	if f, ok := faultByID(l, step.Fault); ok && len(step.Commands) == 0 {
		run.prompt = fmt.Sprintf(pick("Enter를 누르면 실행합니다: %s.", "Press Enter to do this: %s."), f.Title.In(c.Lang))
	}
	return run
}

// ran reports whether there is nothing (more) to run in this step.
func (c *console) ran() bool {
	for _, command := range guide.Commands(c.Labs, c.shown()) {
		if !slices.ContainsFunc(c.snap.Tasks, func(t lab.Task) bool {
			return t.Line == command && t.State == lab.TaskDone && !t.Started.Before(c.snap.Position.Since)
		}) {
			return false
		}
	}
	return true
}

// complete reports whether the step has goals, and all are met.
func (c *console) complete() bool {
	goals := c.snap.Position.Goals
	return len(goals) > 0 && !slices.ContainsFunc(goals, func(g lab.GoalState) bool { return !g.Met })
}

// metBefore reports whether the step's goals were met before it was entered.
func (c *console) metBefore() bool {
	p := c.snap.Position
	return !slices.ContainsFunc(p.Goals, func(g lab.GoalState) bool { return g.MetAt.IsZero() || !g.MetAt.Before(p.Since) })
}

func (c *console) running() []lab.Task {
	return slices.DeleteFunc(slices.Clone(c.snap.Tasks), func(t lab.Task) bool { return t.State != lab.TaskRunning })
}

// stepBy returns the step before or after the current one, across labs.
func (c *console) stepBy(n int) (lab.GoTo, lab.Step, bool) {
	var all []lab.GoTo
	at := -1
	for i, l := range c.Labs {
		for j := range l.Steps {
			if i == c.snap.Position.Lab && j == c.snap.Position.Step {
				at = len(all)
			}
			all = append(all, lab.GoTo{Lab: i, Step: j})
		}
	}
	if at < 0 || at+n < 0 || at+n >= len(all) {
		return lab.GoTo{}, lab.Step{}, false
	}
	to := all[at+n]
	return to, c.Labs[to.Lab].Steps[to.Step], true
}

func (c *console) goBy(n int) {
	to, _, ok := c.stepBy(n)
	switch {
	case ok:
		c.do(to)
	case n > 0:
		c.sayf("마지막 단계입니다.", "This is the last step.")
	default:
		c.sayf("첫 단계입니다.", "This is the first step.")
	}
}

func (c *console) chooseStep(number string) {
	var items []string
	var targets []lab.GoTo
	p := c.snap.Position
	for i, l := range c.Labs {
		for j, step := range l.Steps {
			state := ""
			switch {
			case i == p.Lab && j == p.Step:
				state = c.Lang.Pick(", 지금 여기", ", you are here")
			case i < len(p.Done) && j < len(p.Done[i]) && p.Done[i][j]:
				state = c.Lang.Pick(", 마침", ", done")
			}
			items = append(items, fmt.Sprintf(c.Lang.Pick("%s, %d단계, %s%s.", "%s, step %d, %s%s."),
				l.Title.In(c.Lang), j+1, step.Title.In(c.Lang), state))
			targets = append(targets, lab.GoTo{Lab: i, Step: j})
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
	_, step, ok := c.current()
	switch {
	case !ok || len(step.Commands) == 0 && step.Fault == "":
		c.sayf("이 단계에는 실행할 명령이 없습니다. 읽은 뒤 n을 입력하십시오.", "There is nothing to run in this step. Read it and type n.")
		return
	case len(step.Commands) == 0:
		c.injectFault(step.Fault)
		return
	}
	if slices.ContainsFunc(step.Commands, func(command lab.Command) bool { return command.Write == "" }) && !c.up() {
		return
	}
	var asks []string
	for _, command := range step.Commands {
		if !command.Confirm.IsZero() {
			asks = append(asks, command.Confirm.In(c.Lang))
		}
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

// up reports whether there is a cluster to do something on, and says so if there is none.
func (c *console) up() bool {
	if c.snap.Cluster.Phase != lab.Up {
		c.cluster()
		return false
	}
	return true
}

func (c *console) hint() {
	_, step, _ := c.current()
	if len(step.Hints) == 0 {
		c.sayf("이 단계에는 힌트가 없습니다.", "There is no hint for this step.")
		return
	}
	c.hints = c.hints%len(step.Hints) + 1
	c.sayf("힌트 %d, 모두 %d개. %s", "Hint %d of %d. %s", c.hints, len(step.Hints),
		inline(guide.Fill(step.Hints[c.hints-1].In(c.Lang), c.shown())))
}

func (c *console) solution() {
	_, step, _ := c.current()
	if step.Solution.IsZero() {
		c.sayf("이 단계에는 따로 풀이가 없습니다. 위의 명령을 실행하면 됩니다.",
			"There is no solution for this step beyond its commands.")
		return
	}
	c.confirm(c.Lang.Pick("풀이를 들을까요? 힌트를 먼저 들을 수도 있습니다.", "Do you want the solution? There may be hints to try first."), func() {
		for _, line := range sentences(guide.Fill(step.Solution.In(c.Lang), c.shown())) {
			c.say(line)
		}
	})
}

func (c *console) resetLab() {
	l, _, _ := c.current()
	c.confirm(c.Lang.Pick("이 실습이 만든 것을 모두 지우고 첫 단계부터 다시 시작할까요?",
		"Delete everything that this lab has made, and begin again at its first step?"), func() {
		if c.do(lab.ResetLab{}) {
			c.forget(l, l.Steps...)
			c.sayf("실습을 처음으로 되돌립니다.", "Taking the lab back to its start.")
		}
	})
}

func (c *console) resetStep() {
	l, step, _ := c.current()
	c.confirm(c.Lang.Pick("이 단계에서 이룬 것을 잊고, 이 단계의 명령이 만든 것을 지울까요?",
		"Forget what this step has reached, and delete what its commands have made?"), func() {
		if c.do(lab.ResetStep{}) {
			c.forget(l, step)
			c.sayf("이 단계를 되돌립니다. 클러스터가 아직 목표대로라면 곧 다시 이룬 것이 됩니다.",
				"Taking this step back. A goal that the cluster still fulfils is met again at once.")
		}
	})
}
