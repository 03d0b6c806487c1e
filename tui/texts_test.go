package tui

import (
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"healthlab/lab"
)

// TestTextsAreComplete fails on a text that is missing in a language, written in the wrong one, or stale: not used
// with the same verbs in both.
func TestTextsAreComplete(t *testing.T) {
	texts := map[string]lab.Text{}
	v := reflect.ValueOf(newTexts())
	for i := range v.NumField() {
		texts[v.Type().Field(i).Name] = v.Field(i).Interface().(lab.Text)
	}
	for _, b := range bindings() {
		texts["name of "+b.ID] = b.Name
		texts["help of "+b.ID] = b.Help
	}
	neutral := map[string]bool{"Minutes": true, "name of prompt": true, "name of language": true}
	for name, text := range texts {
		if text.Ko == "" || text.En == "" {
			t.Errorf("%s lacks a language: %+v", name, text)
		}
		if k, e := verbs(text.Ko), verbs(text.En); k != e {
			t.Errorf("%s takes %q in Korean and %q in English", name, k, e)
		}
		if neutral[name] {
			continue
		}
		if !hasHangul(text.Ko) {
			t.Errorf("%s is not Korean: %q", name, text.Ko)
		}
		if hasHangul(strings.ReplaceAll(text.En, "한/영", "")) {
			t.Errorf("%s is not English: %q", name, text.En)
		}
	}
}

func verbs(s string) string {
	var out strings.Builder
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '%' {
			out.WriteByte(s[len(s)-len(strings.TrimLeft(s[i+1:], "0123456789."))])
		}
	}
	return out.String()
}

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}

// TestTextsAreUsed fails on a text that nothing says any more.
func TestTextsAreUsed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, f := range files {
		if f != "texts.go" && !strings.HasSuffix(f, "_test.go") {
			source.WriteString(readFile(t, f))
		}
	}
	v := reflect.TypeFor[texts]()
	for i := range v.NumField() {
		name := v.Field(i).Name
		if !regexp.MustCompile(`\b(texts|t)\.` + name + `\b`).MatchString(source.String()) {
			t.Errorf("%s is not used", name)
		}
	}
}
