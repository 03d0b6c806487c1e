package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// fieldDialog asks for a line of text. Every key goes to it as it was pressed, so that an input method can be used.
type fieldDialog struct {
	head, question, hint string
	input                textinput.Model
	problem              lab.Text // with what was typed last; zero for none
	// take is given what was typed. It says what is wrong with that, or what is to be done.
	take func(typed string) (problem lab.Text, then func() tea.Cmd)

	x, y int // of the cursor in the inside, as last drawn
}

// ask opens a dialog for a line of text.
func (all *dialogs) ask(title lab.Text, question, hint string, take func(string) (lab.Text, func() tea.Cmd)) tea.Cmd {
	const most = 60
	all.dirty = true
	d := &fieldDialog{head: all.say(title), question: question, hint: hint, take: take, input: textinput.New()}
	d.input.Prompt = ""
	d.input.CharLimit = most
	d.input.SetVirtualCursor(false)
	all.dialog = d
	return d.input.Focus()
}

func (d *fieldDialog) title() string { return d.head }

func (d *fieldDialog) lines(on *display, w, h int) []string {
	const lead = "> "
	out := append(widget.Wrap(d.question, w), "")
	if most := max(h-5, 1); len(out) > most {
		out = out[:most]
	}
	typed := d.input.Value()
	d.x, d.y = ansi.StringWidth(lead)+ansi.StringWidth(string([]rune(typed)[:d.input.Position()])), len(out)
	d.x = min(d.x, max(w-1, 0))
	out = append(out, on.style.Key.Render(lead)+on.style.Strong.Render(widget.Fit(typed, max(w-len(lead), 0), on.style.Glyphs.Ellipsis)))
	if !d.problem.IsZero() {
		out = append(out, styled(on.style.Bad.Render, widget.Wrap(on.say(d.problem), w))...)
	}
	return append(append(out, ""), styled(on.style.Muted.Render, widget.Wrap(d.hint, w))...)
}

// press reacts to a key as it was pressed.
func (d *fieldDialog) press(msg tea.KeyPressMsg) (finished bool, then func() tea.Cmd) {
	switch name := msg.String(); name {
	case "enter", "esc":
		return d.key(name)
	case "ctrl+v": // the terminal pastes
		return false, nil
	}
	d.problem = lab.Text{}
	d.input, _ = d.input.Update(msg)
	return false, nil
}

// paste takes what was pasted as one line.
func (d *fieldDialog) paste(msg tea.PasteMsg) {
	d.input, _ = d.input.Update(tea.PasteMsg{Content: strings.TrimSpace(widget.Clean(msg.Content))})
}

func (d *fieldDialog) key(name string) (bool, func() tea.Cmd) {
	switch name {
	case "esc":
		return true, nil
	case "enter":
		problem, then := d.take(d.input.Value())
		d.problem = problem
		return problem.IsZero(), then
	}
	return false, nil
}

func (d *fieldDialog) click(int, int) (bool, func() tea.Cmd) { return false, nil }

// cursor is where the terminal's cursor belongs, if the dialog has a field.
func (all *dialogs) cursor() *tea.Cursor {
	d, ok := all.dialog.(*fieldDialog)
	if !ok {
		return nil
	}
	return tea.NewCursor(all.box.X+d.x, all.box.Y+d.y)
}
