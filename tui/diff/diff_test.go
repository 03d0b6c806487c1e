package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/tui/diff"
)

func TestLines(t *testing.T) {
	for _, tt := range []struct {
		name, before, after string
		want                []diff.Line
	}{
		{"equal", "a\nb", "a\nb", []diff.Line{{diff.Same, 1, "a"}, {diff.Same, 2, "b"}}},
		{"another line", "a\nb\nc", "a\nx\nc", []diff.Line{
			{diff.Same, 1, "a"}, {diff.Removed, 2, "b"}, {diff.Added, 2, "x"}, {diff.Same, 3, "c"},
		}},
		{"more lines", "a", "x\na\ny", []diff.Line{{diff.Added, 1, "x"}, {diff.Same, 2, "a"}, {diff.Added, 3, "y"}}},
		{"fewer lines", "a\nb\nc", "c", []diff.Line{{diff.Removed, 1, "a"}, {diff.Removed, 2, "b"}, {diff.Same, 1, "c"}}},
		{"moved", "a\nb\nc", "b\nc\na", []diff.Line{
			{diff.Removed, 1, "a"}, {diff.Same, 1, "b"}, {diff.Same, 2, "c"}, {diff.Added, 3, "a"},
		}},
		{"repeated", "a\na", "a", []diff.Line{{diff.Same, 1, "a"}, {diff.Removed, 2, "a"}}},
		{"end of the file", "a\nb\n", "a\nc\n", []diff.Line{{diff.Same, 1, "a"}, {diff.Removed, 2, "b"}, {diff.Added, 2, "c"}}},
		{"end of the last line", "a", "a\n", []diff.Line{{diff.Same, 1, "a"}, {diff.Added, 2, ""}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, diff.Lines(tt.before, tt.after)); d != "" {
				t.Errorf("lines (-want +got):\n%s", d)
			}
		})
	}
}

// Comparing takes time and memory by the product of the lengths.
func TestVeryLongTextsAreReplaced(t *testing.T) {
	before, after := "top\n"+strings.Repeat("a\n", 5000)+"end", "top\nnew\n"+strings.Repeat("b\n", 5000)+"end"
	count := map[diff.Kind]int{}
	for _, line := range diff.Lines(before, after) {
		count[line.Kind]++
	}
	if d := cmp.Diff(map[diff.Kind]int{diff.Same: 2, diff.Removed: 5000, diff.Added: 5001}, count); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
}
