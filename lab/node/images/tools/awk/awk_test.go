package awk_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/images/tools/awk"
)

// nowhere is a system without files and commands.
type nowhere struct{}

var errNowhere = errors.New("No such file or directory") //nolint:staticcheck // what is printed

func (nowhere) Open(string) (io.ReadCloser, error)                { return nil, errNowhere }
func (nowhere) Create(string, bool) (io.WriteCloser, error)       { return nil, errNowhere }
func (nowhere) CommandFrom(string) (io.Reader, func() int, error) { return nil, nil, errNowhere }
func (nowhere) CommandTo(string) (io.Writer, func() int, error)   { return nil, nil, errNowhere }
func (nowhere) Run(string) int                                    { return 127 << 8 }
func (nowhere) Reason(err error) string                           { return err.Error() }
func (nowhere) Strftime(string, int64) string                     { return "" }
func (nowhere) Mktime(_, _, _, _, _, _ int) int64                 { return 0 }
func (nowhere) Now() int64                                        { return 1 }

func run(ctx context.Context, text, input string, args ...string) (out string, code int, err error) {
	program, err := awk.Parse([]awk.Source{{Name: "cmd. line", Text: text}})
	if err != nil {
		return "", 1, err
	}
	var b strings.Builder
	code, err = program.Run(ctx, awk.Config{Stdin: strings.NewReader(input), Stdout: &b, Stderr: io.Discard, Args: args, System: nowhere{}})
	return b.String(), code, err
}

// TestEnds runs programs that have no end of their own.
func TestEnds(t *testing.T) {
	tests := []struct {
		name, text string
		want       error
	}{
		{"a function that calls itself", "function f(n) { return f(n + 1) } BEGIN { f(1) }", awk.ErrTooDeep},
		{"functions that call each other in arguments", "function f(n) { return 1 + g(n) } function g(n) { return f(f(n)) } BEGIN { f(1) }", awk.ErrTooDeep},
		{"a string that doubles", `BEGIN { s = "x"; while (1) s = s s }`, awk.ErrMemory},
		{"a width", `BEGIN { printf "%999999999d", 1 }`, awk.ErrMemory},
		{"parentheses", "BEGIN { print " + strings.Repeat("(", 100_000), awk.ErrTooDeep},
		{"braces", "BEGIN " + strings.Repeat("{", 100_000), awk.ErrTooDeep},
		{"signs", "BEGIN { print " + strings.Repeat("- ", 100_000) + "1 }", awk.ErrTooDeep},
		{"fields", "BEGIN { $1000000000 = 1 }", awk.ErrMemory},
		{"a loop", "BEGIN { while (1) ; }", context.DeadlineExceeded},
		{"a loop over nothing", "BEGIN { for (;;) { } }", context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := t.Context(), func() {}
			if errors.Is(tt.want, context.DeadlineExceeded) {
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
			}
			defer cancel()
			if _, code, err := run(ctx, tt.text, ""); !errors.Is(err, tt.want) || code != 1 {
				t.Errorf("%v, %d", err, code)
			}
		})
	}
}

// FuzzRun looks for programs that break the interpreter.
func FuzzRun(f *testing.F) {
	for _, text := range []string{
		`BEGIN { FS = ","; x["a"]++ } /b+/ { print $2, NF; next } END { for (k in x) print k, x[k] }`,
		`function f(a, b) { a[b] = 1; return length(a) } { print f(z, $1) > "/dev/stdout" }`,
		`{ gsub(/[a-c]*/, "<&>"); printf "%5.2f|%-5s|%c\n", $1, $2, $3; $7 = "x"; NF -= 2; print substr($0, 2, 3) }`,
		`BEGIN { while (("x" | getline l) > 0) print l; print -x^2 !y ? "a" : "b"; split("a1b", p, /[0-9]/); delete p }`,
		"BEGIN { RS = \"\" } { $0 = $0 $1; print; getline; exit 3 }", "$1 ~ $2, /x/ { a[$1, $2] } ; END { if ((1, 2) in a) print }",
	} {
		f.Add(text, "a,b c\n1 2 3\n\nx y\n")
	}
	f.Fuzz(func(t *testing.T, text, input string) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, _, _ = run(ctx, text, input)
	})
}
