package regex

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	tests := []struct {
		name, pattern, text string
		extended, fold      bool
		want                string // "start-end" of the match and of each group; empty: none
	}{
		{name: "literal", pattern: "b", text: "abc", want: "1-2"},
		{name: "leftmost", pattern: "b*", text: "abb", want: "0-0"},
		{name: "longest alternative", pattern: "a|ab|abc", text: "abcd", extended: true, want: "0-3"},
		{name: "basic alternative", pattern: `a\|b`, text: "xb", want: "1-2"},
		{name: "groups", pattern: `(a+)(b+)`, text: "xaabb", extended: true, want: "1-5 1-3 3-5"},
		{name: "group without a part", pattern: `(a)|(b)`, text: "b", extended: true, want: "0-1 -1--1 0-1"},
		{name: "back-reference", pattern: `\(ab*\)-\1`, text: "abb-abb", want: "0-7 0-3"},
		{name: "no back-reference", pattern: `\(ab*\)-\1$`, text: "abb-ab", want: ""},
		{name: "shorter back-reference", pattern: `\(a*\)\1`, text: "aaaaa", want: "0-4 0-2"},
		{name: "extended has none", pattern: `(a)\1`, text: "a1", extended: true, want: "0-2 0-1"},
		{name: "star at the beginning", pattern: "*a", text: "b*a", want: "1-3"},
		{name: "star after an anchor", pattern: "^*a", text: "*a", want: "0-2"},
		{name: "star of a star", pattern: "a**", text: "aaa", want: "0-3"},
		{name: "dollar inside", pattern: "a$b", text: "a$b", want: "0-3"},
		{name: "caret inside", pattern: "a^b", text: "a^b", want: "0-3"},
		{name: "interval", pattern: `a\{2,3\}`, text: "aaaa", want: "0-3"},
		{name: "interval of nothing", pattern: `a{0}b`, text: "ab", extended: true, want: "1-2"},
		{name: "class", pattern: `[[:digit:]_-]*$`, text: "ab-1_2", want: "2-6"},
		{name: "bracket with bracket", pattern: `[]a]*`, text: "]a]b", want: "0-3"},
		{name: "negated", pattern: `[^]a]`, text: "]ab", want: "2-3"},
		{name: "fold", pattern: "aB", text: "xAb", fold: true, want: "1-3"},
		{name: "fold in a bracket", pattern: "[A-C]*", text: "abC", fold: true, want: "0-3"},
		{name: "fold a negated one", pattern: "[^a]", text: "Ab", fold: true, want: "1-2"},
		{name: "word", pattern: `\<b\w*\>`, text: "ab bc", want: "3-5"},
		{name: "not at an edge", pattern: `\Bb`, text: "b ab", want: "3-4"},
		{name: "bytes", pattern: "^...$", text: "가", want: "0-3"},
		{name: "a byte beyond ASCII", pattern: "[\xea]", text: "가", want: "0-1"},
		{name: "newline", pattern: `a.b\nc`, text: "a\nb\nc", want: "0-5"},
		{name: "hexadecimal", pattern: `\x41`, text: "A", extended: true, want: "0-1"},
		{name: "unmatched ) of an extended one", pattern: "a)", text: "a)", extended: true, want: "0-2"},
		{name: "empty group", pattern: "a()b", text: "ab", extended: true, want: "0-2 1-1"},
		{name: "empty alternative", pattern: "(|a)b", text: "ab", extended: true, want: "0-2 0-1"},
		{name: "255 times", pattern: "a{255}", text: strings.Repeat("a", 255), extended: true, want: "0-255"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Compile(tt.pattern, Options{Extended: tt.extended, IgnoreCase: tt.fold})
			if err != nil {
				t.Fatal(err)
			}
			loc, err := r.Find(t.Context(), []byte(tt.text), false)
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for i := 0; i < len(loc); i += 2 {
				parts = append(parts, fmt.Sprintf("%d-%d", loc[i], loc[i+1]))
			}
			if got := strings.Join(parts, " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNotStart(t *testing.T) {
	r, err := Compile("^a", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if loc, err := r.Find(t.Context(), []byte("aa"), true); loc != nil || err != nil {
		t.Errorf("%v %v", loc, err)
	}
}

// The texts are those of musl; that they are is held against BusyBox itself with grep.
func TestRefused(t *testing.T) {
	tests := []struct {
		name, pattern string
		extended      bool
		want          Error
	}{
		{name: "group", pattern: "(a", extended: true, want: ErrParen},
		{name: "bracket", pattern: "[a", want: ErrBracket},
		{name: "class", pattern: "[[:foo:]]", want: ErrClass},
		{name: "collation", pattern: "[[.a.]]", want: ErrCollate},
		{name: "backslash", pattern: `a\`, want: ErrBackslash},
		{name: "back-reference", pattern: `\1`, want: ErrBackref},
		{name: "range", pattern: "[b-a]", want: ErrRange},
		{name: "repetition", pattern: "*", extended: true, want: ErrRepeat},
		{name: "interval", pattern: "a{256}", extended: true, want: ErrBrace},
		{name: "groups in groups", pattern: strings.Repeat("(", 1e6), extended: true, want: ErrSpace},
		{name: "closed groups in groups", pattern: strings.Repeat("(", 1e5) + strings.Repeat(")", 1e5), extended: true, want: ErrSpace},
		{name: "repetitions of repetitions", pattern: "a" + strings.Repeat("?", 1e6), extended: true, want: ErrSpace},
		{name: "many times many", pattern: "(((a{255}){255}){255}){255}", extended: true, want: ErrSpace},
		{name: "a long one", pattern: strings.Repeat("a|", 1e6), extended: true, want: ErrSpace},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Compile(tt.pattern, Options{Extended: tt.extended}); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestEnds matches what takes long and ends the context meanwhile.
func TestEnds(t *testing.T) {
	tests := []struct{ name, pattern string }{
		{name: "back-references", pattern: `\(a*\)*\(a*\)*\(a*\)*\1\2\3b`},
		{name: "many states", pattern: `\(a\|aa\|aaa\)*\(a\{200\}\)\{100\}b`},
	}
	text := []byte(strings.Repeat("a", 1e7))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Compile(tt.pattern, Options{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			began := time.Now()
			if _, err := r.Find(ctx, text, false); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrSpace) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// FuzzFind looks for panics, and compares with package regexp where both read an expression alike.
func FuzzFind(f *testing.F) {
	for _, seed := range []string{
		"a*b", `\(a*\)\1`, "(a|b)*c", "[[:alpha:]]+", "^$", "a{1,3}", `a\{2,\}`, `\<x\>`, "[]a-z-]", "[^]]", "(((", "a|*", `\x{41}`, "a**+?",
	} {
		f.Add(seed, "aabbc ]x", true)
		f.Add(seed, "aabbc ]x", false)
	}
	f.Fuzz(func(t *testing.T, pattern, text string, extended bool) {
		if len(text) > 200 {
			return
		}
		r, err := Compile(pattern, Options{Extended: extended})
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		loc, err := r.Find(ctx, []byte(text), false)
		if err != nil {
			return
		}
		for i := 0; i+1 < len(loc); i += 2 {
			if loc[i+1] < loc[i] && loc[i+1] >= 0 || loc[i+1] > len(text) {
				t.Fatalf("%q in %q: %v", pattern, text, loc)
			}
		}
		if !extended || strings.Trim(pattern, "abc()|*+?.") != "" || strings.Contains(pattern, "?") {
			return
		}
		same, err := regexp.Compile("(?s)" + pattern)
		if err != nil || strings.Trim(text, "abc \n") != "" {
			return
		}
		same.Longest()
		if want := same.FindStringIndex(text); (want == nil) != (loc == nil) || want != nil && (want[0] != loc[0] || want[1] != loc[1]) {
			t.Fatalf("%q in %q: %v, want %v", pattern, text, loc, want)
		}
	})
}
