package plain

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// page tells the current step: where it is, its text, its commands, its goals.
func (c *console) page() {
	m := c.moment()
	l, step := m.Lab(), m.Step()
	if step == nil {
		return
	}
	c.print("")
	c.say(lab.Textf("%[1]s, %[3]d단계 중 %[2]d단계: %[4]s.", "%[1]s, step %[2]d of %[3]d: %[4]s.",
		l.Title, c.snap.Position.Step+1, len(l.Steps), step.Title))
	for _, line := range sentences(m.Fill(step.Body.In(c.Lang))) {
		c.print(line)
	}
	if commands := m.Commands(); len(commands) > 0 {
		c.say(lab.T("이 단계의 명령:", "Commands of this step:"))
		for _, command := range commands {
			c.print(command.Line)
			if command.Write != "" {
				c.say(lab.Textf("그다음에 %[1]s의 내용을 입력하고 %[2]s 줄로 끝냅니다. 내용까지 들으려면 %[3]s를 입력하십시오.",
					"Then type the content of %[1]s, and end it with the line %[2]s. Type %[3]s to hear the content, too.",
					command.Write, course.HeredocEnd, c.letter("copy")))
			}
		}
	}
	if goals := m.Goals(); len(goals) > 0 {
		c.say(lab.T("이 단계의 목표:", "Goals of this step:"))
		for _, goal := range goals {
			line := "- " + goal.Goal.Title.In(c.Lang)
			if goal.Met {
				line += lab.T(", 이미 이룸", ", met already").In(c.Lang)
			}
			c.print(line)
		}
	}
	if n := len(step.Hints); n > 0 {
		c.say(lab.Textf("힌트가 %d개 있습니다. %s 명령으로 하나씩 듣습니다.", "Hints for this step: %d. Type %s for the next one.", n, c.letter("hint")))
	}
}

// commands tells the step's commands as they can be typed, each manifest that one of them writes behind it.
func (c *console) commands() {
	m := c.moment()
	if c.refused(m.WhyNotCopy()) {
		return
	}
	for _, command := range m.Commands() {
		if command.Write == "" {
			c.print(command.Line)
			continue
		}
		manifest, err := c.Lab.Manifest(c.snap.Cluster, command.Write)
		if err != nil {
			c.print(sentence(capital(widget.Clean(lab.InFull(err).In(c.Lang)))))
			continue
		}
		for line := range strings.SplitSeq(course.Heredoc(command, manifest), "\n") {
			c.print(lab.Printable(line))
		}
	}
}

// sentences turns the Markdown of the labs' texts into lines that can be read aloud: one for each sentence and for each
// item of a list, whatever the width. Blocks of code keep their lines.
func sentences(markdown string) []string {
	var out []string
	var paragraph []string
	code := false
	flush := func() {
		out = append(out, split(strings.Join(paragraph, " "))...)
		paragraph = nil
	}
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, " \r\n")
		text := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(text, "```"):
			flush()
			code = !code
		case code:
			out = append(out, line)
		case text == "":
			flush()
		case strings.HasPrefix(text, "#"):
			flush()
			out = append(out, inline(strings.TrimSpace(strings.TrimLeft(text, "#"))))
		case strings.HasPrefix(text, "- "), strings.HasPrefix(text, "* "):
			flush()
			paragraph = append(paragraph, inline("- "+text[2:]))
		default:
			paragraph = append(paragraph, inline(text))
		}
	}
	flush()
	return out
}

// inline drops the marks of bold text and code, which say nothing aloud.
func inline(text string) string { return strings.NewReplacer("**", "", "`", "").Replace(text) }

// split cuts a paragraph after its sentences.
func split(paragraph string) []string {
	var out []string
	for paragraph != "" {
		cut := len(paragraph)
		for _, end := range []string{". ", "? ", "! "} {
			if i := strings.Index(paragraph, end); i >= 0 {
				cut = min(cut, i+1)
			}
		}
		out = append(out, paragraph[:cut])
		paragraph = strings.TrimLeft(paragraph[cut:], " ")
	}
	return out
}

// sentence is text with a stop at its end, which is what a pause is made of.
func sentence(text string) string {
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".?!:") {
		return text
	}
	return text + "."
}

// capital is text with a capital at its beginning.
func capital(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return text
	}
	return string(unicode.ToUpper(r)) + text[n:]
}

// plainLines is what a command printed, without escape sequences.
func plainLines(output string) []string {
	var out []string
	for _, line := range widget.CleanANSI(strings.TrimRight(output, "\n")) {
		out = append(out, strings.TrimRight(ansi.Strip(line), " "))
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}
