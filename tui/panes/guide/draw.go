package guide

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// least is how many lines the text keeps, room permitting, however much there is to do.
const least = 3

func (p *Pane) draw(w, h int) []string {
	if !p.there {
		return []string{p.style.Placeholder.Render(lab.T("안내를 준비하고 있습니다.", "Loading the guide.").In(p.lang))}
	}
	todo := p.fit(w, h)
	text := p.text(w)
	room := max(h-len(todo), 0)
	p.Scroll.Fit(len(text), room)
	from, to := p.Scroll.Window()
	lines := slices.Clone(text[from:to])
	for len(lines) < room {
		lines = append(lines, "")
	}
	if todo[0] == "" {
		todo[0] = p.rule(w, len(text)-to)
	}
	return append(lines, todo...)
}

// Needs is how many lines of w cells the whole step takes. It does not change while the step is done, so that nothing else moves.
func (p *Pane) Needs(w int) int {
	if !p.there {
		return 1
	}
	return len(p.text(w)) + len(p.toDo(p.work.undone(), w, inFull))
}

// text is the step's text, without the paragraph that says what is to be done.
func (p *Pane) text(w int) []string {
	text, _ := course.ToDo(p.step.Body.In(p.lang))
	return p.page.render(p.moment.Fill(text), w, &p.style, p.generation)
}

// sentence is that paragraph, muted once the step is complete.
func (p *Pane) sentence(k work, w int) []string {
	_, todo := course.ToDo(p.step.Body.In(p.lang))
	if todo == "" {
		return nil
	}
	lines := slices.Clone(p.asked.render(p.moment.Fill(todo), w, &p.style, p.generation))
	if k.next.Complete && k.next.Kind != course.NextRunAgain {
		for i, line := range lines {
			lines[i] = p.style.Muted.Render(ansi.Strip(line))
		}
	}
	return lines
}

// brief is what of the to-do part is drawn.
type brief struct {
	options, done, later, why, sentence, question bool

	commands int // at most
}

var inFull = brief{true, true, true, true, true, true, 1 << 10}

// briefs are ever shorter ways to say what is to be done. What helps least goes first: the options of the question, which is
// asked again before anything is run; what is done; later goals and later commands; what the news line says, too.
func briefs(commands int) iter.Seq[brief] {
	return func(yield func(brief) bool) {
		b := inFull
		b.commands = commands
		for _, shorten := range []func(){
			func() {}, func() { b.options = false }, func() { b.done = false }, func() { b.later = false },
		} {
			if shorten(); !yield(b) {
				return
			}
		}
		for b.commands > 1 {
			if b.commands--; !yield(b) {
				return
			}
		}
		for _, shorten := range []func(){
			func() { b.why = false }, func() { b.sentence = false }, func() { b.question = false },
		} {
			if shorten(); !yield(b) {
				return
			}
		}
	}
}

// fit returns the to-do part of h lines that it shares with the text.
func (p *Pane) fit(w, h int) []string {
	room := max(h-least, h/2, 1)
	for b := range briefs(len(p.work.commands)) {
		lines := p.toDo(p.work, w, b)
		if b.sentence && !b.why && len(lines) <= h-2 {
			return lines // a line of the text is worth less than the sentence
		}
		if len(lines) <= room {
			return lines
		}
	}
	return p.terse(w, room)
}

// terse returns one line each for the command, the goal and what to press next, the most needed first where not even these have
// room.
func (p *Pane) terse(w, room int) []string {
	lines := []string{p.nextLine(w)}
	prepend := func(line string) {
		if len(lines) < room {
			lines = slices.Insert(lines, 0, line)
		}
	}
	if i := slices.IndexFunc(p.work.goals, func(g goal) bool { return g.next }); i >= 0 {
		prepend(p.style.Strong.Render("[ ] " + p.work.goals[i].title.In(p.lang)))
	}
	if left := p.work.left(); len(left) > 0 {
		more := ""
		if n := len(left) - 1; n > 0 {
			more = " " + lab.Textf("(외 %d개)", "(and %d more)", n).In(p.lang)
		}
		line := left[0].Line
		line = widget.Fit(line, min(widget.Width(line), w-2-widget.Width(more)), p.style.Glyphs.Ellipsis)
		prepend(p.style.Muted.Render("$ ") + p.style.Command.Render(line) + p.style.Muted.Render(more))
	}
	prepend("") // for the rule
	return lines
}

// rule parts the text from what is to be done. It counts what is done of several commands and goals, and says how many lines of
// the text are below what can be seen of it.
func (p *Pane) rule(w, below int) string {
	line := p.style.Glyphs.Rule
	label := lab.T("할 일", "To do").In(p.lang)
	counts := label
	if n := len(p.work.commands); n > 1 {
		counts += lab.Textf(" · 명령 %d/%d", " · commands %d/%d", n-len(p.work.left()), n).In(p.lang)
	}
	if n := len(p.work.goals); n > 1 {
		counts += lab.Textf(" · 목표 %d/%d", " · goals %d/%d", p.work.met(), n).In(p.lang)
	}
	more := ""
	if below > 0 {
		more = " " + p.style.Glyphs.Down + " " + lab.Textf("%d줄 더", "%d more", below).In(p.lang) + " " + line
	}
	left := line + " " + counts + " "
	if widget.Width(left)+widget.Width(more) > w {
		left = line + " " + label + " "
	}
	gap := max(w-widget.Width(left)-widget.Width(more), 0)
	return p.style.Separator.Render(left+strings.Repeat(line, gap)) + p.style.Key.Render(more)
}

// toDo is what is to be done: in a sentence, the commands, the question, the goals, and what to press next. Its first line is left
// for the rule.
func (p *Pane) toDo(k work, w int, b brief) []string {
	lines := []string{""}
	if b.sentence {
		lines = append(lines, p.sentence(k, w)...)
	}
	lines = append(lines, p.commands(k, w, b)...)
	if b.question {
		lines = append(lines, p.question(k, w, b.options)...)
	}
	for _, g := range k.goals {
		if g.met && b.done || g.next || !g.met && b.later {
			lines = append(lines, p.goal(g, w, b.why)...)
		}
	}
	return append(lines, p.nextLine(w))
}

// commands draws the commands; of those that are left out for want of room, it tells the number.
func (p *Pane) commands(k work, w int, b brief) []string {
	shown := k.commands
	if !b.done {
		shown = k.left()
	}
	more := len(shown) - b.commands
	shown = shown[:min(b.commands, len(shown))]
	var lines []string
	for _, c := range shown {
		lines = append(lines, p.command(c, w)...)
	}
	if more > 0 {
		text := p.style.Muted.Render("  " + lab.Textf("(외 %d개)", "(and %d more)", more).In(p.lang))
		if last := len(lines) - 1; widget.Width(lines[last])+widget.Width(text) <= w {
			lines[last] += text
		} else {
			lines = append(lines, text)
		}
	}
	return lines
}

// command draws a command line, behind how far it has come; a long one is broken where a student could break it too.
func (p *Pane) command(c course.Command, w int) []string {
	glyphs := p.style.Glyphs
	mark, st, line := "$ ", p.style.Muted, p.style.Command
	switch c.State {
	case lab.TaskDone:
		mark, st, line = glyphs.OK+" ", p.style.Good, p.style.Muted
	case lab.TaskRunning:
		mark, st = glyphs.Running+" ", p.style.Info
	case lab.TaskFailed, lab.TaskCanceled:
		mark, st = glyphs.Fail+" ", p.style.Bad
	}
	pieces := rows.Command("$ ", c.Line, w)
	out := make([]string, 0, len(pieces)+1)
	for i, piece := range pieces {
		skip, lead := " ", ""
		if i == 0 {
			skip, lead = "$ ", st.Render(mark)
		}
		text := strings.TrimLeft(piece, skip)
		if i > 0 {
			lead = piece[:len(piece)-len(text)]
		}
		end := ""
		if i < len(pieces)-1 {
			whole := text
			text = strings.TrimRight(strings.TrimSuffix(text, `\`), " ")
			end = whole[len(text):]
		}
		out = append(out, lead+line.Render(text)+p.style.Muted.Render(end))
	}
	if c.Write != "" && c.State != lab.TaskDone {
		out = append(out, p.content())
	}
	return out
}

// content says what is typed behind a command that writes a manifest.
func (p *Pane) content() string {
	text := lab.Textf("  %s 파일 내용, 끝에 %s", "  %s its content, then %s", p.style.Glyphs.Ellipsis, course.HeredocEnd).In(p.lang)
	if p.copyKey == "" {
		return p.style.Muted.Render(text)
	}
	return p.style.Muted.Render(text+"  ") + p.style.Key.Render("["+p.copyKey+"]") +
		p.style.Muted.Render(lab.T(" 모두 복사", " copies all").In(p.lang))
}

func (p *Pane) goal(g goal, w int, withWhy bool) []string {
	glyphs := p.style.Glyphs
	title := g.title.In(p.lang)
	if g.met {
		return p.indented(w, p.style.Good.Render("["+glyphs.Done+"] "), p.style.Text.Render, title)
	}
	if !g.next {
		return p.indented(w, p.style.Text.Render("[ ] "), p.style.Text.Render, title)
	}
	lines := p.indented(w, p.style.Strong.Render("[ ] "), p.style.Strong.Render, title)
	if why := g.why.In(p.lang); why != "" && withWhy {
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
func (p *Pane) question(k work, w int, options bool) []string {
	q := p.step.Question
	if q == nil {
		return nil
	}
	answer, _ := p.answers.To(p.lab.ID, p.step)
	glyphs := p.style.Glyphs
	if !k.next.Complete {
		lines := p.indented(w, p.style.Info.Render("? "), p.style.Strong.Render, q.Prompt.In(p.lang))
		for i, option := range q.Options {
			mark, st := "  ", p.style.Text
			if i == answer {
				mark, st = glyphs.Chosen+" ", p.style.Strong
			}
			if options || i == answer {
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

// nextLine says in w cells what to do next.
func (p *Pane) nextLine(w int) string {
	g := p.style.Glyphs
	pointer := p.style.Key.Render(g.Pointer + " ")
	press := func(key string, text lab.Text) string {
		if key != "" {
			key = p.style.Key.Render("["+key+"]") + " "
		}
		return key + p.style.Strong.Render(text.In(p.lang))
	}
	next := press(p.nextKey, lab.T("다음 단계로", "next step"))
	if !p.work.next.More {
		next = p.style.Good.Render(lab.T("마지막 단계입니다.", "This is the last step.").In(p.lang))
	}
	run := press(p.runKey, lab.T("위 명령 실행 또는 직접 입력", "run the commands or type them"))
	if f := p.work.next.Fault; f != nil {
		run = press(p.runKey, f.Title)
	}
	again := press(p.runKey, lab.T("실행", "run"))
	if !p.work.next.Why.IsZero() { // which the news line tells
		run = p.style.Muted.Render(lab.T("지금은 실행할 수 없음", "cannot be run now").In(p.lang))
		again = run
	}
	complete := p.style.Good.Render(g.OK + " " + lab.T("단계 완료. ", "Step complete. ").In(p.lang))
	switch p.work.next.Kind {
	case course.NextBusy:
		return p.style.Info.Render(g.Running + " " + lab.T("실행 중", "running").In(p.lang))
	case course.NextNothing:
		return p.style.Bad.Render(g.Fail + " " + lab.T("클러스터를 쓸 수 없음", "cluster unavailable").In(p.lang))
	case course.NextWait:
		return p.style.Muted.Render(g.Wait+" ") +
			p.style.Strong.Render(lab.T("목표가 이루어지기를 기다리는 중", "waiting for the goals").In(p.lang))
	case course.NextRunAgain:
		return p.style.Good.Render(g.OK+" "+lab.T("이미 이룬 목표. ", "Already met. ").In(p.lang)) + again + "  " + next
	case course.NextRun:
		if len(p.work.goals) > 0 {
			return pointer + run
		}
		if line := pointer + run + "  " + next; widget.Width(line) <= w {
			return line
		}
		return pointer + again + "  " + next
	case course.NextWatch:
		if p.work.next.Complete {
			return complete
		}
		return p.style.Muted.Render(g.Wait + " " + lab.T("재생 중", "replay").In(p.lang))
	case course.NextGoOn, course.NextFinished:
	}
	if p.work.next.Complete {
		return complete + next
	}
	return pointer + next
}
