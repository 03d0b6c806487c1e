package course_test

import (
	"testing"

	"healthlab/lab/course"
)

func TestFitsHeredoc(t *testing.T) {
	for name, tc := range map[string]struct {
		manifest string
		want     bool
	}{
		"a manifest":          {"kind: Pod\nmetadata: {name: a}\n", true},
		"what a shell minds":  {"a: $HOME `id` \\\n'\"\n\n", true},
		"EOF in a line":       {"a: EOF\n EOF\nEOF2\n", true},
		"no line end":         {"kind: Pod", false},
		"EOF as a line":       {"kind: Pod\nEOF\n", false},
		"EOF as first line":   {"EOF\nkind: Pod\n", false},
		"carriage returns":    {"kind: Pod\r\n", false},
		"nothing":             {"", false},
		"a character of none": {"a: \x00\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := course.FitsHeredoc(tc.manifest); got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
