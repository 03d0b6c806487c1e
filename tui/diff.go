package tui

import "healthlab/tui/diff"

// difference returns the lines that were removed (-) and added (+), with one line around them for orientation.
func difference(before, after string) []string {
	all := diff.Lines(before, after)
	changed := func(i int) bool { return i >= 0 && i < len(all) && all[i].Kind != diff.Same }
	marks := map[diff.Kind]string{diff.Same: "  ", diff.Removed: "- ", diff.Added: "+ "}
	var out []string
	for i, line := range all {
		if changed(i-1) || changed(i) || changed(i+1) {
			out = append(out, marks[line.Kind]+line.Text)
		}
	}
	return out
}
