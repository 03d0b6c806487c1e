package report

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Texts have the contrast that WCAG 2.2 asks for on level AA (1.4.3), and shapes that of 1.4.11, in light, in dark and on paper.
func TestContrast(t *testing.T) {
	palettes := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(pageStyle, -1)
	if len(palettes) != 3 {
		t.Fatalf("there are %d palettes", len(palettes))
	}
	for i, name := range []string{"light", "dark", "paper"} {
		t.Run(name, func(t *testing.T) {
			colours := map[string]string{}
			for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(palettes[i][1], -1) {
				colours[m[1]] = m[2]
			}
			check := func(least float64, fronts, backs string) {
				for front := range strings.FieldsSeq(fronts) {
					for back := range strings.FieldsSeq(backs) {
						if got := contrast(t, colours[front], colours[back]); got < least {
							t.Errorf("%s on %s: %.2f, less than %.1f", front, back, got, least)
						}
					}
				}
			}
			check(4.5, "ink soft accent", "paper card")
			check(4.5, "good bad warn soft", "paper") // badges
			check(4.5, "ink", "good-fill bad-fill warn-fill run-fill none-fill")
			check(3, "good bad warn run none ink", "paper card")
			check(3, "good", "good-fill")
			check(3, "bad", "bad-fill")
			check(3, "warn", "warn-fill")
			check(3, "run", "run-fill")
		})
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, part := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += part * c
	}
	return sum
}
