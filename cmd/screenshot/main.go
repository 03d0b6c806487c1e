package main

import (
	"flag"
	"fmt"
	"html"
	"image/color"
	"io"
	"os"
	"strings"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// Geometry in SVG units. Korean coding fonts have glyphs half as wide as they are high, so a cell is half a font size.
const (
	cellWidth  = 9.0
	cellHeight = 21.0
	fontSize   = 2 * cellWidth
	baseline   = 15.5
	margin     = 12.0
	fonts      = "D2Coding,NanumGothicCoding,Noto Sans Mono CJK KR,ui-monospace,monospace"
)

func main() {
	width := flag.Int("width", 120, "columns of the screen")
	height := flag.Int("height", 40, "rows of the screen")
	ink := flag.String("ink", "#e3e7ed", "default text colour")
	paper := flag.String("paper", "#14171c", "default background colour")
	flag.Parse()
	screen, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "screenshot: read the screen:", err)
		os.Exit(1)
	}
	canvas := lipgloss.NewCanvas(*width, *height).Compose(lipgloss.NewLayer(strings.TrimRight(string(screen), "\n")))
	p := picture{canvas: canvas, width: *width, height: *height, ink: *ink, paper: *paper}
	if _, err := io.WriteString(os.Stdout, p.draw()); err != nil {
		fmt.Fprintln(os.Stderr, "screenshot: write the picture:", err)
		os.Exit(1)
	}
}

// picture is one screen on its way to SVG.
type picture struct {
	canvas        *lipgloss.Canvas
	width, height int
	ink, paper    string
	svg           strings.Builder
}

func (p *picture) draw() string {
	w, h := float64(p.width)*cellWidth+2*margin, float64(p.height)*cellHeight+2*margin
	fmt.Fprintf(&p.svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" font-family="%s" font-size="%g">`+"\n", w, h, fonts, fontSize)
	fmt.Fprintf(&p.svg, `<rect width="%g" height="%g" rx="8" fill="%s"/>`+"\n", w, h, p.paper)
	for y := range p.height {
		for x := 0; x < p.width; {
			x = p.run(x, y)
		}
	}
	p.svg.WriteString("</svg>\n")
	return p.svg.String()
}

// run draws the cells from x on that can be drawn together and returns the column after them.
func (p *picture) run(x, y int) int {
	first := p.canvas.CellAt(x, y)
	if first == nil || first.Width == 0 {
		return x + 1
	}
	style := first.Style
	text, cells := first.Content, first.Width
	// Fonts disagree on the width of everything but ASCII, so all else stands alone and cannot push its neighbours out of
	// their columns.
	if ascii(text) {
		for next := p.canvas.CellAt(x+cells, y); x+cells < p.width && next != nil && ascii(next.Content) &&
			next.Style.Equal(&style); next = p.canvas.CellAt(x+cells, y) {
			text += next.Content
			cells++
		}
	}
	ink, paper := p.colours(style)
	left, top := margin+float64(x)*cellWidth, margin+float64(y)*cellHeight
	if paper != p.paper {
		fmt.Fprintf(&p.svg, `<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/>`+"\n", left, top, float64(cells)*cellWidth, cellHeight, paper)
	}
	if s := shape(text); s != "" {
		fmt.Fprintf(&p.svg, `<g transform="translate(%g %g)" stroke="%s" color="%s" fill="none" stroke-width="1.4">%s</g>`+"\n", left, top, ink, ink, s)
		return x + cells
	}
	if strings.TrimSpace(text) == "" {
		return x + cells
	}
	fmt.Fprintf(&p.svg, `<text x="%g" y="%g" textLength="%g" lengthAdjust="spacingAndGlyphs" fill="%s"%s xml:space="preserve">%s</text>`+"\n",
		left, top+baseline, float64(cells)*cellWidth, ink, attributes(style), html.EscapeString(text))
	return x + cells
}

func (p *picture) colours(s uv.Style) (ink, paper string) {
	ink, paper = hex(s.Fg, p.ink), hex(s.Bg, p.paper)
	if s.Attrs&uv.AttrReverse != 0 {
		return paper, ink
	}
	return ink, paper
}

func attributes(s uv.Style) string {
	var a string
	if s.Attrs&uv.AttrBold != 0 {
		a += ` font-weight="bold"`
	}
	if s.Attrs&uv.AttrItalic != 0 {
		a += ` font-style="italic"`
	}
	if s.Attrs&uv.AttrFaint != 0 {
		a += ` opacity="0.65"`
	}
	switch {
	case s.Attrs&uv.AttrStrikethrough != 0:
		a += ` text-decoration="line-through"`
	case s.Underline != 0:
		a += ` text-decoration="underline"`
	}
	return a
}

// ascii reports whether a cell holds one printable ASCII character, other than the bar, which some fonts break in two.
func ascii(s string) bool { return len(s) == 1 && s[0] >= ' ' && s[0] <= '~' && s[0] != '|' }

func hex(c color.Color, otherwise string) string {
	if c == nil {
		return otherwise
	}
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
