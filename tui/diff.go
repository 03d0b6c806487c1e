package tui

import "strings"

// difference returns the lines that were removed (-) and added (+), with one line around them for orientation. It is
// meant for manifests: its time grows with the product of the numbers of lines.
func difference(before, after string) []string {
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
	var all []string
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, "  "+a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			all = append(all, "- "+a[i])
			i++
		default:
			all = append(all, "+ "+b[j])
			j++
		}
	}
	var out []string
	changed := func(k int) bool { return k >= 0 && k < len(all) && all[k][0] != ' ' }
	for k, line := range all {
		if changed(k-1) || changed(k) || changed(k+1) {
			out = append(out, line)
		}
	}
	return out
}
