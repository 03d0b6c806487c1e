package diff_test

import (
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
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, diff.Lines(tt.before, tt.after)); d != "" {
				t.Errorf("lines (-want +got):\n%s", d)
			}
		})
	}
}
