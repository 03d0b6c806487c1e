package lab

import (
	"path/filepath"
	"strings"
)

// Homely writes the paths below home in text as people type them: with ~, which every shell understands at the start of
// a word. Nothing is changed if home is empty.
func Homely(text, home string) string {
	const separator = string(filepath.Separator)
	home = strings.TrimSuffix(home, separator) + separator
	if home == separator {
		return text
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		if rest, ok := strings.CutPrefix(w, home); ok {
			words[i] = "~" + separator + rest
		}
	}
	return strings.Join(words, " ")
}

// Homely is the text with its paths below home written with ~.
func (t Text) Homely(home string) Text { return Text{Ko: Homely(t.Ko, home), En: Homely(t.En, home)} }
