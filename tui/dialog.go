package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// dialog is a box in front of the screen that takes all keys.
type dialog interface {
	title() string
	// lines draws the inside, at most w cells wide and h lines high.
	lines(on *display, w, h int) []string
	// key reacts to a key and reports whether the dialog is finished. What it returns to be done is done afterwards,
	// so that it may open another dialog.
	key(name string) (finished bool, then func() tea.Cmd)
	// click reacts likewise to a click at a cell of the inside, which may also be outside of it.
	click(x, y int) (finished bool, then func() tea.Cmd)
}

// dialogs opens dialogs, one at a time: another one takes the place of the one before.
type dialogs struct {
	*display
	dialog dialog // nil if none is open
	box    rect   // its inside, as last drawn
}

// closeIf closes the dialog if it is finished, and then does what came of it.
func (m *Model) closeIf(finished bool, then func() tea.Cmd) tea.Cmd {
	if finished {
		m.dialog = nil
		m.cleanUp.quitting = false
	}
	if then == nil {
		return nil
	}
	return then()
}

// confirmDialog asks a question whose answer is no unless the user says otherwise.
type confirmDialog struct {
	head, question, hint string
	yes                  bool
	scroll               widget.Scroll // over a question that is longer than the box
	buttons              [2]rect       // yes and no, as last drawn
	then                 func() tea.Cmd
}

func (all *dialogs) confirm(question string, then func() tea.Cmd) *confirmDialog {
	all.dirty = true
	d := &confirmDialog{
		head: all.say(lab.T("확인", "Please confirm")), question: question, then: then,
		hint: all.say(lab.T("y 예 · n 아니요 · ←→ Enter 고르기 · Esc 닫기", "y yes · n no · ←→ Enter choose · Esc close")),
	}
	all.dialog = d
	return d
}

func (d *confirmDialog) title() string { return d.head }

func (d *confirmDialog) lines(on *display, w, h int) []string {
	yes, no := on.style.Text, on.style.Selected
	marks := [2]string{"  ", on.style.Glyphs.Chosen + " "}
	if d.yes {
		yes, no = no, yes
		marks[0], marks[1] = marks[1], marks[0]
	}
	left, right := marks[0]+on.say(lab.T("예 (y)", "Yes (y)"))+" ", marks[1]+on.say(lab.T("아니요 (n)", "No (n)"))+" "
	foot := append([]string{
		"", yes.Render(left) + strings.Repeat(" ", buttonGap) + no.Render(right), "",
	}, styled(on.style.Muted.Render, widget.Wrap(d.hint, w))...)
	question := widget.Wrap(d.question, w)
	d.scroll.Fit(len(question), max(h-len(foot), 1))
	from, to := d.scroll.Window()
	y := to - from + 1
	d.buttons[0] = rect{0, y, ansi.StringWidth(left), 1}
	d.buttons[1] = rect{d.buttons[0].W + buttonGap, y, ansi.StringWidth(right), 1}
	return append(question[from:to:to], foot...)
}

// buttonGap is how many cells are between the two answers.
const buttonGap = 3

func (d *confirmDialog) click(x, y int) (bool, func() tea.Cmd) {
	switch {
	case d.buttons[0].contains(x, y):
		return true, d.then
	case d.buttons[1].contains(x, y):
		return true, nil
	}
	return false, nil
}

func (d *confirmDialog) key(name string) (bool, func() tea.Cmd) {
	switch name {
	case "y":
		return true, d.then
	case "n", "esc", "q":
		return true, nil
	case "left", "right", "tab", "shift+tab", "h", "l":
		d.yes = !d.yes
	case "up", "k", "pgup":
		d.scroll.By(-1)
	case "down", "j", "pgdown":
		d.scroll.By(1)
	case "enter", "space":
		if d.yes {
			return true, d.then
		}
		return true, nil
	}
	return false, nil
}

// listDialog lets the user choose one of several items, by arrows or by digit.
type listDialog struct {
	head, intro, hint string
	items             []string
	at                int
	scroll            widget.Scroll
	then              func(i int) tea.Cmd
	drawn             []int // the item of each line, as last drawn; -1 for none
}

func (all *dialogs) choose(title lab.Text, intro string, items []string, at int, then func(int) tea.Cmd) *listDialog {
	all.dirty = true
	d := &listDialog{
		head: all.say(title), intro: intro, items: items, at: at, then: then,
		hint: all.say(lab.T("↑↓ Enter 또는 숫자로 고르기 · Esc 닫기", "↑↓ Enter or a digit to choose · Esc close")),
	}
	all.dialog = d
	return d
}

func (d *listDialog) title() string { return d.head }

func (d *listDialog) lines(on *display, w, h int) []string {
	var out []string
	if d.intro != "" {
		out = append(widget.Wrap(d.intro, w), "")
	}
	foot := append([]string{""}, styled(on.style.Muted.Render, widget.Wrap(d.hint, w))...)
	// Items may take several lines; first and last say where the chosen one is.
	var body []string
	var owner []int
	first, last := 0, 0
	for i, item := range d.items {
		mark, style := "  ", on.style.Text
		if i == d.at {
			mark, style, first = on.style.Glyphs.Chosen+" ", on.style.Selected, len(body)
		}
		if i < 9 && len(d.items) > 1 {
			mark += strconv.Itoa(i+1) + " "
		} else {
			mark += "  "
		}
		for j, line := range widget.Wrap(item, max(w-4, 1)) {
			if j > 0 {
				mark = "    "
			}
			body = append(body, style.Render(widget.Fit(mark+line, w, on.style.Glyphs.Ellipsis)))
			owner = append(owner, i)
		}
		if i == d.at {
			last = len(body) - 1
		}
	}
	d.scroll.Fit(len(body), max(h-len(out)-len(foot), 1))
	d.scroll.Show(last)
	d.scroll.Show(first)
	from, to := d.scroll.Window()
	d.drawn = append(slices.Repeat([]int{-1}, len(out)), owner[from:to]...)
	return append(append(out, body[from:to]...), foot...)
}

func (d *listDialog) click(x, y int) (bool, func() tea.Cmd) {
	if x < 0 || y < 0 || y >= len(d.drawn) || d.drawn[y] < 0 {
		return false, nil
	}
	i := d.drawn[y]
	return true, func() tea.Cmd { return d.then(i) }
}

func (d *listDialog) key(name string) (bool, func() tea.Cmd) {
	pick := func(i int) func() tea.Cmd { return func() tea.Cmd { return d.then(i) } }
	switch name {
	case "up", "k", "shift+tab":
		d.at = max(d.at-1, 0)
	case "down", "j", "tab":
		d.at = max(min(d.at+1, len(d.items)-1), 0)
	case "home", "g":
		d.at = 0
	case "end":
		d.at = max(len(d.items)-1, 0)
	case "enter", "space":
		if len(d.items) == 0 {
			return true, nil
		}
		return true, pick(d.at)
	case "esc", "q":
		return true, nil
	default:
		if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(d.items) {
			return true, pick(n - 1)
		}
	}
	return false, nil
}

// textDialog is something to read.
type textDialog struct {
	head, hint string
	text       []string
	hang       int // by how many cells the second and further lines of an indented paragraph are indented
	scroll     widget.Scroll
	wrapped    []string
	width      int
	opened     []string       // the keys that open something to read; they also close it
	then       func() tea.Cmd // once it is closed; nil for nothing
}

func (all *dialogs) read(title lab.Text, text []string) *textDialog {
	all.dirty = true
	d := &textDialog{head: all.say(title), hint: all.say(lab.T("↑↓ 움직이기 · Esc 닫기", "↑↓ scroll · Esc close")), text: text}
	for _, id := range []string{"help", "error", "log", "hint"} {
		d.opened = append(d.opened, all.keys.byID(id).Keys...)
	}
	all.dialog = d
	return d
}

func (d *textDialog) title() string { return d.head }

func (d *textDialog) lines(on *display, w, h int) []string {
	if d.width != w {
		d.width, d.wrapped = w, nil
		for _, paragraph := range d.text {
			for _, line := range widget.CleanANSI(strings.TrimRight(paragraph, "\n") + "\n") {
				if ansi.StringWidth(line) <= w {
					d.wrapped = append(d.wrapped, line)
					continue
				}
				d.wrapped = append(d.wrapped, d.fold(line, w)...)
			}
		}
	}
	d.scroll.Fit(len(d.wrapped), max(h-2, 1))
	from, to := d.scroll.Window()
	hint := on.style.Muted.Render(widget.Fit(d.hint, w, ""))
	return append(append([]string{}, d.wrapped[from:to]...), on.more(len(d.wrapped)-to), hint)
}

// more says that so many lines are below those in sight; nothing if none are.
func (on *display) more(below int) string {
	if below <= 0 {
		return ""
	}
	return on.style.Muted.Render(on.style.Glyphs.Down + " " + on.say(lab.Textf("%d줄 더", "%d more", below)))
}

func (d *textDialog) fold(line string, w int) []string {
	if d.hang == 0 || !strings.HasPrefix(line, " ") || w <= 2*d.hang {
		return widget.Wrap(line, w)
	}
	head := ansi.Truncate(line, d.hang, "")
	lines := widget.Wrap(ansi.TruncateLeft(line, d.hang, ""), w-d.hang)
	for i := range lines {
		if i > 0 {
			head = strings.Repeat(" ", d.hang)
		}
		lines[i] = head + lines[i]
	}
	return lines
}

func (d *textDialog) click(int, int) (bool, func() tea.Cmd) { return false, nil }

func (d *textDialog) key(name string) (bool, func() tea.Cmd) {
	if slices.Contains(d.opened, name) {
		return true, d.then
	}
	switch name {
	case "esc", "q", "enter":
		return true, d.then
	case "up", "k":
		d.scroll.By(-1)
	case "down", "j":
		d.scroll.By(1)
	case "pgup", "ctrl+u", "b":
		d.scroll.Page(-1)
	case "pgdown", "ctrl+d", "space", "f":
		d.scroll.Page(1)
	case "home", "g":
		d.scroll.Top()
	case "end", "G":
		d.scroll.Bottom()
	}
	return false, nil
}

func styled(render func(...string) string, lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = render(l)
	}
	return out
}

// overlay draws the dialog in front of the middle of the screen. Only the lines that it covers are taken apart.
func (all *dialogs) overlay(lines []string, width, height int) []string {
	w := min(width-4, 84)
	maxH := height - 4
	body := all.dialog.lines(all.display, w-4, maxH-2)
	h := min(len(body)+2, maxH)
	inner := make([]string, 0, h)
	for _, l := range body {
		inner = append(inner, " "+widget.Fit(l, w-4, all.style.Glyphs.Ellipsis)+" ")
	}
	box := all.style.Box(all.dialog.title(), widget.Block(inner, w-2, h-2, ""), w, h, true)
	x, y := (width-w)/2, (height-h)/2
	all.box = rect{x + 2, y + 1, w - 4, h - 2}
	for i, line := range strings.Split(box, "\n") {
		lines[y+i] = splice(lines[y+i], line, x, w, width)
	}
	return lines
}

// splice puts in, which is w cells wide, over cells x and following of line, which is total cells wide. Where an edge
// would halve a double-width character, a blank takes the place of what remains of it.
func splice(line, in string, x, w, total int) string {
	left := widget.Fit(ansi.Truncate(line, x, ""), x, "")
	room := total - x - w
	right := ansi.TruncateLeft(line, x+w, "")
	if ansi.StringWidth(right) > room {
		right = ansi.TruncateLeft(line, x+w+1, "")
	}
	blank := strings.Repeat(" ", max(room-ansi.StringWidth(right), 0))
	return left + ansi.ResetStyle + in + ansi.ResetStyle + blank + right
}
