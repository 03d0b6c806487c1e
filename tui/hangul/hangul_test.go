package hangul_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"healthlab/tui/hangul"
)

func TestLatinFollowsThePrintedKeyboard(t *testing.T) {
	const (
		korean = "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ"
		latin  = "qwertyuiopasdfghjklzxcvbnmQWERTOP"
	)
	for i, r := range []rune(korean) {
		if got, want := hangul.Latin(r), string(latin[i]); got != want {
			t.Errorf("Latin(%c) = %q, want %q", r, got, want)
		}
	}
}

func TestLatinOfSyllables(t *testing.T) {
	for _, c := range []struct {
		name string
		in   rune
		want string
	}{
		{"two letters", '가', "rk"},
		{"cluster at the end", '닭', "ekfr"},
		{"compound vowel", '뷁', "qnpfr"},
		{"last of the block", '힣', "glg"},
		{"conjoining lead", '\u1100', "r"},
		{"conjoining vowel", '\u1161', "k"},
		{"conjoining tail", '\u11a8', "r"},
		{"not Hangul", 'k', ""},
		{"other wide letter", '漢', ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := hangul.Latin(c.in); got != c.want {
				t.Errorf("Latin(%c) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct {
		name string
		in   tea.KeyPressMsg
		want []string
	}{
		{"letter", tea.KeyPressMsg{Code: 'ㅏ', Text: "ㅏ"}, []string{"k"}},
		{"letter with shift", tea.KeyPressMsg{Code: 'ㅃ', Text: "ㅃ"}, []string{"Q"}},
		{"syllable", tea.KeyPressMsg{Code: '가', Text: "가"}, []string{"r", "k"}},
		{"two syllables", tea.KeyPressMsg{Code: tea.KeyExtended, Text: "가나"}, []string{"r", "k", "s", "k"}},
		{"alt and letter", tea.KeyPressMsg{Code: 'ㅏ', Mod: tea.ModAlt}, []string{"alt+k"}},
		{"ctrl and letter", tea.KeyPressMsg{Code: 'ㅊ', Mod: tea.ModCtrl}, []string{"ctrl+c"}},
		{"base key", tea.KeyPressMsg{Code: 'ㅏ', Text: "ㅏ", BaseCode: 'k'}, []string{"k"}},
		{
			"base key with shift, shifted code overwritten",
			tea.KeyPressMsg{Code: 'ㅂ', Text: "q", BaseCode: 'q', ShiftedCode: 'q', Mod: tea.ModShift},
			[]string{"Q"},
		},
		{"base key with ctrl", tea.KeyPressMsg{Code: 'ㅊ', BaseCode: 'c', Mod: tea.ModCtrl}, []string{"ctrl+c"}},
		{"input method text with a bogus modifier", tea.KeyPressMsg{Text: "가", Mod: tea.ModCtrl}, []string{"r", "k"}},
		{"Latin", tea.KeyPressMsg{Code: 'k', Text: "k"}, []string{"k"}},
		{"Latin with shift", tea.KeyPressMsg{Code: 'a', ShiftedCode: 'A', Text: "A", Mod: tea.ModShift}, []string{"A"}},
		{"space", tea.KeyPressMsg{Code: ' ', Text: " "}, []string{"space"}},
		{"arrow", tea.KeyPressMsg{Code: tea.KeyUp}, []string{"up"}},
		{"nothing at all", tea.KeyPressMsg{}, []string{"\x00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, k := range hangul.Keys(c.in) {
				got = append(got, k.String())
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("keys (-want +got):\n%s", d)
			}
		})
	}
}

func TestIs(t *testing.T) {
	for _, c := range []struct {
		name string
		in   tea.KeyPressMsg
		want bool
	}{
		{"letter", tea.KeyPressMsg{Code: 'ㅏ', Text: "ㅏ"}, true},
		{"code only", tea.KeyPressMsg{Code: 'ㅊ', BaseCode: 'c', Mod: tea.ModCtrl}, true},
		{"Latin", tea.KeyPressMsg{Code: 'k', Text: "k"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := hangul.Is(c.in); got != c.want {
				t.Errorf("Is = %v, want %v", got, c.want)
			}
		})
	}
}
