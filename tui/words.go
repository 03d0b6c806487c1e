package tui

import (
	"strings"

	"healthlab/lab"
)

// words is a command line, or the beginning of one, split as a shell does with quotes and backslashes. Nothing else means
// anything: no shell sees the line.
type words struct {
	whole   []string
	last    string // the word that goes on to the end of the line
	begun   bool   // there is such a word; it may be empty
	quote   rune   // that is open at the end; 0 for none
	escaped bool   // the line ends with a backslash that takes away the meaning of what follows
}

func wordsOf(line string) words {
	var w words
	var word strings.Builder
	for _, r := range line {
		switch {
		case w.escaped:
			word.WriteRune(r)
			w.escaped = false
		case r == '\\' && w.quote != '\'':
			w.begun, w.escaped = true, true
		case w.quote != 0:
			if r == w.quote {
				w.quote = 0
			} else {
				word.WriteRune(r)
			}
		case r == '\'' || r == '"':
			w.begun, w.quote = true, r
		case r == ' ' || r == '\t':
			if w.begun {
				w.whole = append(w.whole, word.String())
				word.Reset()
				w.begun = false
			}
		default:
			w.begun = true
			word.WriteRune(r)
		}
	}
	w.last = word.String()
	return w
}

// splitLine returns the words of a whole command line.
func splitLine(line string) ([]string, error) {
	w := wordsOf(line)
	if w.quote != 0 || w.escaped {
		return nil, &lab.Error{Msg: lab.Text{
			Ko: "명령의 따옴표가 닫히지 않았습니다: " + line,
			En: "a quote in the command is not closed: " + line,
		}}
	}
	if w.begun {
		return append(w.whole, w.last), nil
	}
	return w.whole, nil
}

// quoted writes text so that it goes on with the last word of w.
func (w words) quoted(text string) string {
	switch w.quote {
	case '\'':
		return strings.ReplaceAll(text, `'`, `'\''`)
	case '"':
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	}
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `'`, `\'`, " ", `\ `, "\t", "\\\t").Replace(text)
}

// closing ends the last word of w.
func (w words) closing() string {
	if w.quote != 0 {
		return string(w.quote) + " "
	}
	return " "
}
