package plain

import (
	"slices"
	"strconv"
	"strings"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// question is something that the next line answers.
type question struct {
	prompt lab.Text
	answer func(line string)
}

// confirm asks and does yes only if the answer is one of consent.
func (c *console) confirm(ask lab.Text, yes func()) {
	c.ask = &question{
		prompt: lab.Textf("%s 하려면 y와 Enter, 하지 않으려면 Enter만 누르십시오.", "%s Type y and Enter for yes, or Enter alone for no.", ask),
		answer: func(line string) {
			if slices.Contains([]string{"y", "yes", "예", "네"}, strings.ToLower(line)) || latin(line) == "y" {
				yes()
				return
			}
			c.say(lab.T("하지 않았습니다.", "Nothing was done."))
		},
	}
}

// choice is a question that is answered by a number.
type choice struct {
	ask   lab.Text
	items []string
	pick  func(i int)
	// skip is what an empty line does, and skips how that is said; nil: nothing is chosen.
	skip  func()
	skips lab.Text
}

// choose lists what there is to choose from, unless number is already one of it. A command instead of a number is
// obeyed, and nothing is chosen.
func (c *console) choose(ch choice, number string) {
	if ch.skip == nil {
		ch.skip = func() { c.say(lab.T("고르지 않았습니다.", "Nothing was chosen.")) }
		ch.skips = lab.T("Enter만 누르면 그만둡니다", "Enter alone cancels")
	}
	if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(ch.items) {
		ch.pick(n - 1)
		return
	}
	c.say(ch.ask)
	for i, item := range ch.items {
		c.say(lab.Textf("%d번: %s", "Number %d: %s", i+1, item))
	}
	q := &question{prompt: lab.Textf("1부터 %d까지의 번호와 Enter를 누르십시오. %s.",
		"Type a number from 1 to %d and Enter. %s.", len(ch.items), ch.skips)}
	q.answer = func(line string) {
		if line == "" {
			ch.skip()
			return
		}
		n, err := strconv.Atoi(line)
		if err == nil && n >= 1 && n <= len(ch.items) {
			ch.pick(n - 1)
			return
		}
		if v, rest, ok := c.find(line); ok && err != nil {
			v.do(c, rest)
			return
		}
		c.say(lab.Textf("그런 번호가 없습니다: %s", "There is no such number: %s", widget.Clean(line)))
		c.ask = q
	}
	c.ask = q
}

// predict asks the step's question first, unless it was asked before, and goes on with then whether it is answered or
// skipped. Whoever types a command instead has changed their mind: nothing is done, and it is asked again.
func (c *console) predict(then func()) {
	q, key := c.moment().Ask()
	if q == nil {
		then()
		return
	}
	keep := func(answer course.Answer) {
		c.answers = c.answers.With(key, answer)
		if c.OnAnswer != nil {
			if err := c.OnAnswer(key, answer); err != nil {
				c.say(lab.Textf("답을 저장하지 못했습니다: %s", "Could not save the answer: %s", widget.Clean(lab.InFull(err).In(c.Lang))))
			}
		}
		then()
	}
	var items []string
	for _, option := range q.Options {
		items = append(items, option.In(c.Lang))
	}
	c.choose(choice{
		ask: lab.Textf("먼저 질문입니다. %s", "A question first. %s", q.Prompt), items: items,
		pick:  func(i int) { c.predictTime(q.Time, course.Answer{Option: i}, keep) },
		skip:  func() { keep(course.Answer{Option: course.Skipped}) },
		skips: lab.T("Enter만 누르면 답하지 않고 실행합니다", "Enter alone skips the question"),
	}, "")
}

// predictTime asks when something comes about, unless q is nil, and goes on with keep whether it is answered or left open.
// A command instead of a time is obeyed, and the question is asked again another time.
func (c *console) predictTime(q *lab.TimeQuestion, answer course.Answer, keep func(course.Answer)) {
	if q == nil {
		keep(answer)
		return
	}
	c.say(q.Prompt)
	ask := &question{prompt: lab.T("몇 초인지 44 또는 41-46처럼 입력하고 Enter를 누르십시오. Enter만 누르면 답하지 않고 실행합니다.",
		"Type seconds, such as 44 or 41-46, and Enter. Enter alone skips the question.")}
	ask.answer = func(line string) {
		if line == "" {
			keep(answer)
			return
		}
		when, err := course.ParseTime(line)
		if err == nil {
			answer.Time = &when
			keep(answer)
			return
		}
		if v, rest, ok := c.find(line); ok && !strings.ContainsAny(line, "0123456789") {
			v.do(c, rest)
			return
		}
		c.print(sentence(capital(lab.InFull(err).In(c.Lang))))
		c.ask = ask
	}
	c.ask = ask
}

// compare says how the answer to a step's question compares with what has happened.
func (c *console) compare(labID, stepID string) {
	_, step := course.Find(c.Labs, labID, stepID)
	if step == nil {
		return
	}
	if _, asked := c.answers.To(labID, *step); !asked {
		return
	}
	beside, ok := course.Compare(c.answers, labID, *step)
	if !ok {
		return
	}
	happened, because := beside.Happened, beside.Because
	switch beside.Verdict {
	case course.Right:
		c.say(lab.Textf("예상이 맞았습니다: %s. %s", "You were right: %s. %s", happened, because))
	case course.Wrong:
		c.say(lab.Textf("예상은 '%s'였지만, 실제로는 '%s'입니다. %s", "You expected '%s', but it was '%s'. %s",
			beside.Expected, happened, because))
	case course.NoAnswer:
		c.say(lab.Textf("질문의 답은 '%s'입니다. %s", "The answer to the question is '%s'. %s", happened, because))
	}
}
