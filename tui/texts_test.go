package tui

import (
	"strings"
	"testing"
	"unicode"

	"healthlab/lab"
)

// The names and descriptions of keys are there in both languages, each in its own.
func TestBindingsSpeakBothLanguages(t *testing.T) {
	texts := map[string]lab.Text{}
	for _, b := range bindings() {
		texts["name of "+b.ID] = b.Name
		texts["help of "+b.ID] = b.Help
	}
	neutral := map[string]bool{"name of prompt": true, "name of language": true}
	for name, text := range texts {
		if text.Ko == "" || text.En == "" {
			t.Errorf("%s lacks a language: %+v", name, text)
		}
		if neutral[name] {
			continue
		}
		if !hasHangul(text.Ko) {
			t.Errorf("%s is not Korean: %q", name, text.Ko)
		}
		if hasHangul(text.En) {
			t.Errorf("%s is not English: %q", name, text.En)
		}
	}
}

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}
