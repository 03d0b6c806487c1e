package lab_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"healthlab/lab"
)

// inBoth is an error that is told in both languages in another way.
type inBoth struct{}

func (inBoth) Error() string        { return "problems" }
func (inBoth) In(l lab.Lang) string { return lab.T("문제 1\n문제 2", "problem 1\nproblem 2").In(l) }

func told(ko, en string, cause error) error {
	return &lab.Error{Msg: lab.T(ko, en), Cause: cause}
}

func TestErrorsAreToldWithTheirCauses(t *testing.T) {
	for _, tt := range []struct {
		name        string
		err         error
		full, brief lab.Text
	}{
		{
			name: "nested", err: told("쓸 수 없습니다", "cannot write", fmt.Errorf("listen: %w", told("포트가 쓰이고 있습니다", "port taken", nil))),
			full: lab.T("쓸 수 없습니다: 포트가 쓰이고 있습니다", "cannot write: port taken"), brief: lab.T("쓸 수 없습니다", "cannot write"),
		},
		{
			name: "of the system", err: told("쓸 수 없습니다", "cannot write", fs.ErrPermission),
			full: lab.T("쓸 수 없습니다: permission denied", "cannot write: permission denied"), brief: lab.T("쓸 수 없습니다", "cannot write"),
		},
		{
			name: "several lines", err: told("쓸 수 없습니다", "cannot be used", inBoth{}),
			full: lab.T("쓸 수 없습니다:\n문제 1\n문제 2", "cannot be used:\nproblem 1\nproblem 2"), brief: lab.T("쓸 수 없습니다", "cannot be used"),
		},
		{
			name: "values are no second sentence", err: told("이미 있습니다", "exists", &lab.Foreign{Objects: []lab.ForeignObject{{Name: "pod/a"}}}),
			full: lab.T("이미 있습니다", "exists"), brief: lab.T("이미 있습니다", "exists"),
		},
		{name: "not told", err: errors.New("EOF"), full: lab.T("EOF", "EOF"), brief: lab.T("EOF", "EOF")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.InFull(tt.err); got != tt.full {
				t.Errorf("in full %+v, want %+v", got, tt.full)
			}
			if got := lab.Brief(tt.err); got != tt.brief {
				t.Errorf("in brief %+v, want %+v", got, tt.brief)
			}
		})
	}
}

func TestTextf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		ko, en string
		args   []any
		want   lab.Text
	}{
		{"values", "%d개", "%d of them", []any{3}, lab.T("3개", "3 of them")},
		{"another order", "%[2]s의 %[1]s", "%[1]s of %[2]s", []any{"a", "b"}, lab.T("b의 a", "a of b")},
		{"a text within", "%s 실패", "the %s failed", []any{lab.T("활성 프로브", "liveness probe")}, lab.T("활성 프로브 실패", "the liveness probe failed")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.Textf(tt.ko, tt.en, tt.args...); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestJoin(t *testing.T) {
	one, two := lab.T("하나", "one"), lab.T("둘", "two")
	for _, tt := range []struct {
		name  string
		texts []lab.Text
		want  lab.Text
	}{
		{"none", nil, lab.Text{}},
		{"one", []lab.Text{one}, one},
		{"two", []lab.Text{one, two}, lab.T("하나; 둘", "one; two")},
		{"one language only", []lab.Text{one, {En: "x"}}, lab.T("하나; x", "one; x")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.Join(tt.texts, "; "); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		most       int
		want       string
	}{
		{"as it stands", "a b", 10, "a b"},
		{"blanks and line ends", "  a\r\n\tb  c ", 10, "a b c"},
		{"what steers a terminal", "\x1b[31mred\u202e", 10, "[31mred"},
		{"no UTF-8", "a\xffb", 10, "a\uFFFDb"},
		{"too long, in letters", "한글도 글자로 센다", 4, "한글도 …"},
		{"long enough", "한글", 2, "한글"},
		{"very long", strings.Repeat("x", 1<<20), 3, "xxx…"},
		{"nothing", " \n", 3, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := lab.Line(tt.text, tt.most); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
