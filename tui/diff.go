package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/diff"
	"healthlab/tui/widget"
)

// around is how many lines before and after a changed one are shown for orientation.
const around = 2

// nearChanges reports for each line whether it is shown.
func nearChanges(all []diff.Line) []bool {
	near := make([]bool, len(all))
	for i, line := range all {
		if line.Kind != diff.Same {
			for j := max(i-around, 0); j <= min(i+around, len(all)-1); j++ {
				near[j] = true
			}
		}
	}
	return near
}

// drawChanges draws a difference as lines of at most w cells. What was added and removed differs in its sign and in its
// colour.
func (d *display) drawChanges(all []diff.Line, w int) []string {
	s := &d.style
	styles := map[diff.Kind]lipgloss.Style{diff.Same: s.Muted, diff.Added: s.Good, diff.Removed: s.Bad}
	marks := map[diff.Kind]string{diff.Same: " ", diff.Added: "+", diff.Removed: "-"}
	var lines []string
	near := nearChanges(all)
	for i, line := range all {
		switch {
		case !near[i] && (i == 0 || near[i-1]):
			lines = append(lines, s.Muted.Render(s.Glyphs.Ellipsis))
			continue
		case !near[i]:
			continue
		}
		lead := marks[line.Kind] + " "
		// Tabs and whatever else a file may hold become what can be drawn.
		text := strings.Join(widget.CleanANSI(ansi.Strip(line.Text)+"\n"), " ")
		for _, part := range widget.Wrap(text, max(w-2, 1)) {
			lines = append(lines, styles[line.Kind].Render(lead+part))
			lead = marks[line.Kind] + s.Glyphs.Ellipsis // the line goes on
		}
	}
	return lines
}

// tally says how many lines were added and removed.
func tally(all []diff.Line) string {
	count := map[diff.Kind]int{}
	for _, line := range all {
		count[line.Kind]++
	}
	return fmt.Sprintf("+%d -%d", count[diff.Added], count[diff.Removed])
}

// diffDialog shows what an edit has changed and asks about it. The question stays in sight while the difference scrolls.
type diffDialog struct {
	confirmDialog
	changes []diff.Line
	scroll  widget.Scroll
	drawn   []string
	width   int // that drawn is for
}

func (d *diffDialog) lines(on *display, w, h int) []string {
	if d.width != w {
		d.drawn, d.width = on.drawChanges(d.changes, w), w
	}
	ask := d.confirmDialog.lines(on, w, h-2)
	d.scroll.Fit(len(d.drawn), max(h-len(ask)-1, 1))
	from, to := d.scroll.Window()
	rule := ""
	if above, below := d.scroll.More(); above || below {
		rule = on.style.Muted.Render(widget.Fit(on.say(lab.Textf("%d-%d/%d줄 · ↑↓ PgUp PgDn", "lines %d-%d of %d · ↑↓ PgUp PgDn", from+1, to, len(d.drawn))), w, on.style.Glyphs.Ellipsis))
	}
	lines := append(append([]string{}, d.drawn[from:to]...), rule)
	for i := range d.buttons {
		d.buttons[i].Y += len(lines)
	}
	return append(lines, ask...)
}

func (d *diffDialog) key(name string) (bool, func() tea.Cmd) {
	switch name {
	case "up", "k":
		d.scroll.By(-1)
	case "down", "j":
		d.scroll.By(1)
	case "pgup", "ctrl+u":
		d.scroll.Page(-1)
	case "pgdown", "ctrl+d":
		d.scroll.Page(1)
	case "home", "g":
		d.scroll.Top()
	case "end", "G":
		d.scroll.Bottom()
	default:
		return d.confirmDialog.key(name)
	}
	return false, nil
}
