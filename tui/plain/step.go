package plain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab"
	"healthlab/tui/panes/guide"
	"healthlab/tui/widget"
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
		return thing{prompt: pick("클러스터를 쓸 수 없습니다. 상태는 s, 끝내려면 q를 입력하십시오.",
			"There is no cluster. Type s for its state, q to quit."), do: c.state}
	}
	if len(c.running()) > 0 {
		return thing{prompt: pick("명령을 실행하는 중입니다. 끝나면 알립니다. 취소는 z.",
			"A command is under way. You will be told when it ends. z cancels it."), do: func() { c.say(c.waitingFor()) }, waiting: true}
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
	case c.complete():
		next.prompt = pick("단계를 마쳤습니다. ", "Step complete. ") + next.prompt
		if !ran {
			next.prompt += pick(" 이 단계의 명령을 실행하려면 r.", " Type r to run the commands of this one all the same.")
		}
		return next
	case ran && len(step.Goals) > 0:
		return thing{
			prompt: pick("목표가 이루어지기를 기다립니다. 바뀌면 알립니다. 목표는 g, 상태는 s.",
				"Waiting for the goals. You will be told what changes. g tells the goals, s the state."),
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
	run := func() {
		if c.do(lab.RunStep{Confirmed: true}) {
			c.sayf("명령을 실행합니다.", "Running the commands.")
		}
	}
	var asks []string
	for _, command := range step.Commands {
		if !command.Confirm.IsZero() {
			asks = append(asks, command.Confirm.In(c.Lang))
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

// inject does the current step's fault or, with repair, its repair; else the lab's, of which one is chosen if there are
// several.
func (c *console) inject(repair bool) {
	l, step, _ := c.current()
	faults := slices.DeleteFunc(slices.Clone(l.Faults), func(f lab.Fault) bool { return f.Repair != repair })
	if f, ok := faultByID(l, step.Fault); ok && f.Repair == repair {
		faults = []lab.Fault{f}
	}
	switch {
	case len(faults) == 0 && repair:
		c.sayf("이 실습에는 복구할 것이 없습니다.", "There is nothing to repair in this lab.")
	case len(faults) == 0:
		c.sayf("이 실습에는 일으킬 장애가 없습니다.", "There is nothing to break in this lab.")
	case len(faults) == 1:
		c.injectFault(faults[0].ID)
	default:
		var items []string
		for _, f := range faults {
			items = append(items, f.Title.In(c.Lang)+". "+f.Effect.In(c.Lang))
		}
		c.choose(c.Lang.Pick("무엇을 할까요?", "Which one?"), items, func(i int) { c.injectFault(faults[i].ID) }, func() {})
	}
}

func (c *console) injectFault(id string) {
	l, step, _ := c.current()
	f, ok := faultByID(l, id)
	if !ok {
		c.sayf("이 실습에는 그런 장애가 없습니다.", "This lab has no such fault.")
		return
	}
	run := func() {
		if c.do(lab.Inject{Fault: id}) {
			c.sayf("실행합니다: %s. %s", "Doing it: %s. %s", f.Title.In(c.Lang), f.Effect.In(c.Lang))
		}
	}
	if step.Fault == id {
		c.predict(run)
		return
	}
	run()
}

// predict asks the step's question first, unless it was asked before, and goes on with then in any case.
func (c *console) predict(then func()) {
	l, step, _ := c.current()
	key := l.ID + "/" + step.ID
	if _, asked := c.answers[key]; asked || step.Question == nil {
		then()
		return
	}
	keep := func(answer int) {
		c.answers[key] = answer
		if c.OnAnswer != nil {
			if err := c.OnAnswer(key, answer); err != nil {
				c.sayf("답을 저장하지 못했습니다: %v", "The answer could not be kept: %v", err)
			}
		}
		then()
	}
	var items []string
	for _, option := range step.Question.Options {
		items = append(items, option.In(c.Lang))
	}
	c.choose(c.Lang.Pick("먼저 질문입니다. ", "A question first. ")+step.Question.Prompt.In(c.Lang), items, keep,
		func() { keep(-1) })
}

// compare says how the answer to a step's question compares with what has happened.
func (c *console) compare(labID, stepID string) {
	answer, given := c.answers[labID+"/"+stepID]
	if !given {
		return
	}
	for _, l := range c.Labs {
		for _, step := range l.Steps {
			q := step.Question
			if l.ID != labID || step.ID != stepID || q == nil || q.Correct < 0 || q.Correct >= len(q.Options) {
				continue
			}
			right := q.Options[q.Correct].In(c.Lang)
			switch {
			case answer == q.Correct:
				c.sayf("예상이 맞았습니다: %s. %s", "You expected it right: %s. %s", right, q.Because.In(c.Lang))
			case answer >= 0 && answer < len(q.Options):
				c.sayf("예상은 '%s'였지만, 실제로는 '%s'입니다. %s", "You expected '%s', but it was '%s'. %s",
					q.Options[answer].In(c.Lang), right, q.Because.In(c.Lang))
			default:
				c.sayf("질문의 답은 '%s'입니다. %s", "The answer to the question is '%s'. %s", right, q.Because.In(c.Lang))
			}
		}
	}
}

func (c *console) choosePod() {
	if len(c.snap.Pods) == 0 {
		c.sayf("아직 파드가 없습니다.", "There are no pods yet.")
		return
	}
	var items, names []string
	for _, p := range c.snap.Pods {
		names = append(names, p.Name)
		items = append(items, c.pod(p))
	}
	c.choose(c.Lang.Pick("어느 파드를 고를까요?", "Which pod?"), items, func(i int) {
		if c.do(lab.ChoosePod{Pod: names[i]}) {
			c.sayf("고른 파드: %s.", "The chosen pod is %s.", names[i])
		}
	}, func() {})
}

func (c *console) hint() {
	_, step, _ := c.current()
	if len(step.Hints) == 0 {
		c.sayf("이 단계에는 힌트가 없습니다.", "There is no hint for this step.")
		return
	}
	c.hints = c.hints%len(step.Hints) + 1
	c.sayf("힌트 %d, 모두 %d개. %s", "Hint %d of %d. %s", c.hints, len(step.Hints), inline(step.Hints[c.hints-1].In(c.Lang)))
}

func (c *console) solution() {
	_, step, _ := c.current()
	if step.Solution.IsZero() {
		c.sayf("이 단계에는 따로 풀이가 없습니다. 위의 명령을 실행하면 됩니다.",
			"There is no solution for this step beyond its commands.")
		return
	}
	c.confirm(c.Lang.Pick("풀이를 들을까요?", "Do you want the solution?"), func() {
		for _, line := range sentences(guide.Fill(step.Solution.In(c.Lang), c.shown())) {
			c.say(line)
		}
	})
}

func (c *console) reset() {
	l, _, _ := c.current()
	c.confirm(c.Lang.Pick("이 실습이 만든 것을 모두 지우고 처음부터 다시 할까요?",
		"Delete everything that this lab has made, and start it anew?"), func() {
		if !c.do(lab.ResetLab{}) {
			return
		}
		for _, step := range l.Steps {
			delete(c.answers, l.ID+"/"+step.ID)
		}
		c.sayf("실습을 처음으로 되돌립니다.", "Taking the lab back to its start.")
	})
}

func (c *console) cancel() {
	tasks := c.running()
	if len(tasks) == 0 {
		c.sayf("실행 중인 명령이 없습니다.", "No command is under way.")
	}
	for _, t := range tasks {
		c.do(lab.Cancel{Task: t.ID})
	}
}

// confirm asks and does yes only if the answer is one of consent.
func (c *console) confirm(ask string, yes func()) {
	c.ask = &question{
		prompt: ask + " " + c.Lang.Pick("하려면 y, 하지 않으려면 Enter를 입력하십시오.", "Type y for yes; Enter alone is no."),
		answer: func(line string) {
			if slices.Contains([]string{"y", "yes", "예", "네"}, strings.ToLower(line)) || latin(line) == "y" {
				yes()
				return
			}
			c.sayf("하지 않았습니다.", "Nothing was done.")
		},
	}
}

// choose lists items and calls pick with the index of the one whose number is typed, or skip for an empty line.
func (c *console) choose(ask string, items []string, pick func(int), skip func()) {
	c.say(ask)
	for i, item := range items {
		c.sayf("%d번: %s", "Number %d: %s", i+1, item)
	}
	q := &question{prompt: fmt.Sprintf(c.Lang.Pick("1부터 %d까지의 번호를 입력하십시오. Enter만 누르면 건너뜁니다.",
		"Type a number from 1 to %d. Enter alone skips."), len(items))}
	q.answer = func(line string) {
		n, err := strconv.Atoi(line)
		switch {
		case line == "":
			skip()
		case err != nil || n < 1 || n > len(items):
			c.sayf("그런 번호가 없습니다: %s", "There is no such number: %s", widget.Clean(line))
			c.ask = q
		default:
			pick(n - 1)
		}
	}
	c.ask = q
}

func faultByID(l lab.Lab, id string) (lab.Fault, bool) {
	i := slices.IndexFunc(l.Faults, func(f lab.Fault) bool { return f.ID == id })
	if i < 0 {
		return lab.Fault{}, false
	}
	return l.Faults[i], true
}
