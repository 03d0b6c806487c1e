package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// drawnPlace is what a place looked like when it was last drawn, and what that depended on.
type drawnPlace struct {
	view  string
	place rect
	title string
	lines []string // place.H lines of place.W cells
}

// draw returns the whole screen: exactly h lines, joined, each of exactly w cells.
func (m *Model) draw() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	lines := make([]string, 0, m.h)
	if m.layout.TooSmall {
		lines = m.smallScreen(m.w, m.h)
	} else {
		lines = append(lines, header{m.display, m.moment(), m.mouse, &m.replay}.draw(m.w))
		if m.presenter {
			lines = append(lines, strings.Split(m.panes[Stage].View(m.clock()), "\n")...)
		} else {
			lines = m.appendBody(lines)
		}
		lines = append(lines, newsLine{m.news, m.moment()}.draw(m.w), m.footer(m.w))
	}
	if m.prompt.open && !m.layout.TooSmall {
		lines = m.prompt.proposals(lines, m.layout.Footer)
	}
	if m.dialog != nil && !m.layout.TooSmall {
		lines = m.overlay(lines, m.w, m.h)
	}
	return strings.Join(lines, "\n")
}

// appendBody joins the columns line by line. Lines are of exact width already, so that nothing has to be measured.
func (sc *screen) appendBody(lines []string) []string {
	columns := make([][]string, len(sc.layout.Columns))
	for i, c := range sc.layout.Columns {
		for _, p := range c.Places {
			columns[i] = append(columns[i], sc.placeLines(p)...)
		}
	}
	divider := sc.style.Border.Render(sc.style.Glyphs.Plain.Vertical)
	var row strings.Builder
	for y := range sc.h - 3 {
		row.Reset()
		for i, c := range columns {
			if i > 0 {
				row.WriteString(divider)
			}
			if y < len(c) {
				row.WriteString(c[y])
			} else {
				row.WriteString(strings.Repeat(" ", sc.layout.Columns[i].W))
			}
		}
		lines = append(lines, row.String())
	}
	return lines
}

// placeLines draws the title and the inside of a place. As long as the pane returns the same picture, so does this.
func (sc *screen) placeLines(p place) []string {
	var view string
	if p.Front == Pods && sc.comingUp() {
		w, h := p.inside()
		view = sc.bringUp(sc.snap.Cluster, w, h)
	} else {
		view = sc.panes[p.Front].View(sc.clock())
	}
	title := sc.titleLine(p)
	d, ok := sc.drawn[p.Front]
	if ok && d.view == view && d.place == p.rect && d.title == title {
		return d.lines
	}
	d = drawnPlace{view: view, place: p.rect, title: title, lines: make([]string, 0, p.H)}
	w, h := p.inside()
	if p.H > 0 {
		d.lines = append(d.lines, title)
	}
	rest := view
	for range h {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		d.lines = append(d.lines, widget.Fit(" "+widget.Fit(line, w, "")+" ", p.W, ""))
	}
	sc.drawn[p.Front] = d
	return d.lines
}

// tabTitle is where the title of a pane is in the title line of a place.
type tabTitle struct {
	id   PaneID
	text string
	x, w int
}

// tabs lays out the titles of a place: all in full, or shortened to their keys from the last one on until they fit.
func (sc *screen) tabs(p place) []tabTitle {
	const lead, gap = 2, 3
	titles := make([]tabTitle, len(p.Panes))
	for i, id := range p.Panes {
		titles[i] = tabTitle{id: id, text: sc.key("pane-"+string(id)) + " " + sc.panes[id].Title(sc.lang)}
		if id == p.Front && len(p.Panes) > 1 {
			titles[i].text = "[" + titles[i].text + "]" // told apart without colour, too
		}
		if id == p.Front && id == sc.focus {
			titles[i].text = sc.style.Glyphs.Chosen + " " + titles[i].text
		}
	}
	total := func() int {
		sum := lead
		for i := range titles {
			titles[i].w = ansi.StringWidth(titles[i].text)
			sum += titles[i].w + gap
		}
		return sum
	}
	for i := len(titles) - 1; i >= 0 && total() > p.W; i-- {
		if titles[i].id != p.Front {
			titles[i].text = sc.key("pane-" + string(titles[i].id))
		}
	}
	total()
	x := lead
	for i := range titles {
		titles[i].x = x
		x += titles[i].w + gap
	}
	return titles
}

func (sc *screen) titleLine(p place) string {
	edge, b := sc.style.Border, sc.style.Glyphs.Plain
	focused := p.Front == sc.focus
	if focused {
		edge, b = sc.style.BorderFocused, sc.style.Glyphs.Focused
	}
	var out strings.Builder
	out.WriteString(edge.Render(b.Horizontal) + " ")
	x := 2
	for i, t := range sc.tabs(p) {
		style := sc.style.Muted
		if t.id == p.Front {
			style = sc.style.Title
			if focused {
				style = sc.style.TitleFocused
			}
		}
		if i > 0 {
			out.WriteString(" " + edge.Render(sc.style.Glyphs.Plain.Vertical) + " ")
		}
		out.WriteString(style.Render(t.text))
		x = t.x + t.w
	}
	out.WriteString(" ")
	if rest := p.W - x - 1; rest > 0 {
		out.WriteString(edge.Render(strings.Repeat(b.Horizontal, rest)))
	}
	return widget.Fit(out.String(), p.W, "")
}

// comingUp reports whether there is no cluster to show anything of yet.
func (sc *screen) comingUp() bool {
	phase := sc.snap.Cluster.Phase
	return phase == lab.Starting || phase == lab.Failed
}
