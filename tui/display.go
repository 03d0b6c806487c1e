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
	keys  Keymap
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

// key is how the first key of a binding is written.
func (d *display) key(id string) string { return keyName(d.keys.byID(id).Keys[0], d.ascii) }

// taskName is the command line of a task, or its title where it has none.
func (d *display) taskName(t lab.Task) string { return widget.Clean(t.Name().In(d.lang)) }

// taskFor is a task that has run for so long.
func (d *display) taskFor(name string, t lab.Task) string {
	return d.say(lab.Textf("%s %s째", "%s for %s", name, span(d.clock().Sub(t.Started), d.lang)))
}

// unusable says that the cluster has failed.
func unusable() lab.Text { return lab.T("클러스터를 쓸 수 없음", "cluster unavailable") }

// smallScreen says what is needed, on as many lines as there are.
func (d *display) smallScreen(w, h int) []string {
	text := d.say(lab.Textf("화면이 %d×%d입니다. healthlab에는 %d×%d 이상이 필요합니다. 창을 키우거나 글꼴을 줄이십시오. 끝내기: %s",
		"The screen is %d×%d. healthlab needs %d×%d or more: enlarge the window or use a smaller font. Quit: %s",
		w, h, MinWidth, MinHeight, d.key("quit")))
	return strings.Split(widget.Block(widget.Wrap(text, w), w, h, ""), "\n")
}
