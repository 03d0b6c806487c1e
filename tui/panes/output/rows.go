package output

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/tui/widget"
)

// fold breaks styled lines into pieces of at most w cells, each with the styles that are in force in it.
func fold(lines []string, w int) []string {
	if w <= 0 {
		return nil
	}
	out := make([]string, 0, len(lines))
	for _, line := range lines {
		n := widget.Width(line)
		if n <= w {
			out = append(out, line)
			continue
		}
		for from := 0; from < n; {
			piece := ansi.Cut(line, from, from+w)
			got := widget.Width(piece)
			if got == 0 { // a double-width character in a single cell
				break
			}
			out = append(out, piece)
			from += got
		}
	}
	return out
}

// find returns the indexes of the lines that contain word, letter case aside; none for an empty word.
func find(lines []string, word string) []int {
	if word == "" {
		return nil
	}
	word = strings.ToLower(word)
	var out []int
	for i, line := range lines {
		if strings.Contains(strings.ToLower(ansi.Strip(line)), word) {
			out = append(out, i)
		}
	}
	return out
}

// split cuts text around each occurrence of word, letter case aside: the odd pieces are the occurrences.
func split(text, word string) []string {
	lower, word := strings.ToLower(text), strings.ToLower(word)
	if word == "" || len(lower) != len(text) { // a letter whose lower case has another length
		return []string{text}
	}
	var out []string
	for {
		i := strings.Index(lower, word)
		if i < 0 {
			return append(out, text)
		}
		out = append(out, text[:i], text[i:i+len(word)])
		text, lower = text[i+len(word):], lower[i+len(word):]
	}
}
