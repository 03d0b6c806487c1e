package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"healthlab/lab"
)

// Markdown writes the report as GitHub-flavoured Markdown, in one language.
func (r *Report) Markdown(w io.Writer, lang lab.Lang) error {
	m := markdown{voice: voice{r, lang}}
	m.write()
	_, err := io.WriteString(w, m.out.String())
	return err
}

// markdown writes one report. Texts from outside go through code, words or a fence and nowhere else.
type markdown struct {
	voice
	out strings.Builder
}

func (m *markdown) write() {
	at := m.leads()
	m.line("# %s", words(m.in(title(m.Report))))
	m.section(m.word("summary"), at.Summary)
	m.list(m.Summary)
	m.table([]string{m.word("what"), m.word("value")})
	for _, f := range m.facts() {
		m.row(f.Name, words(f.Value))
	}
	m.section(m.word("timeline"), at.Timeline)
	m.picture(m.Timeline)
	m.sub(m.word("events"))
	m.paragraph(at.Events)
	m.events()
	m.section(m.word("episodes"), at.Episodes)
	m.episodes()
	m.section(m.word("causes"), at.Causes)
	m.causes()
	m.section(m.word("answers"), at.Answers)
	m.answers()
	m.section(m.word("labs"), at.Labs)
	m.labs()
	m.section(m.word("done"), at.Done)
	m.done()
	m.section(m.word("unknown"), at.Unknown)
	m.gaps()
	m.list(m.Unknown)
	m.section(m.word("left-out"), at.LeftOut)
	m.list(m.LeftOut)
}

func (m *markdown) line(format string, args ...any) { fmt.Fprintf(&m.out, format+"\n", args...) }

func (m *markdown) section(name, lead string) {
	m.line("\n## %s", name)
	m.paragraph(lead)
}

func (m *markdown) sub(name string) { m.line("\n### %s", name) }

func (m *markdown) paragraph(text string) { m.line("\n%s", text) }

func (m *markdown) list(all []lab.Text) {
	m.line("")
	for _, t := range all {
		m.line("- %s", words(m.in(t)))
	}
}

// table begins a table.
func (m *markdown) table(heads []string) {
	m.line("\n| %s |", strings.Join(heads, " | "))
	m.line("|%s", strings.Repeat("---|", len(heads)))
}

// row is a row of a table. Its cells are Markdown already, made by words or of nothing from outside.
func (m *markdown) row(cells ...string) { m.line("| %s |", strings.Join(cells, " | ")) }

func (m *markdown) rest(n int) {
	if n > 0 {
		m.paragraph(m.in(restsOf(n)))
	}
}

func (m *markdown) events() {
	if len(m.Events) == 0 {
		m.paragraph(m.nothing("events"))
		return
	}
	m.table([]string{m.word("time"), m.word("events")})
	for _, e := range m.Events {
		m.row(m.clock(e.At), words(m.in(e.Text)))
	}
	m.rest(m.EventsLeftOut)
}

func (m *markdown) episodes() {
	if len(m.Episodes) == 0 {
		m.paragraph(m.nothing("episodes"))
	}
	for _, e := range m.Episodes {
		m.sub(fmt.Sprintf("%s — %s", m.clock(e.Begun.At), words(m.in(e.Title))))
		m.paragraph(words(m.in(e.Said)))
		if e.Settings != "" {
			m.paragraph(fmt.Sprintf("%s: %s", m.word("settings"), code(string(e.Settings))))
		}
		m.table([]string{
			m.word("point"), m.word("predicted"), m.word("measured"), m.word("compared"), m.word("reckoning"),
		})
		for i, p := range e.Points {
			m.row(words(m.in(p.name())), m.in(p.predicted()), m.measured(p), m.in(p.Words()), words(m.in(reckoning(e.Points, i))))
		}
		if e.Guess != nil {
			m.paragraph(words(m.in(e.Guess.Said)) + ".")
		}
		m.budget(e)
		m.picture(e.Picture)
	}
	m.rest(m.EpisodesLeftOut)
}

func (m *markdown) budget(e Episode) {
	if text := budgetWords(e); !text.IsZero() {
		m.paragraph(m.in(text))
	}
}

// budgetWords tells how long a fault might have lasted; zero if that says nothing.
func budgetWords(e Episode) lab.Text {
	if e.Budget == nil {
		return lab.Text{}
	}
	return lab.Textf("이 설정에서는 장애가 %s보다 짧으면 판정이 내려지지 않고, %s보다 길면 반드시 내려집니다.",
		"With these settings a fault shorter than %s never brings about the verdict, and one longer than %s always does.",
		long(e.Budget.Least), long(e.Budget.Most))
}

func (m *markdown) causes() {
	if len(m.Causes) == 0 {
		m.paragraph(m.nothing("causes"))
	}
	for _, c := range m.Causes {
		m.sub(m.causeTitle(c, code))
		m.paragraph(words(m.in(c.Sentence)) + ".")
		m.line("")
		for i, e := range c.Evidence {
			at := ""
			if !e.At.IsZero() {
				at = m.clock(e.At) + " "
			}
			m.line("%d. %s%s", i+1, at, words(m.in(e.Text)))
		}
		for _, t := range c.Known {
			m.line("- %s: %s", m.word("follows"), words(m.in(t)))
		}
		for _, t := range c.Unknown {
			m.line("- %s: %s", m.word("not-known"), words(m.in(t)))
		}
	}
	m.rest(m.CausesLeftOut)
}

// causeTitle is what a cause is about, with its names written by name.
func (v voice) causeTitle(c Cause, name func(string) string) string {
	out := v.in(kindWords(c.About)) + " — " + name(string(c.Pod))
	if c.Container != "" {
		out += " / " + name(string(c.Container))
	}
	if !c.At.IsZero() {
		out = v.clock(c.At) + " " + out
	}
	return out
}

func (m *markdown) answers() {
	if len(m.Answers) == 0 {
		m.paragraph(m.nothing("answers"))
		return
	}
	m.table([]string{m.word("question"), m.word("answer"), m.word("happened"), m.word("result"), m.word("why")})
	for _, a := range m.Answers {
		answer := words(m.in(a.Expected))
		if answer == "" {
			answer = "—"
		}
		m.row(words(m.in(a.Question)), answer, words(m.in(a.Happened)), m.in(answerWords(a.Verdict)), words(m.in(a.Because)))
		if g := a.Guess; g != nil {
			said := words(m.in(g.Said))
			if said != "" {
				said += "."
			}
			m.row(words(m.in(g.Question)), m.in(cell(g.Time)), m.in(cell(g.Measured)), m.in(g.Words()), said)
		}
	}
}

func (m *markdown) labs() {
	if len(m.Labs) == 0 {
		m.paragraph(m.nothing("labs"))
	}
	for _, l := range m.Labs {
		m.sub(words(m.in(l.Title)))
		m.table([]string{m.word("step"), m.word("entered"), m.word("spent"), m.word("complete"), m.word("goals")})
		for _, s := range l.Steps {
			var goals []string
			for _, g := range s.Goals {
				goals = append(goals, words(m.goal(g)))
			}
			m.row(words(m.in(s.Title)), m.clock(s.Entered), m.in(long(s.Spent)), m.complete(s), strings.Join(goals, "; "))
		}
	}
}

// goal tells a goal with when it was met.
func (v voice) goal(g Goal) string {
	if g.Met.IsZero() {
		return v.in(g.Title) + v.in(lab.T(" (달성 못 함)", " (not met)"))
	}
	return fmt.Sprintf("%s (%s)", v.in(g.Title), v.clock(g.Met))
}

// complete tells since when a step is complete.
func (v voice) complete(s Step) string {
	switch {
	case s.Before:
		return v.in(lab.T("이전 실행에서", "in an earlier run"))
	case s.Complete:
		return v.clock(s.At)
	default:
		return v.in(lab.T("아니요", "no"))
	}
}

func (m *markdown) done() {
	if len(m.Done) == 0 {
		m.paragraph(m.nothing("done"))
	}
	for _, a := range m.Done {
		m.line("\n**%s** %s — %s, %s", m.clock(a.At), words(m.in(actName(a))), m.in(stateWords(a.State)), m.in(long(a.Took)))
		if a.Line != "" {
			m.line("\n%s", fence("$ "+string(a.Line)+ifAny("\n", string(a.Output))))
		} else if a.Output != "" {
			m.line("\n%s", fence(string(a.Output)))
		}
		for _, t := range []lab.Text{a.OutputLeftOut, a.Problem, a.Note} {
			if !t.IsZero() {
				m.paragraph(words(m.in(t)))
			}
		}
	}
	m.rest(m.DoneLeftOut)
}

func ifAny(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func (m *markdown) gaps() {
	if len(m.Gaps) == 0 {
		return
	}
	m.table([]string{m.word("from"), m.word("to"), m.word("why")})
	for _, g := range m.Gaps {
		m.row(m.clock(g.From), m.clock(g.To), words(m.in(g.Text)))
	}
}

// code is a text in a code span, in which nothing has a meaning.
func code(text string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	ticks := "`"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) == "" {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// fence is a text of several lines in a code block.
func fence(text string) string {
	ticks := "```"
	for strings.Contains(text, ticks) {
		ticks += "`"
	}
	return ticks + "text\n" + text + "\n" + ticks
}

// linked is what a reader of Markdown makes a link of, and GitHub a mention of a person or of an issue, and what has a code span's
// own mark in it.
var linked = regexp.MustCompile("(?i)://|www\\.|@|mailto:|xmpp:|#[0-9]|gh-[0-9]|`")

// words is a text that may quote one from outside, so that none of it has a meaning: what could be linked goes into code spans.
func words(text string) string {
	fields := strings.Fields(text)
	for i, f := range fields {
		if linked.MatchString(f) {
			fields[i] = code(strings.ReplaceAll(f, "|", "∣")) // a cell of a table would end at it
			continue
		}
		fields[i] = escaped(f)
	}
	if len(fields) > 0 {
		fields[0] = notBlock(fields[0])
	}
	return strings.Join(fields, " ")
}

// notBlock is a word that begins no list, heading, quotation or rule, even at the begin of a line.
func notBlock(word string) string {
	number := strings.TrimLeft(word, "0123456789")
	switch {
	case strings.HasPrefix(word, `\`), strings.HasPrefix(word, "`"):
		return word
	case strings.ContainsAny(word[:1], "#>+-=:"):
		return `\` + word
	case number != word && strings.ContainsAny(number[:min(len(number), 1)], ".)") && len(number) == 1:
		return strings.TrimSuffix(word, number) + `\` + number
	}
	return word
}

// escaped is a word in which no character has a meaning.
func escaped(word string) string {
	var b strings.Builder
	for i, r := range word {
		next := strings.TrimPrefix(word[i:], string(r))
		switch {
		case strings.ContainsRune("\\*_[]<|#", r),
			r == '!' && strings.HasPrefix(next, "["),
			r == '~' && i > 0, // one at the begin of a word ends nothing
			r == '&' && strings.Trim(next[:min(len(next), 1)], "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && next != "":
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
