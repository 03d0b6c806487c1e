package output

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Long lines are wrapped until one goes sideways, by so many cells at a time.
const (
	sideways = 8
	wrapped  = -sideways
)

// Pane shows one task at a time, the newest unless another one was chosen.
type Pane struct {
	widget.Scrolled

	style theme.Style
	lang  lab.Lang

	tasks  []lab.Task
	chosen uint64 // 0 for the newest

	shown  uint64 // the task that lines belong to
	lines  []string
	source string // the output that lines were made from
	column int    // the first cell shown, or wrapped

	typing bool
	word   string

	toEnlarge string // the keys that show this pane on the whole screen
}

// New returns an empty pane. toEnlarge are the keys, as people call them, that show it on the whole screen.
func New(toEnlarge string) *Pane {
	return &Pane{Scrolled: widget.Scrolled{Scroll: widget.NewScroll(true)}, column: wrapped, toEnlarge: toEnlarge}
}

// Title returns the pane's title, with the place of the shown task among those remembered.
func (p *Pane) Title(l lab.Lang) string {
	title := lab.T("명령 출력", "Command output").In(l)
	if i := p.index(); i >= 0 && len(p.tasks) > 1 {
		title += fmt.Sprintf(" %d/%d", i+1, len(p.tasks))
	}
	return title
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.Frame.Invalidate()
}

// SetSnapshot takes over the tasks. A new task is shown at once.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if slices.EqualFunc(p.tasks, s.Tasks, looksLike) {
		return
	}
	if n := len(s.Tasks); n > 0 && (len(p.tasks) == 0 || s.Tasks[n-1].ID != p.tasks[len(p.tasks)-1].ID) {
		p.chosen = 0
	}
	p.tasks = s.Tasks
	p.load()
	p.Frame.Invalidate()
}

// looksLike reports whether two tasks are drawn alike.
func looksLike(a, b lab.Task) bool {
	return a.ID == b.ID && a.Title == b.Title && a.Line == b.Line && a.State == b.State && a.Started.Equal(b.Started) &&
		a.Took == b.Took && a.Output == b.Output && a.Note == b.Note && a.Problem == b.Problem
}

// load prepares the output of the shown task, if it is not the one that has been prepared.
func (p *Pane) load() {
	i := p.index()
	if i < 0 {
		p.shown, p.lines, p.source = 0, nil, ""
		return
	}
	t := p.tasks[i]
	if t.ID != p.shown {
		p.Scroll, p.column = widget.NewScroll(true), wrapped
	}
	if t.State == lab.TaskFailed && p.Scroll.Following() {
		p.Scroll = widget.NewScroll(false) // what went wrong is said first
	}
	if t.ID == p.shown && t.Output == p.source {
		return
	}
	p.shown, p.lines, p.source = t.ID, widget.CleanANSI(t.Output), t.Output
}

func (p *Pane) index() int {
	for i := range p.tasks {
		if p.tasks[i].ID == p.chosen {
			return i
		}
	}
	return len(p.tasks) - 1
}

// Empty reports whether no command has run.
func (p *Pane) Empty() bool { return len(p.tasks) == 0 }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now) })
}

func (p *Pane) draw(w, h int, now time.Time) ([]string, bool) {
	i := p.index()
	if i < 0 {
		return []string{p.style.Placeholder.Render(lab.T(
			"실행한 명령이 아직 없습니다.", "No command has run yet.").In(p.lang))}, false
	}
	t := p.tasks[i]
	lines, status := p.head(t, w, h, now)
	var foot []string
	if p.typing || p.word != "" {
		foot = []string{p.searchLine()}
	}
	room := max(h-len(lines)-len(foot), 0)
	body := p.lines
	if p.column == wrapped {
		body = fold(body, w)
	}
	p.Scroll.Fit(len(body), room)
	from, to := p.Scroll.Window()
	lines[status] += p.extent(lines[status], from, to, w)
	for _, line := range body[from:to] {
		lines = append(lines, p.highlight(ansi.Cut(line, max(p.column, 0), max(p.column, 0)+w)))
	}
	for len(foot) > 0 && len(lines) < h-1 {
		lines = append(lines, "")
	}
	return append(lines, foot...), t.State == lab.TaskRunning
}

// head says what was carried out, how it stands (in line status) and what there is to say of it. A failure's reason is shown
// in full as far as half the pane.
func (p *Pane) head(t lab.Task, w, h int, now time.Time) (lines []string, status int) {
	what := "$ " + widget.Clean(t.Line)
	if t.Line == "" {
		what = widget.Clean(t.Title.In(p.lang))
	}
	word, st := p.state(t, now)
	lines = widget.Wrap(what, w)
	if most := max(h/3, 1); len(lines) > most {
		lines = append(lines[:most-1], widget.Fit(strings.Join(lines[most-1:], " "), w, p.style.Glyphs.Ellipsis))
	}
	for i, line := range lines {
		lines[i] = p.style.Command.Render(line)
	}
	lines, status = append(lines, st.Render(word)), len(lines)
	if !t.Problem.IsZero() {
		for _, line := range widget.Wrap(widget.Clean(t.Problem.In(p.lang)), w) {
			if len(lines) <= max(h/2, 2) {
				lines = append(lines, p.style.Bad.Render(line))
			}
		}
	}
	if !t.Note.IsZero() {
		for _, line := range widget.Wrap(widget.Clean(t.Note.In(p.lang)), w) {
			lines = append(lines, p.style.Text.Render(line))
		}
	}
	return lines, status
}

// extent tells, where it fits beside status, which lines are in sight if not all are, and in a small pane how to see more.
func (p *Pane) extent(status string, from, to, w int) string {
	const small = 10
	total := p.Scroll.Total()
	if to-from >= total {
		return ""
	}
	text := lab.Textf("  %[3]d줄 중 %[1]d-%[2]d", "  lines %d-%d of %d", from+1, to, total).In(p.lang)
	if to <= from { // the command alone fills the pane
		text = lab.Textf("  출력 %d줄", "  lines: %d", total).In(p.lang)
	}
	if more := lab.Textf(", 크게 보기: %s", ", enlarge: %s", p.toEnlarge).In(p.lang); to-from < small &&
		ansi.StringWidth(status+text+more) <= w {
		text += more
	}
	if ansi.StringWidth(status+text) > w {
		return ""
	}
	return p.style.Muted.Render(text)
}

func (p *Pane) state(t lab.Task, now time.Time) (string, lipgloss.Style) {
	g := p.style.Glyphs
	took := t.Took.Round(100 * time.Millisecond).String()
	if t.Took < 100*time.Millisecond {
		took = fmt.Sprintf("%dms", t.Took.Milliseconds())
	}
	switch t.State {
	case lab.TaskDone:
		return g.OK + " " + t.State.Words().In(p.lang) + ", " + took, p.style.Good
	case lab.TaskFailed:
		text := g.Fail + " " + t.State.Words().In(p.lang) + ", " + took
		if t.ExitCode != 0 { // otherwise it did not get as far as to end
			text += lab.Textf(", 종료 코드 %d", ", exit code %d", t.ExitCode).In(p.lang)
		}
		return text, p.style.Bad
	case lab.TaskCanceled:
		return g.Canceled + " " + t.State.Words().In(p.lang) + ", " + took, p.style.Warn
	default:
		since := duration.HumanDuration(max(now.Sub(t.Started), 0))
		return g.Running + " " + lab.Textf("실행 중, %s 경과", "running for %s", since).In(p.lang), p.style.Info
	}
}

func (p *Pane) searchLine() string {
	hits := len(find(p.lines, p.word))
	text := "/" + p.word
	if p.typing {
		return p.style.Key.Render(text + "_")
	}
	return p.style.Muted.Render(lab.Textf("%s  %d줄에서 찾음 (n/N 이동, Esc 끝)", "%s  %d lines (n/N move, Esc ends)",
		text, hits).In(p.lang))
}

func (p *Pane) highlight(line string) string {
	if p.word == "" {
		return line
	}
	plain := ansi.Strip(line)
	pieces := split(plain, p.word)
	if len(pieces) == 1 {
		return line
	}
	var out strings.Builder
	for i, piece := range pieces {
		st := p.style.Text
		if i%2 == 1 {
			st = p.style.Match
		}
		out.WriteString(st.Render(piece))
	}
	return out.String()
}
