package shell_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"healthlab/lab/node/sandbox"
)

// TestArguments holds what a program may be started with, which is as on Linux.
func TestArguments(t *testing.T) {
	c := newBed(t).idle(t)
	long := func(n int) string { return `a=$(head -c ` + strconv.Itoa(n) + ` /dev/zero | tr '\0' a); ` }
	tests := []struct {
		name, script string
		want         answer
	}{
		{name: "just short enough", script: long(131071) + `/bin/echo "$a" | wc -c`, want: answer{out: "131072\n"}},
		{
			name: "one argument too long", script: long(131072) + `/bin/echo "$a"`,
			want: answer{errs: "sh: /bin/echo: Argument list too long\n", code: 126},
		},
		{
			name: "a script too long", script: long(131072) + `sh -c "$a"`,
			want: answer{errs: "sh: sh: Argument list too long\n", code: 126},
		},
		{
			name: "a variable too long", script: long(131072) + `export a; /bin/true`,
			want: answer{errs: "sh: /bin/true: Argument list too long\n", code: 126},
		},
		{
			name: "all together too long", script: long(100_000) + `set -- "$a" "$a" "$a" "$a" "$a"; /bin/true "$@" "$@" "$@" "$@" "$@"`,
			want: answer{errs: "sh: /bin/true: Argument list too long\n", code: 126},
		},
		{name: "the shell's own command", script: long(1_000_000) + `echo "$a" | wc -c`, want: answer{out: "1000001\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, "", "sh", "-c", tt.script); got != tt.want {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("exec", func(t *testing.T) {
		_, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"sh", "-c", strings.Repeat(":;", 70_000)}})
		var start *sandbox.StartError
		if !errors.As(err, &start) || start.Code != 126 || !strings.Contains(err.Error(), "argument list too long") {
			t.Errorf("%.300v", err)
		}
	})
}
