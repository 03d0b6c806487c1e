package tui

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitLine(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		bad      bool
	}{
		{name: "words", in: "get pods  -n  x", want: []string{"get", "pods", "-n", "x"}},
		{name: "single quotes", in: `patch -p '{"a": 1}'`, want: []string{"patch", "-p", `{"a": 1}`}},
		{name: "double quotes", in: `exec p -- sh -c "rm /tmp/healthy; ls"`, want: []string{"exec", "p", "--", "sh", "-c", "rm /tmp/healthy; ls"}},
		{name: "empty word", in: `label p a=""`, want: []string{"label", "p", "a="}},
		{name: "only quotes", in: `get ''`, want: []string{"get", ""}},
		{name: "backslash", in: `get a\ b`, want: []string{"get", "a b"}},
		{name: "Korean", in: `annotate p 설명='준비 됨'`, want: []string{"annotate", "p", "설명=준비 됨"}},
		{name: "open quote", in: `get 'x`, bad: true},
		{name: "open escape", in: `get \`, bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := splitLine(c.in)
			if (err != nil) != c.bad {
				t.Fatalf("error %v", err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("words (-want +got):\n%s", d)
			}
		})
	}
}

// What completion adds to the beginning of a word must be read as it was meant.
func TestQuotedIsReadBack(t *testing.T) {
	for _, c := range []struct{ name, line, add, want string }{
		{"plain", "get po", "ds", "pods"},
		{"blanks", "get a", " b\tc", "a b\tc"},
		{"quotes", "get a", `'"\`, `a'"\`},
		{"in single quotes", "get 'a b", ` it's "c" \`, `a b it's "c" \`},
		{"in double quotes", `get "a b`, ` it's "c" \`, `a b it's "c" \`},
		{"Korean", "get 가", "나 다", "가나 다"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := wordsOf(c.line)
			got, err := splitLine(c.line + w.quoted(c.add) + w.closing())
			if d := cmp.Diff([]string{"get", c.want}, got); d != "" || err != nil {
				t.Errorf("error %v; words (-want +got):\n%s", err, d)
			}
		})
	}
}
