package chart

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// ink is what a cell is drawn with.
type ink uint8

const (
	blank ink = iota
	muted
	text
	strong
	good
	warn
	bad
	info
	accent
	chosen
	alarm
	inks // how many there are
)

// pen writes with an ink: what a style puts before and behind a text, found once, because a style takes its time.
type pen struct{ on, off string }

type pens [inks]pen

func newPens(s *theme.Style) *pens {
	var all pens
	for i, style := range [inks]lipgloss.Style{
		s.Text, s.Muted, s.Text, s.Strong, s.Good, s.Warn, s.Bad, s.Info, s.Accent, s.Fresh, s.Alarm,
	} {
		all[i].on, all[i].off, _ = strings.Cut(style.Render("x"), "x")
	}
	return &all
}

func (p *pens) write(out *strings.Builder, s string, i ink) {
	out.WriteString(p[i].on)
	out.WriteString(s)
	out.WriteString(p[i].off)
}

// cell is one cell of a row. A wide character has the cell after its own, too, which is a tail.
type cell struct {
	glyph string // nothing for a blank
	ink   ink
	tail  bool
	rank  uint8 // of the state that it shows: a worse one is not hidden by a better one
}

func (c cell) free() bool { return c.glyph == "" && !c.tail }

// row is a line of cells.
type row []cell

// put sets a cell, if there is one.
func (r row) put(x int, glyph string, i ink) {
	if x >= 0 && x < len(r) && !r[x].tail && (x+1 == len(r) || !r[x+1].tail) {
		r[x] = cell{glyph: glyph, ink: i}
	}
}

// under is put where nothing is.
func (r row) under(x int, glyph string, i ink) {
	if x >= 0 && x < len(r) && r[x].free() {
		r[x] = cell{glyph: glyph, ink: i}
	}
}

// fill sets the cells from a to b, both included, as far as they are there.
func (r row) fill(a, b int, glyph string, i ink) {
	for x := max(a, 0); x <= min(b, len(r)-1); x++ {
		r[x] = cell{glyph: glyph, ink: i}
	}
}

// open reports whether nothing is in the cells from a on, w of them.
func (r row) open(a, w int) bool {
	if a < 0 || w < 0 || a+w > len(r) {
		return false
	}
	for _, c := range r[a : a+w] {
		if !c.free() {
			return false
		}
	}
	return true
}

// write puts a text over the cells from x on. There must be room for it.
func (r row) write(x int, s string, i ink) {
	for s != "" && x < len(r) {
		cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		if w <= 0 || x+w > len(r) {
			continue
		}
		r[x] = cell{glyph: cluster, ink: i}
		for j := 1; j < w; j++ {
			r[x+j] = cell{tail: true, ink: i}
		}
		x += w
	}
}

// label writes the first of some texts that there is room for: from the cell right on, or up to the cell left, with a blank
// between it and what is beyond. Where there is none for any, as much of the last one as fits.
func (r row) label(texts []string, i ink, left, right int, tail string) {
	right = max(right, 0)
	for _, s := range texts {
		w := widget.Width(s)
		if r.open(right, min(w+1, max(len(r)-right, w))) {
			r.write(right, s, i)
			return
		}
		if first := left - w + 1; r.open(max(first-1, 0), left-max(first-1, 0)+1) && first >= 0 {
			r.write(left-w+1, s, i)
			return
		}
	}
	const least = 6
	room := 0
	for right+room < len(r) && r[right+room].free() {
		room++
	}
	if room >= least && len(texts) > 0 {
		r.write(right, ansi.Truncate(texts[len(texts)-1], room, tail), i)
	}
}

// draw writes the row.
func (r row) draw(out *strings.Builder, p *pens) {
	for x := 0; x < len(r); {
		i := r[x].ink
		out.WriteString(p[i].on)
		for ; x < len(r) && r[x].ink == i; x++ {
			switch {
			case r[x].tail:
			case r[x].glyph == "":
				out.WriteByte(' ')
			default:
				out.WriteString(r[x].glyph)
			}
		}
		out.WriteString(p[i].off)
	}
}
