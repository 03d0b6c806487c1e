package widget

import (
	"strings"
	"time"

	"charm.land/lipgloss/v2"
)

// Mark is one cell of a strip.
type Mark struct {
	Glyph string // one cell wide
	Style lipgloss.Style
}

// Strip draws the last marks that fit into w cells, the newest at the right, padded on the left with fill.
func Strip(marks []Mark, w int, fill Mark) string {
	if w <= 0 {
		return ""
	}
	if len(marks) > w {
		marks = marks[len(marks)-w:]
	}
	var out strings.Builder
	if n := w - len(marks); n > 0 {
		out.WriteString(fill.Style.Render(strings.Repeat(fill.Glyph, n)))
	}
	for i := 0; i < len(marks); {
		// Equal neighbours are rendered together: a style costs more than a glyph.
		run := i
		for run < len(marks) && marks[run].Glyph == marks[i].Glyph {
			run++
		}
		out.WriteString(marks[i].Style.Render(strings.Repeat(marks[i].Glyph, run-i)))
		i = run
	}
	return out.String()
}

// Part is a part of a bar.
type Part struct {
	Count int
	Mark
}

// Bar draws the parts side by side, in w cells if their counts add up to more, otherwise each unit as wide as an equal
// share allows but no more than four cells. It is at most w cells wide.
func Bar(parts []Part, w int) string {
	sum := 0
	for _, p := range parts {
		sum += max(p.Count, 0)
	}
	if sum == 0 || w <= 0 {
		return ""
	}
	width := min(w, sum*4)
	var out strings.Builder
	seen, drawn := 0, 0
	for _, p := range parts {
		seen += max(p.Count, 0)
		end := width * seen / sum
		if end > drawn {
			out.WriteString(p.Style.Render(strings.Repeat(p.Glyph, end-drawn)))
		}
		drawn = end
	}
	return out.String()
}

// Remaining returns the whole seconds from now until t, rounded up, and 0 once t has passed.
func Remaining(t, now time.Time) int {
	d := t.Sub(now)
	if d <= 0 {
		return 0
	}
	return int((d + time.Second - 1) / time.Second)
}

// Big returns s in digits five lines high, made of block, each three cells wide with one between. It knows digits,
// '/', ':', '-' and blanks; anything else is drawn as a blank.
func Big(s, block string) []string {
	out := make([]string, 5)
	for i, r := range s {
		pattern := digit(r)
		for line := range out {
			if i > 0 {
				out[line] += " "
			}
			for bit := 2; bit >= 0; bit-- {
				if pattern[line]>>bit&1 == 1 {
					out[line] += block
				} else {
					out[line] += " "
				}
			}
		}
	}
	return out
}

// digit returns five lines of three bits.
func digit(r rune) [5]byte {
	switch r {
	case '0':
		return [5]byte{7, 5, 5, 5, 7}
	case '1':
		return [5]byte{2, 6, 2, 2, 7}
	case '2':
		return [5]byte{7, 1, 7, 4, 7}
	case '3':
		return [5]byte{7, 1, 7, 1, 7}
	case '4':
		return [5]byte{5, 5, 7, 1, 1}
	case '5':
		return [5]byte{7, 4, 7, 1, 7}
	case '6':
		return [5]byte{7, 4, 7, 5, 7}
	case '7':
		return [5]byte{7, 1, 1, 2, 2}
	case '8':
		return [5]byte{7, 5, 7, 5, 7}
	case '9':
		return [5]byte{7, 5, 7, 1, 7}
	case '/':
		return [5]byte{1, 1, 2, 4, 4}
	case ':':
		return [5]byte{0, 2, 0, 2, 0}
	case '-':
		return [5]byte{0, 0, 7, 0, 0}
	default:
		return [5]byte{}
	}
}
