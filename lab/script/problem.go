package script

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"healthlab/lab"
)

// Problem is one mistake in a lab file.
type Problem struct {
	File string
	Line int // starts at 1; 0 where the problem is the file as a whole
	// Text says what is wrong and what would be right.
	Text lab.Text
}

// In returns the problem as one line in l, in the form file:line: text.
func (p Problem) In(l lab.Lang) string {
	if p.Line == 0 {
		return p.File + ": " + p.Text.In(l)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text.In(l))
}

// Problems is everything that is wrong with a set of lab files, by file and line. It is the error that [Load] returns.
type Problems []Problem

// Error returns the problems in English, one on each line.
func (ps Problems) Error() string { return ps.In(lab.English) }

// In returns the problems in l, one on each line.
func (ps Problems) In(l lab.Lang) string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.In(l)
	}
	return strings.Join(lines, "\n")
}

// sorted orders ps by file and line and drops what is said twice.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(ps)
}
