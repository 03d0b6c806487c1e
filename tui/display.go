package tui

import (
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// display is how the console draws and speaks: its theme, its language, and what symbols the terminal has. The console and
// its flows share one.
type display struct {
	texts texts
	now   func() time.Time
	clock func() time.Time // of what is shown: it is now, except in a replay
	dirty bool             // something has changed since the screen was drawn last

	// What the user has chosen.
	lang             lab.Lang
	themeName        theme.Name
	followBackground bool // of the terminal, with the theme

	// What the terminal has.
	ascii   bool // no symbols
	noColor bool
	sixteen bool // colours

	style theme.Style // what all of that makes
}

// makeStyle makes the style anew.
func (d *display) makeStyle() {
	o := theme.Options{ASCII: d.ascii}
	switch {
	case d.noColor:
		o.Colors = theme.NoColor
	case d.sixteen:
		o.Colors = theme.SixteenColors
	}
	d.style = theme.New(d.themeName, o)
	d.dirty = true
}

// say returns t in the user's language, without symbols where the terminal has none.
func (d *display) say(t lab.Text) string {
	if !d.ascii {
		return t.In(d.lang)
	}
	return strings.NewReplacer("→", "Right", "←→", "Left/Right", "←", "Left", "↑↓", "Up/Down", "↑", "Up", "↓", "Down",
		" · ", ", ", "—", "-", "–", "-", "×", "x").Replace(t.In(d.lang))
}

func (d *display) sayf(t lab.Text, args ...any) string { return d.say(textf(t, args...)) }

// taskName is the command line of a task, or its title where it has none.
func (d *display) taskName(t lab.Task) string {
	if t.Line != "" {
		return widget.Clean(t.Line)
	}
	return widget.Clean(t.Title.In(d.lang))
}

// textf fills in a text of the table for both languages.
func textf(t lab.Text, args ...any) lab.Text { return lab.Textf(t.Ko, t.En, args...) }

// smallScreen says what is needed, on as many lines as there are.
func (d *display) smallScreen(w, h int) []string {
	text := d.sayf(d.texts.TooSmall, w, h, MinWidth, MinHeight)
	return strings.Split(widget.Block(widget.Wrap(text, w), w, h, ""), "\n")
}
