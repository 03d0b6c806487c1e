// Package hangul turns key presses that were typed with the Korean input method on into the Latin keys that sit at the
// same place of the keyboard, so that bindings work whichever of the two is on. It knows the Dubeolsik layout, which is
// what Korean keyboards are printed with.
//
// It owns no state. It refuses text: a field that text is typed into must be given the original press.
package hangul

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// The Latin keystrokes of each letter, in the order of the Unicode blocks.
const (
	// compatibility is U+3131 to U+3163: the letters as an input method shows them one by one.
	compatibility = "r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g " + vowels
	vowels        = "k o i O j p u P h hk ho hl y n nj np nl b m ml l"
	leads         = "r R s e E f a q Q t T d w W c z x v g"
	tails         = "- r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g"
)

// Where the letters and syllables are, and how a syllable's number is made up: (lead*21 + vowel)*28 + tail.
const (
	firstLetter, lastLetter     = 0x3131, 0x3163
	firstSyllable, lastSyllable = 0xAC00, 0xD7A3
	firstLead, lastLead         = 0x1100, 0x1112
	firstVowel, lastVowel       = 0x1161, 0x1175
	firstTail, lastTail         = 0x11A8, 0x11C2
	vowelCount, tailCount       = 21, 28
)

// Latin returns the Latin keystrokes that type r on a Dubeolsik keyboard, or nothing if r is not Hangul. Capitals stand
// for keys typed with Shift.
func Latin(r rune) string {
	switch {
	case r >= firstLetter && r <= lastLetter:
		return nth(compatibility, r-firstLetter)
	case r >= firstSyllable && r <= lastSyllable:
		n := r - firstSyllable
		return nth(leads, n/(vowelCount*tailCount)) + nth(vowels, n/tailCount%vowelCount) + nth(tails, n%tailCount)
	case r >= firstLead && r <= lastLead:
		return nth(leads, r-firstLead)
	case r >= firstVowel && r <= lastVowel:
		return nth(vowels, r-firstVowel)
	case r >= firstTail && r <= lastTail:
		return nth(tails, r-firstTail+1)
	}
	return ""
}

func nth(table string, n rune) string {
	keys := strings.Fields(table)[n]
	if keys == "-" {
		return ""
	}
	return keys
}

// Keys returns the presses to match bindings against. A press that has nothing to do with Hangul comes back as it is; a
// whole syllable, which is what an input method commits, becomes one press for each of its letters.
func Keys(k tea.KeyPressMsg) []tea.KeyPressMsg {
	if k.BaseCode != 0 && k.Code != k.BaseCode && k.Code > unicode.MaxASCII && unicode.IsPrint(k.Code) {
		// The terminal told which physical key it was.
		return []tea.KeyPressMsg{press(k.BaseCode, k.Mod)}
	}
	// Text of an input method may arrive with modifiers that nobody held: CSI 0;;44032u reads as ctrl+space.
	text, mod := k.Text, tea.KeyMod(0)
	if text == "" && k.Mod&(tea.ModAlt|tea.ModCtrl) != 0 && k.Code != tea.KeyExtended {
		text, mod = string(k.Code), k.Mod
	}
	var out []tea.KeyPressMsg
	for _, r := range text {
		keys := Latin(r)
		if keys == "" {
			return []tea.KeyPressMsg{k}
		}
		for _, c := range keys {
			out = append(out, press(c, mod))
		}
	}
	if len(out) == 0 {
		return []tea.KeyPressMsg{k}
	}
	return out
}

func press(c rune, mod tea.KeyMod) tea.KeyPressMsg {
	lower := unicode.ToLower(c)
	if c != lower {
		mod |= tea.ModShift
	}
	out := tea.KeyPressMsg{Code: lower, Mod: mod}
	if mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) != 0 {
		return out
	}
	text := lower
	if mod&tea.ModShift != 0 {
		text = unicode.ToUpper(lower)
		out.ShiftedCode = text
	}
	out.Text = string(text)
	return out
}

// Is reports whether the press was made with the Korean input method on.
func Is(k tea.KeyPressMsg) bool {
	r, _ := utf8.DecodeRuneInString(k.Text)
	return unicode.Is(unicode.Hangul, r) || unicode.Is(unicode.Hangul, k.Code)
}
