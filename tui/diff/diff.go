// Package diff compares two texts line by line. It owns no state and refuses to say how a difference looks: the console
// draws it, the plain mode reads it out.
package diff

import "strings"

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

// Lines returns the lines of both texts, those in common once. It is meant for manifests: its time grows with the
// product of the numbers of lines.
func Lines(before, after string) []Line {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	// common[i][j] is how many lines a[i:] and b[j:] have in common.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var all []Line
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
			all = append(all, Line{Same, j, b[j-1]})
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			i++
			all = append(all, Line{Removed, i, a[i-1]})
		default:
			j++
			all = append(all, Line{Added, j, b[j-1]})
		}
	}
	return all
}
