package guide

import (
	"fmt"
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// least is how many lines the text keeps, room permitting, however much is pinned below it.
const least = 3

func (p *Pane) draw(w, h int) []string {
	if !p.there {
		return []string{p.style.Placeholder.Render(lab.T("안내를 준비하고 있습니다.", "Loading the guide.").In(p.lang))}
	}
	pinned := p.fit(w, max(h-least, h/2, 1))
	body := p.body(w)
	room := max(h-len(pinned), 0)
	p.Scroll.Fit(len(body), room)
	from, to := p.Scroll.Window()
	lines := slices.Clone(body[from:to])
	for len(lines) < room {
		lines = append(lines, "")
	}
	if _, below := p.Scroll.More(); below && len(pinned) > 1 {
		pinned[0] = p.rule(w, p.style.Glyphs.Down+" "+lab.T("더 있음", "more").In(p.lang))
	}
	return append(lines, pinned...)
}

// brevity is what is left out of the pinned lines for want of room.
type brevity int

const (
	inFull brevity = iota
	withoutOptions
	withoutQuestion
	withoutMetGoals
	nextGoalOnly
	withoutGoals // the news line names the next one, too
)

// fit returns pinned lines that take at most room lines.
func (p *Pane) fit(w, room int) []string {
	for b := inFull; b <= withoutGoals; b++ {
		if lines := p.pinnedLines(w, b); len(lines) <= room {
			return lines
		}
	}
	return p.terse(w, room)
}

// terse returns one line each for the commands, the goals and what to do next, the most needed first where not even
// these have room.
func (p *Pane) terse(w, room int) []string {
	tail := p.style.Glyphs.Ellipsis
	lines := []string{p.nextLine()}
	prepend := func(line string) {
		if len(lines) < room {
			lines = slices.Insert(lines, 0, line)
		}
	}
	if i := slices.IndexFunc(p.goals, func(g goal) bool { return g.next }); i >= 0 {
		title := p.goals[i].title.In(p.lang)
		if len(p.goals) > 1 {
			title = fmt.Sprintf("%s (%d/%d)", title, i+1, len(p.goals))
		}
		why := p.goals[i].why.In(p.lang)
		if why != "" && room > 4 {
			prepend(p.style.Warn.Render("    " + p.style.Glyphs.Pointer + " " + why))
		}
		prepend(p.style.Strong.Render("[ ] " + title))
	}
	if n := len(p.commands); n > 0 {
		more := ""
		if n > 1 {
			more = lab.Textf(" (외 %d개)", " (and %d more)", n-1).In(p.lang)
		}
		line := widget.Fit(p.commands[0], min(widget.Width(p.commands[0]), w-2-widget.Width(more)), tail)
		prepend(p.style.Muted.Render("$ ") + p.style.Command.Render(line) + p.style.Muted.Render(more))
	}
	prepend(p.rule(w, lab.T("할 일", "To do").In(p.lang)))
	return lines
}

// body is the step's text.
func (p *Pane) body(w int) []string {
	return p.page.render(p.moment.Fill(p.step.Body.In(p.lang)), w, &p.style, p.generation)
}

func (p *Pane) rule(w int, label string) string {
	label = " " + label + " "
	return p.style.Separator.Render(p.style.Glyphs.Rule + label +
		strings.Repeat(p.style.Glyphs.Rule, max(w-1-widget.Width(label), 0)))
}

// pinnedLines are the commands, the question, the goals and what to do next.
func (p *Pane) pinnedLines(w int, b brevity) []string {
	var lines []string
	add := func(more ...string) { lines = append(lines, more...) }
	if len(p.commands) > 0 {
		add(p.rule(w, lab.T("명령", "Commands").In(p.lang)))
		for _, c := range p.commands {
			add(p.command(c, w)...)
		}
	}
	if q := p.question(w, b == inFull); len(q) > 0 && b < withoutQuestion {
		add(p.rule(w, lab.T("질문", "Question").In(p.lang)))
		add(q...)
	}
	var goals []string
	for _, g := range p.goals {
		if b < withoutMetGoals || b == withoutMetGoals && !g.met || b == nextGoalOnly && g.next {
			goals = append(goals, p.goal(g, w)...)
		}
	}
	if len(goals) > 0 && b < nextGoalOnly {
		add(p.rule(w, lab.T("목표", "Goals").In(p.lang)))
	}
	add(goals...)
	if len(lines) == 0 {
		add(p.rule(w, lab.T("다음", "Next").In(p.lang)))
	}
	return append(lines, p.nextLine())
}

// command draws a command line; a long one is broken where a student could break it too.
func (p *Pane) command(line string, w int) []string {
	pieces := rows.Command("$ ", line, w)
	out := make([]string, len(pieces))
	for i, piece := range pieces {
		skip := " "
		if i == 0 {
			skip = "$ "
		}
		text := strings.TrimLeft(piece, skip)
		lead := piece[:len(piece)-len(text)]
		end := ""
		if i < len(pieces)-1 {
			whole := text
			text = strings.TrimRight(strings.TrimSuffix(text, `\`), " ")
			end = whole[len(text):]
		}
		out[i] = p.style.Muted.Render(lead) + p.style.Command.Render(text) + p.style.Muted.Render(end)
	}
	return out
}

func (p *Pane) goal(g goal, w int) []string {
	glyphs := p.style.Glyphs
	title := g.title.In(p.lang)
	if g.met {
		return p.indented(w, p.style.Good.Render("["+glyphs.Done+"] "), p.style.Text.Render, title)
	}
	mark, st := "[ ] ", p.style.Text
	if g.next {
		st = p.style.Strong
	}
	lines := p.indented(w, st.Render(mark), st.Render, title)
	if why := g.why.In(p.lang); why != "" {
		lines = append(lines, p.indented(w, p.style.Warn.Render("    "+glyphs.Pointer+" "), p.style.Warn.Render, why)...)
	}
	return lines
}

// indented wraps text behind head, which only the first line has.
func (p *Pane) indented(w int, head string, render func(...string) string, text string) []string {
	indent := widget.Width(head)
	pieces := widget.Wrap(text, max(w-indent, 1))
	for i, piece := range pieces {
		if i == 0 {
			pieces[i] = head + render(piece)
		} else {
			pieces[i] = strings.Repeat(" ", indent) + render(piece)
		}
	}
	return pieces
}

// question is what to expect of the step, with what the user does expect, until it is complete; then why it went as it
// did.
func (p *Pane) question(w int, options bool) []string {
	q := p.step.Question
	if q == nil {
		return nil
	}
	answer, _ := p.answers.To(p.lab.ID, p.step)
	glyphs := p.style.Glyphs
	if !p.next.Complete {
		lines := p.indented(w, p.style.Info.Render("? "), p.style.Strong.Render, q.Prompt.In(p.lang))
		for i, option := range q.Options {
			mark, st := "  ", p.style.Text
			if i == answer {
				mark, st = glyphs.Chosen+" ", p.style.Strong
			}
			if options {
				lines = append(lines, p.indented(w, p.style.Muted.Render(fmt.Sprintf("%s%d. ", mark, i+1)), st.Render,
					option.In(p.lang))...)
			}
		}
		return lines
	}
	beside, ok := course.Compare(p.answers, p.lab.ID, p.step)
	if !ok {
		return nil
	}
	var lines []string
	if beside.Verdict == course.Wrong {
		lines = p.indented(w, p.style.Bad.Render(glyphs.Fail+" "), p.style.Muted.Render,
			lab.T("내 예상: ", "You expected: ").In(p.lang)+beside.Expected.In(p.lang))
	}
	lines = append(lines, p.indented(w, p.style.Good.Render(glyphs.OK+" "), p.style.Good.Render, beside.Happened.In(p.lang))...)
	return append(lines, p.indented(w, "  ", p.style.Text.Render, beside.Because.In(p.lang))...)
}

// nextLine says what to do next.
func (p *Pane) nextLine() string {
	g := p.style.Glyphs
	pointer := p.style.Key.Render(g.Pointer + " ")
	press := func(key string, text lab.Text) string {
		if key != "" {
			key = p.style.Key.Render("["+key+"]") + " "
		}
		return key + p.style.Strong.Render(text.In(p.lang))
	}
	next := press(p.nextKey, lab.T("다음 단계로", "next step"))
	if !p.next.More {
		next = p.style.Good.Render(lab.T("마지막 단계입니다.", "This is the last step.").In(p.lang))
	}
	run := press(p.runKey, lab.T("위 명령 실행 또는 직접 입력", "run the commands or type them"))
	if f := p.next.Fault; f != nil {
		run = press(p.runKey, f.Title)
	}
	complete := p.style.Good.Render(g.OK + " " + lab.T("단계 완료. ", "Step complete. ").In(p.lang))
	switch p.next.Kind {
	case course.NextBusy:
		return p.style.Info.Render(g.Running + " " + lab.T("실행 중", "running").In(p.lang))
	case course.NextNothing:
		return p.style.Bad.Render(g.Fail + " " + lab.T("클러스터를 쓸 수 없음", "cluster unavailable").In(p.lang))
	case course.NextWait:
		return p.style.Muted.Render(g.Wait+" ") +
			p.style.Strong.Render(lab.T("목표가 이루어지기를 기다리는 중", "waiting for the goals").In(p.lang))
	case course.NextRunAgain:
		return p.style.Good.Render(g.OK+" "+lab.T("이미 이룬 목표. ", "Already met. ").In(p.lang)) + press(p.runKey, lab.T("실행", "run")) + "  " + next
	case course.NextRun:
		if len(p.goals) == 0 {
			return pointer + run + "  " + next
		}
		return pointer + run
	case course.NextGoOn, course.NextFinished:
	}
	if p.next.Complete {
		return complete + next
	}
	return pointer + next
}
