package theme

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Box draws a frame of exactly w times h cells with a title in its upper edge around body, which must be h-2 lines of
// w-2 cells. It joins strings and measures only the title, because measuring and joining whole screens is what makes a
// Korean screen slow. A box below two cells in either direction is blank.
func (s *Style) Box(title, body string, w, h int, focused bool) string {
	if w < 2 || h < 2 {
		return blank(w, h)
	}
	b, edge, titleStyle := s.Glyphs.Plain, s.Border, s.Title
	if focused {
		b, edge, titleStyle = s.Glyphs.Focused, s.BorderFocused, s.TitleFocused
		title = s.Glyphs.Chosen + " " + title
	}
	iw, ih := w-2, h-2
	title = ansi.Truncate(title, max(iw-4, 0), s.Glyphs.Ellipsis)
	tw := ansi.StringWidth(title)

	var out strings.Builder
	if tw == 0 {
		out.WriteString(edge.Render(b.TopLeft + strings.Repeat(b.Horizontal, iw) + b.TopRight))
	} else {
		out.WriteString(edge.Render(b.TopLeft + b.Horizontal + " "))
		out.WriteString(titleStyle.Render(title))
		out.WriteString(edge.Render(" " + strings.Repeat(b.Horizontal, iw-tw-3) + b.TopRight))
	}
	side := edge.Render(b.Vertical)
	for range ih {
		line, rest, _ := strings.Cut(body, "\n")
		body = rest
		out.WriteString("\n" + side + line + side)
	}
	out.WriteString("\n" + edge.Render(b.BottomLeft+strings.Repeat(b.Horizontal, iw)+b.BottomRight))
	return out.String()
}

func blank(w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	line := strings.Repeat(" ", w)
	return line + strings.Repeat("\n"+line, h-1)
}
