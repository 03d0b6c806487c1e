package guide

import (
	"strings"

	"charm.land/glamour/v2"

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
	renderer, err := glamour.NewTermRenderer(glamour.WithStyles(style.Markdown()), glamour.WithWordWrap(max(w, 8)))
	out := ""
	if err == nil {
		out, err = renderer.Render(guarded(text))
	}
	if err != nil { // the text itself is still worth reading
		out = strings.Join(widget.Wrap(text, w), "\n")
	}
	lines := widget.CleanANSI(strings.ReplaceAll(out, guard, ""))
	for len(lines) > 1 && widget.Blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 1 && widget.Blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return lines
}
