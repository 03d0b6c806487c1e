package script_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"charm.land/glamour/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
)

// pane is the narrowest guide pane that a text is written for.
const (
	paneColumns = 50
	paneLines   = 24
	codeColumns = 42
)

// TestBodiesFitTheirPane renders every body as the console does: its Markdown must come out as meant, on one screen.
func TestBodiesFitTheirPane(t *testing.T) {
	renderer, err := glamour.NewTermRenderer(glamour.WithStandardStyle("dark"), glamour.WithWordWrap(paneColumns))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range builtIn(t) {
		for _, step := range one.Steps {
			for _, lang := range []lab.Lang{lab.Korean, lab.English} {
				t.Run(fmt.Sprintf("%s/%s/%s", one.ID, step.ID, lang), func(t *testing.T) {
					out, err := renderer.Render(step.Body.In(lang))
					if err != nil {
						t.Fatal(err)
					}
					out = strings.TrimSpace(ansi.Strip(out))
					lines := strings.Split(out, "\n")
					if len(lines) > paneLines {
						t.Errorf("%d lines, want at most %d", len(lines), paneLines)
					}
					for _, line := range lines {
						if w := ansi.StringWidth(strings.TrimRight(line, " ")); w > paneColumns {
							t.Errorf("%d columns, want at most %d: %q", w, paneColumns, line)
						}
					}
					t.Log("\n" + out)
				})
			}
		}
	}
}

// TestTexts looks at every text of the labs, also those in lists.
func TestTexts(t *testing.T) {
	renderer, err := glamour.NewTermRenderer(glamour.WithStandardStyle("dark"), glamour.WithWordWrap(paneColumns))
	if err != nil {
		t.Fatal(err)
	}
	eachText(builtIn(t), func(where string, text lab.Text) {
		for _, lang := range []lab.Lang{lab.Korean, lab.English} {
			said := text.In(lang)
			out, err := renderer.Render(said)
			if err != nil {
				t.Fatalf("%s.%s: %v", where, lang, err)
			}
			if strings.Contains(ansi.Strip(out), "**") {
				t.Errorf("%s.%s: ** is shown literally: %q", where, lang, said)
			}
			for _, r := range said {
				if unicode.Is(unicode.Variation_Selector, r) || r == '\u200d' {
					t.Errorf("%s.%s: %U has no width that terminals agree on: %q", where, lang, r, said)
				}
			}
			for _, line := range codeLines(said) {
				if w := ansi.StringWidth(line); w > codeColumns {
					t.Errorf("%s.%s: a line of code has %d columns: %q", where, lang, w, line)
				}
			}
		}
		if !hasHangul(text.Ko) && text.Ko != text.En {
			t.Errorf("%s.ko: no Korean in %q", where, text.Ko)
		}
		if hasHangul(text.En) {
			t.Errorf("%s.en: Korean in %q", where, text.En)
		}
	})
}

// TestLanguagesNameTheSameThings compares what stands in code spans, and YAML, in both languages of each text.
func TestLanguagesNameTheSameThings(t *testing.T) {
	span := regexp.MustCompile("`[^`\n]+`")
	eachText(builtIn(t), func(where string, text lab.Text) {
		spans := func(s string) []string {
			found := span.FindAllString(prose(s), -1)
			slices.Sort(found)
			return slices.Compact(found)
		}
		if diff := cmp.Diff(spans(text.Ko), spans(text.En)); diff != "" {
			t.Errorf("%s: the languages name different things (-ko +en):\n%s", where, diff)
		}
		if diff := cmp.Diff(yamlBlocks(text.Ko), yamlBlocks(text.En)); diff != "" {
			t.Errorf("%s: the languages show different YAML (-ko +en):\n%s", where, diff)
		}
	})
}

// eachText calls see with every lab.Text within labs that says something, and where it stands.
func eachText(labs []lab.Lab, see func(where string, text lab.Text)) {
	var walk func(where string, v reflect.Value)
	walk = func(where string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(where, v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", where, i), v.Index(i))
			}
		case reflect.Struct:
			if text, ok := v.Interface().(lab.Text); ok {
				if !text.IsZero() {
					see(where, text)
				}
				return
			}
			for i := range v.NumField() {
				walk(where+"."+v.Type().Field(i).Name, v.Field(i))
			}
		default: // says nothing
		}
	}
	for _, one := range labs {
		walk(one.ID, reflect.ValueOf(one))
	}
}

// codeLines returns the lines within fences.
func codeLines(markdown string) []string {
	var out []string
	inside := false
	for line := range strings.Lines(markdown) {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case inside:
			out = append(out, strings.TrimSuffix(line, "\n"))
		}
	}
	return out
}

// prose returns what is not within fences.
func prose(markdown string) string {
	var out strings.Builder
	inside := false
	for line := range strings.Lines(markdown) {
		if strings.HasPrefix(line, "```") {
			inside = !inside
		} else if !inside {
			out.WriteString(line)
		}
	}
	return out.String()
}

func yamlBlocks(markdown string) []string {
	var out []string
	for i, block := range strings.Split(markdown, "```") {
		if i%2 == 1 && strings.HasPrefix(block, "yaml\n") {
			out = append(out, block)
		}
	}
	return out
}

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}
