package main

import (
	"fmt"
	"strings"
)

// shape returns the SVG of a symbol within its cell, or "" for ordinary text. Fonts disagree on how wide symbols are, and
// many lack some of them.
func shape(s string) string {
	if d, ok := boxLine(s); ok {
		return fmt.Sprintf(`<path d="%s"/>`, d)
	}
	if x, y, w, h, ok := block(s); ok {
		return fmt.Sprintf(`<rect x="%g" y="%g" width="%g" height="%g" fill="currentColor" stroke="none"/>`,
			x*cellWidth, y*cellHeight, w*cellWidth, h*cellHeight)
	}
	return symbol(s)
}

// boxLine returns the path of a box-drawing character.
func boxLine(s string) (path string, ok bool) {
	const up, right, down, left = 1, 2, 4, 8
	arms := map[string]int{
		"─": right | left, "━": right | left, "│": up | down, "┃": up | down,
		"╭": right | down, "┌": right | down, "┏": right | down, "╮": down | left, "┐": down | left, "┓": down | left,
		"╰": up | right, "└": up | right, "┗": up | right, "╯": up | left, "┘": up | left, "┛": up | left,
		"├": up | right | down, "┤": up | down | left, "┬": right | down | left, "┴": up | right | left,
		"┼": up | right | down | left,
	}[s]
	const cx, cy = cellWidth / 2, cellHeight / 2
	ends := []struct {
		arm int
		to  string
	}{{up, "V0"}, {right, fmt.Sprintf("H%g", cellWidth)}, {down, fmt.Sprintf("V%g", cellHeight)}, {left, "H0"}}
	var d strings.Builder
	for _, end := range ends {
		if arms&end.arm != 0 {
			fmt.Fprintf(&d, "M%g %g%s", cx, cy, end.to)
		}
	}
	return d.String(), arms != 0
}

// block returns the filled part of a block element, in parts of a cell.
func block(s string) (x, y, width, height float64, ok bool) {
	b := map[string][4]float64{
		"█": {0, 0, 1, 1}, "▀": {0, 0, 1, .5}, "▄": {0, .5, 1, .5}, "▌": {0, 0, .5, 1}, "▐": {.5, 0, .5, 1},
		"▁": {0, .875, 1, .125}, "▔": {0, 0, 1, .125}, "▏": {0, 0, .125, 1}, "▎": {0, 0, .25, 1},
	}[s]
	return b[0], b[1], b[2], b[3], b[2] > 0
}

// symbol returns the SVG of the other symbols that the console uses. Their coordinates are those of a cell 9 wide and 21
// high.
func symbol(s string) string {
	return map[string]string{
		"○": `<circle cx="4.5" cy="10.5" r="3"/>`,
		"●": `<circle cx="4.5" cy="10.5" r="3.6" fill="currentColor" stroke="none"/>`,
		"•": `<circle cx="4.5" cy="10.5" r="2" fill="currentColor" stroke="none"/>`,
		"·": `<circle cx="4.5" cy="10.5" r="1.1" fill="currentColor" stroke="none"/>`,
		"✓": `<path d="M1.4 11.2L3.6 14L7.8 6.8" stroke-width="1.7"/>`,
		"✗": `<path d="M1.2 6.8L7.8 14.2M7.8 6.8L1.2 14.2" stroke-width="1.7"/>`,
		"▸": `<path d="M2 6.7L7.6 10.5L2 14.3Z" fill="currentColor" stroke="none"/>`,
		"▶": `<path d="M1 5.5L8.5 10.5L1 15.5Z" fill="currentColor" stroke="none"/>`,
		"|": `<path d="M4.5 4V17" stroke-width="1.2"/>`,
		"‖": `<path d="M3 5.5V15.5M6 5.5V15.5" stroke-width="1.5"/>`,
		"■": `<rect x="1" y="7" width="7" height="7" fill="currentColor" stroke="none"/>`,
		"□": `<rect x="1.6" y="7.6" width="5.8" height="5.8" stroke-width="1.2"/>`,
		"→": `<path d="M.8 10.5H8M5.2 7.7L8 10.5L5.2 13.3"/>`,
		"←": `<path d="M8.2 10.5H1M3.8 7.7L1 10.5L3.8 13.3"/>`,
		"↑": `<path d="M4.5 15.2V6M1.7 8.8L4.5 6L7.3 8.8"/>`,
		"↓": `<path d="M4.5 5.8V15M1.7 12.2L4.5 15L7.3 12.2"/>`,
		"…": `<g fill="currentColor" stroke="none"><circle cx="1.6" cy="14.6" r=".95"/><circle cx="4.5" cy="14.6" r=".95"/>` +
			`<circle cx="7.4" cy="14.6" r=".95"/></g>`,
		"⚠": `<path d="M4.5 6.2L8.4 14.2H.6Z" stroke-width="1.1" stroke-linejoin="round"/><path d="M4.5 9V11.4M4.5 12.2V13.2" stroke-width="1"/>`,
	}[s]
}
