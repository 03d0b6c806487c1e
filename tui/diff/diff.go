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

// maxCompared bounds the product of the numbers of lines that are compared with one another, which time and memory grow
// with. It is far more than manifests need.
const maxCompared = 1 << 20

// Lines returns the lines of both texts, those in common once. What lies between the
// first and the last difference of very long texts counts as replaced as a whole.
func Lines(before, after string) []Line {
	if strings.HasSuffix(before, "\n") && strings.HasSuffix(after, "\n") {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	head, tail := 0, 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var all []Line
	for i := range head {
		all = append(all, Line{Same, i + 1, b[i]})
	}
	all = append(all, between(a[head:len(a)-tail], b[head:len(b)-tail], head)...)
	for i := len(b) - tail; i < len(b); i++ {
		all = append(all, Line{Same, i + 1, b[i]})
	}
	return all
}

// between compares what follows the first lines, which both texts share.
func between(a, b []string, first int) []Line {
	// common[i][j] is how many lines a[i:] and b[j:] have in common; without it, nothing counts as common.
	var common [][]int
	if len(a)*len(b) <= maxCompared {
		common = make([][]int, len(a)+1)
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
	}
	var all []Line
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case common != nil && i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
			all = append(all, Line{Same, first + j, b[j-1]})
		case j == len(b) || i < len(a) && (common == nil || common[i+1][j] >= common[i][j+1]):
			i++
			all = append(all, Line{Removed, first + i, a[i-1]})
		default:
			j++
			all = append(all, Line{Added, first + j, b[j-1]})
		}
	}
	return all
}
