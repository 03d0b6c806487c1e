package language

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"healthlab/lab"
	"healthlab/lab/script"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		name, args, settings string
		want                 lab.Lang
	}{
		{"by default", "", "", lab.Korean},
		{"settings", "run", "en", lab.English},
		{"flag over settings", "run --lang ko", "en", lab.Korean},
		{"before the command", "--lang en run", "", lab.English},
		{"with =", "run --lang=en --nope", "", lab.English},
		{"after help", "--help --lang en", "", lab.English},
		{"after -h", "run -h --lang en", "", lab.English},
		{"after other flags", "run --context x -n y -i --lang en", "", lab.English},
		{"after flags that do not exist", "run --nope x -z --lang en", "", lab.English},
		{"the last one counts", "--lang en --lang ko", "", lab.Korean},
		{"after --", "kubectl exec pod -- sh --lang en", "", lab.Korean},
		{"unknown", "--lang jp", "en", lab.English},
		{"unknown in the settings", "", "jp", lab.Korean},
		{"without a value", "run --lang", "en", lab.English},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Of(strings.Fields(tt.args), tt.settings); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	problem := func(line int) script.Problem {
		return script.Problem{File: "a.yaml", Line: line, Text: lab.T("틀렸습니다", "wrong")}
	}
	unusable := func(cause error) error {
		return fmt.Errorf("load: %w", &lab.Error{Msg: lab.T("쓸 수 없습니다", "not usable"), Cause: cause})
	}
	for _, tt := range []struct {
		name   string
		err    error
		ko, en string
	}{
		{"technical", errors.New("broken pipe"), "broken pipe", "broken pipe"},
		{"no cause", unusable(nil), "쓸 수 없습니다", "not usable"},
		{"technical cause", unusable(io.EOF), "쓸 수 없습니다: EOF", "not usable: EOF"},
		{"cause in both languages", unusable(unusable(io.EOF)), "쓸 수 없습니다: 쓸 수 없습니다: EOF", "not usable: not usable: EOF"},
		{"one problem", unusable(script.Problems{problem(1)}), "쓸 수 없습니다: a.yaml:1: 틀렸습니다", "not usable: a.yaml:1: wrong"},
		{
			"problems", unusable(script.Problems{problem(1), problem(2)}),
			"쓸 수 없습니다:\na.yaml:1: 틀렸습니다\na.yaml:2: 틀렸습니다", "not usable:\na.yaml:1: wrong\na.yaml:2: wrong",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ErrorText(tt.err, lab.Korean); got != tt.ko {
				t.Errorf("in Korean %q, want %q", got, tt.ko)
			}
			if got := ErrorText(tt.err, lab.English); got != tt.en {
				t.Errorf("in English %q, want %q", got, tt.en)
			}
		})
	}
}
