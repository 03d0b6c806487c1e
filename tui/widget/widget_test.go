package widget

import (
	"strings"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

func TestFit(t *testing.T) {
	for name, tc := range map[string]struct {
		s    string
		w    int
		want string
	}{
		"padded":                  {"ab", 4, "ab  "},
		"exact":                   {"abcd", 4, "abcd"},
		"cut":                     {"abcdef", 4, "abc…"},
		"wide":                    {"쿠버네티스", 10, "쿠버네티스"},
		"wide cut in mid-glyph":   {"쿠버네티스", 4, "쿠… "},
		"no room for one glyph":   {"쿠버", 1, "…"},
		"nothing":                 {"abc", 0, ""},
		"below nothing":           {"abc", -3, ""},
		"styles are kept":         {"\x1b[31mab\x1b[m", 3, "\x1b[31mab\x1b[m "},
		"empty is filled":         {"", 2, "  "},
		"combining marks measure": {"e\u0301a", 3, "e\u0301a "},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Fit(tc.s, tc.w, "…"); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestMiddle(t *testing.T) {
	for name, tc := range map[string]struct {
		s    string
		w    int
		want string
	}{
		"fits":    {"liveness-app", 12, "liveness-app"},
		"cut":     {"readiness-deployment-6c4f9d7b8-q2xkz", 15, "readine…8-q2xkz"},
		"korean":  {"한국어로된아주긴이름", 9, "한국…이름"},
		"nothing": {"abc", 0, ""},
		"tail":    {"abc", 1, "…"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Middle(tc.s, tc.w, "…")
			if got != tc.want || Width(got) > max(tc.w, 0) {
				t.Errorf("got %q (%d cells), want %q", got, Width(got), tc.want)
			}
		})
	}
}

func TestClean(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"plain":                {"plain text", "plain text"},
		"escapes":              {"\x1b[31m빨강\x1b[0m\x1b]0;title\x07", "빨강"},
		"trailing newline":     {"No such file or directory\n", "No such file or directory"},
		"tabs and lines":       {"한\t글\n둘", "한 글 둘"},
		"variation selector":   {"⚠\ufe0f 주의", "⚠ 주의"},
		"joiner":               {"a\u200db", "ab"},
		"decomposed Korean":    {"\u1112\u1161\u11ab", "한"},
		"direction is no text": {"a\u202eb", "ab"},
		"bell":                 {"띵\x07", "띵"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Clean(tc.in); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCleanANSI(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"empty":                   {"", nil},
		"last line without end":   {"a\nb", []string{"a", "b"}},
		"empty lines stay":        {"a\n\nb\n", []string{"a", "", "b"}},
		"colour within a line":    {"\x1b[32m1/1\x1b[0m ok\n", []string{"\x1b[32m1/1\x1b[0m ok"}},
		"colour over lines":       {"\x1b[31m빨강\n둘\x1b[0m\n", []string{"\x1b[31m빨강\x1b[m", "\x1b[31m둘\x1b[0m"}},
		"cursor movement goes":    {"\x1b[2Ja\x1b[5;5Hb\n", []string{"ab"}},
		"titles go":               {"\x1b]0;evil\x07a\n", []string{"a"}},
		"carriage return":         {"10%\r100%\n", []string{"100%"}},
		"line end of Windows":     {"a\r\nb\r\n", []string{"a", "b"}},
		"tab to the next stop":    {"한글\tb\n", []string{"한글    b"}},
		"private SGR-like is not": {"\x1b[>4;2ma\n", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, CleanANSI(tc.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzCleanANSI(f *testing.F) {
	f.Add("\x1b[31m한글\t\r\n\x1b]8;;x\x1b\\link\x1b[0m\x00\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, line := range CleanANSI(s) {
			if strings.ContainsAny(ansi.Strip(line), "\n\r\t\x07\x1b") {
				t.Errorf("%q became %q", s, line)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	got := Wrap("파드 3개 중 2개만 Ready입니다.", 12)
	want := []string{"파드 3개 중", "2개만", "Ready입니다."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = Wrap("로그는 --previous로 봅니다", 12)
	if diff := cmp.Diff([]string{"로그는", "--previous로", "봅니다"}, got); diff != "" {
		t.Errorf("hyphens: %s", diff)
	}
	if got := Wrap("x", 0); len(got) != 1 || got[0] != "" {
		t.Errorf("no room: %q", got)
	}
}

func TestScroll(t *testing.T) {
	type step func(*Scroll)
	fit := func(total, height int) step { return func(s *Scroll) { s.Fit(total, height) } }
	by := func(n int) step { return func(s *Scroll) { s.By(n) } }
	for name, tc := range map[string]struct {
		follow   bool
		steps    []step
		from, to int
		follows  bool
	}{
		"starts at the top":            {false, []step{fit(10, 3)}, 0, 3, false},
		"follows":                      {true, []step{fit(10, 3), fit(12, 3)}, 9, 12, true},
		"scrolled up it stays":         {true, []step{fit(10, 3), by(-2), fit(12, 3)}, 5, 8, false},
		"at the end it follows again":  {true, []step{fit(10, 3), by(-2), by(99), fit(12, 3)}, 9, 12, true},
		"not past the ends":            {false, []step{fit(10, 3), by(-5)}, 0, 3, false},
		"fewer lines than room":        {true, []step{fit(2, 5)}, 0, 2, true},
		"no room":                      {true, []step{fit(5, 0)}, 5, 5, true},
		"negative":                     {true, []step{fit(-1, -1)}, 0, 0, true},
		"shows a line below":           {false, []step{fit(10, 3), func(s *Scroll) { s.Show(7) }}, 5, 8, false},
		"shows a line above":           {false, []step{fit(10, 3), by(7), func(s *Scroll) { s.Show(1) }}, 1, 4, false},
		"lines in sight stay in sight": {true, []step{fit(10, 3), by(-4), func(s *Scroll) { s.Dropped(2) }, fit(10, 3)}, 1, 4, false},
		"pages overlap":                {false, []step{fit(20, 5), func(s *Scroll) { s.Page(2) }}, 8, 13, false},
		"shrinks":                      {false, []step{fit(20, 5), by(15), fit(6, 5)}, 1, 6, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewScroll(tc.follow)
			for _, step := range tc.steps {
				step(&s)
			}
			from, to := s.Window()
			if from != tc.from || to != tc.to || s.Following() != tc.follows {
				t.Errorf("got %d to %d, following %v", from, to, s.Following())
			}
		})
	}
}

func TestDropped(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after []int
		want          int
	}{
		"same":     {[]int{1, 2}, []int{1, 2}, 0},
		"appended": {[]int{1, 2}, []int{1, 2, 3}, 0},
		"moved on": {[]int{1, 2, 3}, []int{3, 4}, 2},
		"replaced": {[]int{1, 2}, []int{7}, 2},
		"emptied":  {[]int{1}, nil, 1},
		"first":    {nil, []int{1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Dropped(tc.before, tc.after); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

func TestWidths(t *testing.T) {
	columns := []Column{
		{Title: "NAME", Min: 6, Shrink: true}, {Title: "AGE", Drop: 2}, {Title: "KIND", Drop: 1}, {Title: "MESSAGE", Flex: true},
	}
	natural := []int{12, 3, 5, 30}
	for name, tc := range map[string]struct {
		w    int
		want []int
	}{
		"room":        {50, []int{12, 3, 5, 24}},
		"shrinks":     {30, []int{9, 3, 5, 7}},
		"drops AGE":   {24, []int{8, 0, 5, 7}},
		"drops KIND":  {16, []int{7, 0, 0, 7}},
		"cuts":        {10, []int{4, 0, 0, 4}},
		"almost none": {1, []int{1, 0, 0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Widths(columns, 1, func(_, c int) int { return natural[c] }, tc.w)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowAlignsKorean(t *testing.T) {
	columns := []Column{{Title: "이름"}, {Title: "수", Right: true}, {Title: "끝"}}
	widths := []int{8, 4, 4}
	rows := []string{
		Titles(columns, widths, "…"),
		Row(columns, widths, "…", "한글", "1", "a"),
		Row(columns, widths, "…", "abcdefghij", "100", "b"),
	}
	want := []string{"이름        수  끝  ", "한글         1  a   ", "abcdefg…   100  b   "}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestStrip(t *testing.T) {
	none := lipgloss.NewStyle()
	marks := []Mark{{"v", none}, {"v", none}, {"x", none}}
	for name, tc := range map[string]struct {
		w    int
		want string
	}{"padded": {5, "  vvx"}, "newest": {2, "vx"}, "none": {0, ""}, "negative": {-1, ""}} {
		t.Run(name, func(t *testing.T) {
			if got := Strip(marks, tc.w, Mark{" ", none}); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestBar(t *testing.T) {
	part := func(n int, glyph string) Part { return Part{n, Mark{glyph, lipgloss.NewStyle()}} }
	for name, tc := range map[string]struct {
		parts []Part
		w     int
		want  string
	}{
		"units of four": {[]Part{part(2, "#"), part(1, "-")}, 30, "########----"},
		"narrow":        {[]Part{part(2, "#"), part(1, "-")}, 3, "##-"},
		"more than fit": {[]Part{part(50, "#"), part(50, "-")}, 4, "##--"},
		"none":          {[]Part{part(0, "#")}, 10, ""},
		"negative":      {[]Part{part(-1, "#"), part(1, "-")}, 8, "----"},
		"no room":       {[]Part{part(1, "#")}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Bar(tc.parts, tc.w); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestRemaining(t *testing.T) {
	now := time.Unix(1000, 0)
	for name, tc := range map[string]struct {
		in   time.Duration
		want int
	}{
		"whole": {3 * time.Second, 3}, "rounded up": {2100 * time.Millisecond, 3}, "over": {-time.Second, 0}, "now": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Remaining(now.Add(tc.in), now); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

func TestBig(t *testing.T) {
	got := strings.Join(Big("1/3", "#"), "\n")
	want := strings.Join([]string{
		" #    # ###",
		"##    #   #",
		" #   #  ###",
		" #  #     #",
		"### #   ###",
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestChanges(t *testing.T) {
	var c Changes
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	round := func(now time.Time, values map[string]string) {
		c.Begin()
		for k, v := range values {
			c.Note(k, v, now)
		}
		c.End()
	}
	round(at(1), map[string]string{"a": "0/1", "b": "x"})
	if got := c.Age("a", at(1)); got != -1 {
		t.Errorf("what is seen for the first time counts as changed %s ago", got)
	}
	round(at(2), map[string]string{"a": "1/1"})
	if got := c.Age("a", at(5)); got != 3*time.Second {
		t.Errorf("changed %s ago, want 3s", got)
	}
	if got := c.Age("a", at(2).Add(-time.Second/2)); got != 0 {
		t.Errorf("a clock that went back a little gives %s, want 0", got)
	}
	if got := c.Age("a", at(0)); got != -1 {
		t.Errorf("what has not changed yet counts as changed %s ago", got)
	}
	round(at(6), map[string]string{"a": "1/1", "b": "y"})
	if got := c.Age("b", at(6)); got != -1 {
		t.Errorf("what was gone in between counts as changed %s ago", got)
	}
}

func TestFrameDrawsOnlyWhenNeeded(t *testing.T) {
	var f Frame
	drawn, ticking := 0, false
	at := time.Unix(100, 0)
	draw := func(int, int) ([]string, bool) { drawn++; return []string{"한글"}, ticking }
	want := func(n int, what string) {
		t.Helper()
		if drawn != n {
			t.Errorf("%s: drawn %d times, want %d", what, drawn, n)
		}
	}
	if got := f.Draw(at, "…", draw); got != "" {
		t.Errorf("without size: %q", got)
	}
	want(0, "without size")
	f.Resize(6, 2)
	if got := f.Draw(at, "…", draw); got != "한글  \n      " {
		t.Errorf("got %q", got)
	}
	f.Draw(at.Add(time.Hour), "…", draw)
	f.Resize(6, 2)
	f.Draw(at, "…", draw)
	want(1, "nothing changed")
	ticking = true
	f.Invalidate()
	f.Draw(at, "…", draw)
	f.Draw(at.Add(900*time.Millisecond), "…", draw)
	want(2, "within the second")
	f.Draw(at.Add(time.Second), "…", draw)
	want(3, "in the next second")
}

func FuzzWidth(f *testing.F) {
	f.Add("한글 \x1b[31mabc\x1b[m … ✓ ⚠\ufe0f e\u0301 \u1112\u1161 \x1b[2J ■ 👨‍👩‍👧")
	f.Add("\x1b[31")
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := Width(s), ansi.StringWidth(s); got != want {
			t.Errorf("%q takes %d cells, want %d", s, got, want)
		}
	})
}
