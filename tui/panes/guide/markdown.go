package guide

import (
	"strings"

	"charm.land/glamour/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// page is a rendered Markdown text, kept until the text, the width or the style changes: rendering takes milliseconds.
type page struct {
	text  string
	width int
	style int
	lines []string
}

// render returns text as lines of at most w cells. generation numbers the style.
func (p *page) render(text string, w int, style *theme.Style, generation int) []string {
	if p.lines != nil && p.text == text && p.width == w && p.style == generation {
		return p.lines
	}
	*p = page{text: text, width: w, style: generation, lines: markdown(text, w, style)}
	return p.lines
}

func markdown(text string, w int, style *theme.Style) []string {
	// Glamour wraps the items of lists without indenting them, and only its tables need to know the width.
	wrap := 0
	if strings.Contains(text, "\n|") {
		wrap = max(w, 8)
	}
	renderer, err := glamour.NewTermRenderer(glamour.WithStyles(style.Markdown()), glamour.WithWordWrap(wrap))
	out := text
	if err == nil {
		out, err = renderer.Render(guarded(text))
	}
	if err != nil { // the text itself is still worth reading
		out = text
	}
	var lines []string
	for _, line := range widget.CleanANSI(strings.ReplaceAll(out, guard, "")) {
		lines = append(lines, hang(line, w, style.Glyphs.Bullet)...)
	}
	for len(lines) > 1 && widget.Blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 1 && widget.Blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// hang wraps a line so that what follows its first piece is indented like the text of that piece.
func hang(line string, w int, bullet string) []string {
	plain := strings.TrimRight(ansi.Strip(line), " ")
	indent := lead(plain, bullet)
	if widget.Width(plain) <= w || indent >= w/2 {
		return []string{line}
	}
	first := ansi.Cut(line, 0, indent)
	rest := ansi.Cut(line, indent, widget.Width(plain))
	pieces := widget.CleanANSI(strings.Join(widget.Wrap(rest, w-indent), "\n"))
	for i, piece := range pieces {
		if i == 0 {
			pieces[i] = first + piece
		} else {
			pieces[i] = strings.Repeat(" ", indent) + piece
		}
	}
	return pieces
}

// lead returns how many cells come before the text of a line: blanks, and the bullet or number of a list's item.
func lead(plain, bullet string) int {
	text := strings.TrimLeft(plain, " ")
	blanks := len(plain) - len(text)
	if strings.HasPrefix(text, bullet+" ") {
		return blanks + widget.Width(bullet) + 1
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits > 0 && strings.HasPrefix(text[digits:], ". ") {
		return blanks + digits + 2
	}
	return blanks
}
