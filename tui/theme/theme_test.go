package theme

import (
	"fmt"
	"image/color"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// luminance and contrast follow the definitions of WCAG 2.2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestContrastDefinition(t *testing.T) {
	if got := contrast(lipgloss.Color("#000000"), lipgloss.Color("#ffffff")); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white is %.2f, want 21", got)
	}
	if got := contrast(lipgloss.Color("#767676"), lipgloss.Color("#ffffff")); got < 4.5 || got > 4.6 {
		t.Errorf("#767676 on white is %.2f, want just above 4.5", got)
	}
}

// styles returns the styles of s by their names.
func styles(s Style) map[string]lipgloss.Style {
	out := map[string]lipgloss.Style{}
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if st, ok := v.Field(i).Interface().(lipgloss.Style); ok {
			out[v.Type().Field(i).Name] = st
		}
	}
	return out
}

func TestEveryStyleIsReadable(t *testing.T) {
	for _, name := range Names() {
		s := New(name, Options{})
		for style, st := range styles(s) {
			t.Run(fmt.Sprintf("%s/%s", name, style), func(t *testing.T) {
				fg, bg := st.GetForeground(), st.GetBackground()
				if _, none := bg.(lipgloss.NoColor); none {
					bg = s.Background
				}
				want := 4.5
				if name == HighContrast {
					want = 7
				}
				if got := contrast(fg, bg); got < want {
					t.Errorf("contrast is %.2f, want at least %.1f", got, want)
				}
			})
		}
	}
}

func TestNoColorUsesAttributesOnly(t *testing.T) {
	s := New(Dark, Options{Colors: NoColor})
	if s.Background != nil || s.Foreground != nil {
		t.Error("the screen is given colours")
	}
	for name, st := range styles(s) {
		if _, none := st.GetForeground().(lipgloss.NoColor); !none {
			t.Errorf("%s has a foreground", name)
		}
		if _, none := st.GetBackground().(lipgloss.NoColor); !none {
			t.Errorf("%s has a background", name)
		}
	}
	if s.Fresh.Render("x") == s.Text.Render("x") {
		t.Error("a change does not stand out")
	}
}

func TestSixteenColorsStayWithinSixteen(t *testing.T) {
	for _, name := range Names() {
		for style, st := range styles(New(name, Options{Colors: SixteenColors})) {
			for _, c := range []color.Color{st.GetForeground(), st.GetBackground()} {
				switch c.(type) {
				case lipgloss.NoColor, ansi.BasicColor:
				default:
					t.Errorf("%s/%s uses %T", name, style, c)
				}
			}
		}
	}
}

func TestGlyphsAreOneCellWide(t *testing.T) {
	for name, g := range map[string]Glyphs{"unicode": Unicode(), "ascii": ASCII()} {
		var each func(path string, v reflect.Value)
		each = func(path string, v reflect.Value) {
			for i := range v.NumField() {
				field := v.Type().Field(i).Name
				if v.Field(i).Kind() == reflect.Struct {
					each(field+".", v.Field(i))
					continue
				}
				glyph := v.Field(i).String()
				if ansi.StringWidth(glyph) != 1 || ansi.StringWidthWc(glyph) != 1 || len([]rune(glyph)) != 1 {
					t.Errorf("%s: %s%s %q is not one cell by every measure", name, path, field, glyph)
				}
				if name == "ascii" && (len(glyph) != 1 || glyph[0] > '~') {
					t.Errorf("ascii: %s%s %q is not seven-bit", path, field, glyph)
				}
			}
		}
		each("", reflect.ValueOf(g))
	}
}

func TestStatesHaveGlyphsOfTheirOwn(t *testing.T) {
	for name, g := range map[string]Glyphs{"unicode": Unicode(), "ascii": ASCII()} {
		seen := map[string]bool{}
		for _, glyph := range []string{g.OK, g.Fail, g.Wait, g.Hold, g.Unknown, g.Warn} {
			if seen[glyph] {
				t.Errorf("%s: %q stands for two states", name, glyph)
			}
			seen[glyph] = true
		}
	}
}

func TestNext(t *testing.T) {
	got := []Name{Dark.Next(), Light.Next(), HighContrast.Next(), Name("none").Next()}
	want := []Name{Light, HighContrast, Dark, Dark}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("case %d: %s, want %s", i, got[i], want[i])
		}
	}
}

func TestChangedFades(t *testing.T) {
	s := New(Dark, Options{})
	for name, tc := range map[string]struct {
		age    time.Duration
		style  lipgloss.Style
		recent bool
	}{
		"never":  {-1, s.Text, false},
		"now":    {0, s.Fresh, true},
		"fading": {FreshFor, s.Fading, true},
		"old":    {FadeFor, s.Text, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, recent := s.Changed(tc.age)
			if recent != tc.recent || got.Render("x") != tc.style.Render("x") {
				t.Errorf("got %q, %v", got.Render("x"), recent)
			}
		})
	}
}

func TestBoxIsExact(t *testing.T) {
	for _, o := range []Options{{}, {ASCII: true, Colors: NoColor}} {
		s := New(Dark, o)
		for w := -2; w < 40; w++ {
			for h := -2; h < 8; h++ {
				got := s.Box("한글 제목", blank(w-2, h-2), w, h, w%2 == 0)
				if w <= 0 || h <= 0 {
					if got != "" {
						t.Fatalf("%dx%d: got %q", w, h, got)
					}
					continue
				}
				lines := strings.Split(got, "\n")
				if len(lines) != h {
					t.Fatalf("%dx%d: %d lines", w, h, len(lines))
				}
				for _, line := range lines {
					if ansi.StringWidth(line) != w {
						t.Fatalf("%dx%d: %q is %d wide", w, h, line, ansi.StringWidth(line))
					}
				}
			}
		}
	}
}

func TestMarkdownColoursAreNamed(t *testing.T) {
	full, plain, sixteen := New(Dark, Options{}), New(Dark, Options{Colors: NoColor}), New(Dark, Options{Colors: SixteenColors})
	if c := full.Markdown().H1.Color; c != nil {
		t.Errorf("H1 overrides the heading's colour with %s", *c)
	}
	if c := full.Markdown().Heading.Color; c == nil || *c != "#6fc3ff" {
		t.Errorf("heading in full colour: %v", c)
	}
	if c := plain.Markdown().Heading.Color; c != nil {
		t.Errorf("heading without colour: %s", *c)
	}
	if c := sixteen.Markdown().Heading.Color; c == nil || *c != "14" {
		t.Errorf("heading in sixteen colours: %v", c)
	}
}
