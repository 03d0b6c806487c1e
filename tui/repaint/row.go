package repaint

import (
	"image/color"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// row is what was painted on a line of the screen from its left end: on ground, up to its last cell.
type row struct {
	ground uv.Style // only its background shows
	cells  []cell   // one a column
	odd    bool     // there is a character that terminals do not agree about the width of
}

// cell is a column of a row. A wide character stands in its first one; the others are its tail.
type cell struct {
	text  string
	tail  bool
	style uv.Style
}

// put appends a character of so many columns; one of none belongs to the one before.
func (r *row) put(text string, width int, style uv.Style) {
	if utf8.RuneCountInString(text) != 1 || width != ansi.StringWidthWc(text) || width == 0 {
		r.odd = true
	}
	if width == 0 {
		for x := len(r.cells) - 1; x >= 0; x-- {
			if !r.cells[x].tail {
				r.cells[x].text += text
				return
			}
		}
	}
	r.cells = append(r.cells, cell{text: text, style: style})
	for range width - 1 {
		r.cells = append(r.cells, cell{tail: true, style: style})
	}
}

// at is the cell in a column; behind the last one it is as the line was erased.
func (r *row) at(x int) cell {
	if x < len(r.cells) {
		return r.cells[x]
	}
	return cell{text: " ", style: uv.Style{Bg: r.ground.Bg}}
}

func (c cell) equal(other cell) bool {
	return c.text == other.text && c.tail == other.tail && c.style.Equal(&other.style)
}

// span is columns of a row: from, and up to but not including to.
type span struct{ from, to int }

// near is how many columns that are alike are written again rather than jumped over: what a jump costs.
const near = 8

// over are the spans to write of r on a line that shows another row; ok is false if it has to be painted whole.
func (r *row) over(shown *row) (spans []span, ok bool) {
	if shown == nil || !sameColor(r.ground.Bg, shown.ground.Bg) {
		return nil, false
	}
	spans = r.changes(shown)
	return spans, len(spans) == 0 || !r.odd && !shown.odd
}

func sameColor(a, b color.Color) bool {
	ground, other := uv.Style{Bg: a}, uv.Style{Bg: b}
	return ground.Equal(&other)
}

// changes are the spans by which r differs from what a line shows. They begin and end where characters do, in both.
func (r *row) changes(shown *row) []span {
	width := max(len(r.cells), len(shown.cells))
	tail := func(x int) bool { return r.at(x).tail || shown.at(x).tail }
	var out []span
	for x := 0; x < width; x++ {
		if r.at(x).equal(shown.at(x)) {
			continue
		}
		from, to := x, x+1
		for from > 0 && tail(from) {
			from--
		}
		for to < width && tail(to) {
			to++
		}
		if last := len(out) - 1; last >= 0 && from <= out[last].to+near {
			out[last].to = max(to, out[last].to)
		} else {
			out = append(out, span{from, to})
		}
		x = to - 1
	}
	return out
}
