// Package diff compares two texts line by line. It owns no state and refuses to say how a difference looks: the console
// draws it, the line mode reads it out. What the lines have in common is found by go-udiff, in time and memory that many
// differences do not let grow: of very different texts it finds less in common than there is.
package diff

import (
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// Kind says which of the two texts has a line.
type Kind int

// The kinds of lines.
const (
	Same Kind = iota
	Removed
	Added
)

// Line is one line of either text. Number counts from 1, in the text before for a removed line, else in the one after.
type Line struct {
	Kind   Kind
	Number int
	Text   string
}

// Lines returns the lines of both texts, those in common once. The end of a text that ends with a new line is no line.
func Lines(before, after string) []Line {
	if strings.HasSuffix(before, "\n") && strings.HasSuffix(after, "\n") {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	var all []Line
	add := func(k Kind, of []string, from, to int) {
		for i := from; i < to; i++ {
			all = append(all, Line{k, i + 1, of[i]})
		}
	}
	head := 0 // of a line that is repeated, the last one counts as added or removed
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	same := 0 // where in b the lines in common go on
	for _, d := range lcs.DiffLines(a[head:], b[head:]) {
		add(Same, b, same, head+d.ReplStart)
		add(Removed, a, head+d.Start, head+d.End)
		add(Added, b, head+d.ReplStart, head+d.ReplEnd)
		same = head + d.ReplEnd
	}
	add(Same, b, same, len(b))
	return all
}
