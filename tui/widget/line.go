package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// Fit returns s, which may be styled, as exactly w cells: padded with blanks, or cut with tail at its end. Where a
// double-width character does not fit, a blank takes its place.
func Fit(s string, w int, tail string) string {
	if w <= 0 {
		return ""
	}
	n := Width(s)
	if n > w {
		s = ansi.Truncate(s, w, tail)
		n = Width(s)
	}
	if n == w {
		return s
	}
	return s + strings.Repeat(" ", w-n)
}

// Middle returns s, which must not be styled, cut in its middle to at most w cells: names that Kubernetes makes up differ
// at their ends.
func Middle(s string, w int, tail string) string {
	n := Width(s)
	if n <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	room := max(w-Width(tail), 0)
	end := min(room/2, 10)
	return ansi.Truncate(s, room-end, "") + tail + ansi.TruncateLeft(s, n-end, "")
}

// Width returns how many cells s takes; styles take none. Text of ASCII, Hangul syllables and the symbols that themes use
// is measured here, because finding grapheme clusters, which such text has none of, takes twenty times as long.
func Width(s string) int {
	n := 0
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= ' ' && c <= '~':
			n++
			i++
			continue
		case c == '\x1b':
			if size := sgr(s[i:]); size > 0 {
				i += size
				continue
			}
			return ansi.StringWidth(s)
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= '가' && r <= '힣':
			n += 2
		case r >= '\u2500' && r <= '\u25a1', strings.ContainsRune("…→↑↓✓✗·‖•▸▼◆○●⚠", r):
			n++
		default:
			return ansi.StringWidth(s)
		}
		i += size
	}
	return n
}

// sgr returns the length of the sequence that sets colours and attributes at the start of s, or 0 if there is none.
func sgr(s string) int {
	if len(s) < 3 || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';' && c != ':':
			return 0
		}
	}
	return 0
}

// Block returns lines as exactly h lines of w cells, cut and padded; it is empty if w or h is below one.
func Block(lines []string, w, h int, tail string) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	var out strings.Builder
	for i := range h {
		if i > 0 {
			out.WriteByte('\n')
		}
		if i < len(lines) {
			out.WriteString(Fit(lines[i], w, tail))
		} else {
			out.WriteString(strings.Repeat(" ", w))
		}
	}
	return out.String()
}

// Wrap breaks s into lines of at most w cells, at blanks where there are any. It returns at least one line.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return []string{""}
	}
	// Names and flags must not be torn at their hyphens, where ansi.Wrap likes to break.
	s = ansi.Wrap(strings.ReplaceAll(s, "-", unbroken), w, "")
	lines := strings.Split(strings.ReplaceAll(s, unbroken, "-"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return lines
}

// unbroken is the hyphen at which no line is broken.
const unbroken = "\u2011"

// Clean makes text from elsewhere fit to be drawn on one line: no escape sequences, control characters, joiners or
// variation selectors (terminals disagree on their width), tabs and line ends as blanks, Korean letters composed.
func Clean(s string) string {
	if simple(s) {
		return s
	}
	return strings.TrimRight(clean(ansi.Strip(s)), " ")
}

// simple reports whether s is ASCII that can be printed and Hangul syllables only.
func simple(s string) bool {
	for _, r := range s {
		if (r < ' ' || r > '~') && (r < '가' || r > '힣') {
			return false
		}
	}
	return true
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// CleanANSI splits what a program printed into lines fit to be drawn: colours and attributes (SGR) stay, each line ends
// with none of them in force and the next takes them up again, every other escape sequence and control character goes,
// and a carriage return starts its line afresh, as a terminal would show it. Tabs go to every eighth column.
func CleanANSI(s string) []string {
	var lines []string
	var line, carried strings.Builder
	column := 0
	p := ansi.NewParser()
	var state byte
	for len(s) > 0 {
		seq, width, n, next := ansi.DecodeSequence(s, state, p)
		if n == 0 {
			break
		}
		state, s = next, s[n:]
		switch {
		case seq == "\n":
			lines = append(lines, closed(line.String(), carried.Len() > 0))
			line.Reset()
			line.WriteString(carried.String())
			column = 0
		case seq == "\r":
			if !strings.HasPrefix(s, "\n") {
				line.Reset()
				line.WriteString(carried.String())
				column = 0
			}
		case seq == "\t":
			blanks := 8 - column%8
			line.WriteString(strings.Repeat(" ", blanks))
			column += blanks
		case width > 0:
			text := clean(seq)
			line.WriteString(text)
			column += Width(text)
		case seq[0] == '\x1b' && sgr(seq) == len(seq):
			line.WriteString(seq)
			if isReset(seq) {
				carried.Reset()
			} else {
				carried.WriteString(seq)
			}
		}
	}
	if column > 0 {
		lines = append(lines, closed(line.String(), carried.Len() > 0))
	}
	return lines
}

func closed(line string, styled bool) string {
	if styled {
		return line + ansi.ResetStyle
	}
	return line
}

func isReset(seq string) bool { return seq == "\x1b[m" || seq == "\x1b[0m" }

// Blank reports whether a line, styles aside, shows nothing.
func Blank(line string) bool { return strings.TrimSpace(ansi.Strip(line)) == "" }
