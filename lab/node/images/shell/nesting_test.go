package shell_test

import (
	"strings"
	"testing"
)

// nestings are the ways in which a script can nest, each as its beginning, middle and end, and what the script prints
// when it nests a little.
func nestings() []struct{ name, begin, open, middle, shut, end, out string } {
	return []struct{ name, begin, open, middle, shut, end, out string }{
		{name: "and", open: "true && ", middle: "echo ok", out: "ok\n"},
		{name: "or", open: "false || ", middle: "echo ok", out: "ok\n"},
		{name: "and, from the left", middle: "true", shut: " && true", end: " && echo ok", out: "ok\n"},
		{name: "not", open: "if ! true; then :; else ", middle: "echo ok;", shut: " fi; ", out: "ok\n"},
		{name: "while", open: "while ", middle: "false", shut: "; do :; done; false", end: "; echo ok", out: "ok\n"},
		{name: "body of while", open: "while :; do ", middle: "echo ok; ", shut: "break; done; ", out: "ok\n"},
		{name: "until", open: "until ", middle: "true", shut: "; do :; done", end: "; echo ok", out: "ok\n"},
		{name: "if", open: "if :; then ", middle: "echo ok; ", shut: "fi; ", out: "ok\n"},
		{name: "condition of if", open: "if ", middle: ":", shut: "; then :; fi", end: "; echo ok", out: "ok\n"},
		{name: "elif", begin: "if false; then :; ", open: "elif false; then :; ", middle: "else echo ok; fi", out: "ok\n"},
		{name: "case", open: "case a in a) ", middle: "echo ok ", shut: ";; esac ", out: "ok\n"},
		{name: "for", open: "for x in a; do ", middle: "echo ok; ", shut: "done; ", out: "ok\n"},
		{name: "braces", open: "{ ", middle: "echo ok; ", shut: "}; ", out: "ok\n"},
		{name: "functions", open: "f() { ", middle: ":; ", shut: "}; ", end: "echo ok", out: "ok\n"},
		{name: "substitutions", begin: "echo ", open: "$(echo ", middle: "ok", shut: ")", out: "ok\n"},
		{name: "sums", begin: "echo $((1", open: "+1", middle: "", end: "))", out: "11\n"},
		{name: "differences", begin: "echo $((11", open: "-1", end: "))", out: "1\n"},
		{name: "minus", begin: "echo $((", open: "- ", middle: "1", end: "))", out: "1\n"},
		{name: "bitwise not", begin: "echo $((", open: "~", middle: "1", end: "))", out: "1\n"},
		{name: "logical not", begin: "echo $((", open: "!", middle: "1", end: "))", out: "1\n"},
		{name: "ternary", begin: "echo $((", open: "1?", middle: "7", shut: ":0", end: "))", out: "7\n"},
		{name: "ternary, to the right", begin: "echo $((", open: "0?0:", middle: "7", end: "))", out: "7\n"},
		{name: "powers", begin: "echo $((1", open: "**1", end: "))", out: "1\n"},
		{name: "arithmetic parentheses", begin: "echo $((", open: "(", middle: "7", shut: ")", end: "))", out: "7\n"},
		{name: "assignments", begin: "echo $((", open: "x=", middle: "7", end: "))", out: "7\n"},
		{name: "commas", begin: "echo $((1", open: ",1", end: "))", out: "1\n"},
		{name: "arithmetic in arithmetic", begin: "echo $((", open: "$((", middle: "7", shut: "))", end: "))", out: "7\n"},
		{name: "let", begin: "let x=", open: "1+", middle: "1", end: "; echo $x", out: "11\n"},
		{name: "tests with not", begin: "[[ ", open: "! ", middle: "a", end: " ]] && echo ok", out: "ok\n"},
		{name: "tests with and", begin: "[[ ", open: "a && ", middle: "a", end: " ]] && echo ok", out: "ok\n"},
		{name: "tests in parentheses", begin: "[[ ", open: "( ", middle: "a", shut: " )", end: " ]] && echo ok", out: "ok\n"},
		{name: "classic test", begin: "[ ", open: "! ", middle: "a", end: " ] && echo ok", out: "ok\n"},
		{name: "classic test in parentheses", begin: "[ ", open: `\( `, middle: "a", shut: ` \)`, end: " ] && echo ok", out: "ok\n"},
		{name: "parameters", begin: "echo ", open: "${x:-", middle: "ok", shut: "}", out: "ok\n"},
		{name: "quoted parameters", begin: `echo "`, open: "${x:-", middle: "ok", shut: "}", end: `"`, out: "ok\n"},
		{name: "quotes in substitutions", begin: "echo ", open: `"$(echo `, middle: "ok", shut: `)"`, out: "ok\n"},
		{name: "here documents", open: "cat <<E\n$(", middle: "echo ok", shut: "\n)\nE\n", out: "ok\n"},
		{name: "comments in substitutions", begin: "echo ", open: "$(# x\necho ", middle: "ok", shut: ")", out: "ok\n"},
	}
}

// TestNesting nests each construct a little, which works, and some megabytes deep, which ends the shell and nothing
// else: from a file, from standard input, and built by eval.
func TestNesting(t *testing.T) {
	b := newBed(t)
	c := b.idle(t)
	deep := func(begin, open, middle, shut, end string, bytes int) string {
		n := bytes / (len(open) + len(shut))
		return begin + strings.Repeat(open, n) + middle + strings.Repeat(shut, n) + end + "\n"
	}
	for _, tt := range nestings() {
		t.Run(tt.name, func(t *testing.T) {
			little := deep(tt.begin, tt.open, tt.middle, tt.shut, tt.end, 10*(len(tt.open)+len(tt.shut)))
			if got := run(t, c, "", "sh", "-c", little); got != (answer{out: tt.out}) {
				t.Errorf("%.300q: %+v", little, got)
			}
			much := deep(tt.begin, tt.open, tt.middle, tt.shut, tt.end, 2<<20)
			b.write(t, much)
			ways := []struct {
				name, input string
				command     []string
			}{
				{name: "file", command: []string{"sh", "/in/script"}},
				{name: "input", input: much, command: []string{"sh"}},
				{name: "source", command: []string{"sh", "-c", ". /in/script"}},
				{name: "eval", command: []string{"sh", "-c", `eval "$(head -c 1000000 /in/script)"`}},
			}
			for _, way := range ways {
				got := run(t, c, way.input, way.command...)
				if got.code != 139 && got.code != 2 || len(got.errs) > 200 || got.errs == "" {
					t.Errorf("%s: %d %.300q", way.name, got.code, got.errs)
				}
			}
			if got := run(t, c, "", "echo", "alive"); got.out != "alive\n" {
				t.Errorf("afterwards: %+v", got)
			}
		})
	}
}

// TestLongChains holds how much a script may nest at least.
func TestLongChains(t *testing.T) {
	c := newBed(t).idle(t)
	tests := []struct{ name, script, out string }{
		{name: "2000 and", script: strings.Repeat("true && ", 2000) + "echo ok", out: "ok\n"},
		{name: "2000 or", script: strings.Repeat("false || ", 2000) + "echo ok", out: "ok\n"},
		{name: "2000 and in a function", script: "f() { " + strings.Repeat("true && ", 2000) + "echo ok; }; f", out: "ok\n"},
		{name: "5000 terms", script: "echo $((0" + strings.Repeat("+1", 5000) + "))", out: "5000\n"},
		{name: "2000 elif", script: "if false; then :; " + strings.Repeat("elif false; then :; ", 2000) + "else echo ok; fi", out: "ok\n"},
		{name: "200 if", script: strings.Repeat("if :; then ", 200) + "echo ok; " + strings.Repeat("fi; ", 200), out: "ok\n"},
		{name: "200 parentheses", script: "echo $((" + strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200) + "))", out: "1\n"},
		{name: "100 substitutions", script: "echo " + strings.Repeat("$(echo ", 100) + "ok" + strings.Repeat(")", 100), out: "ok\n"},
		{name: "300 calls", script: "f() { [ $1 = 0 ] || f $(($1-1)); }; f 300; echo ok", out: "ok\n"},
		{name: "many commands", script: strings.Repeat("x=1; x=2\n", 6000) + "echo ok", out: "ok\n"},
		{name: "a long line", script: "echo ok " + strings.Repeat("# ", 40_000), out: "ok\n"},
		{name: "a large document", script: "wc -c <<E\n" + strings.Repeat("0123456789abcde\n", 6000) + "E\n", out: "96000\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, "", "sh", "-c", tt.script); got != (answer{out: tt.out}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestRecursion ends shells that call themselves without end.
func TestRecursion(t *testing.T) {
	c := newBed(t).idle(t)
	tests := []struct{ name, script string }{
		{name: "function", script: "f() { f; }; f"},
		{name: "two functions", script: "f() { g; }; g() { f; }; f"},
		{name: "function at the end of a chain", script: "f() { " + strings.Repeat("true && ", 20) + "f; }; f"},
		{name: "function at the beginning of a chain", script: "f() { f" + strings.Repeat(" && true", 2000) + "; }; f"},
		{name: "function in a substitution", script: "f() { x=$(f); }; f"},
		{name: "function in arithmetic", script: "f() { x=$((1+$(f))); }; f"},
		{name: "function in a test", script: "f() { [[ $(f) ]]; }; f"},
		{name: "function in a parameter", script: `f() { : "${x:-$(f)}"; }; f`},
		{name: "function in a document", script: "f() { : <<E\n$(f)\nE\n}; f"},
		{name: "function with large arguments", script: `a=$(head -c 500000 /dev/zero | tr '\0' a); f() { f "$1"b; }; f "$a"`},
		{name: "eval", script: `x='eval "$x"'; eval "$x"`},
		{name: "source", script: "echo '. /tmp/s' >/tmp/s; . /tmp/s"},
		{name: "trap", script: "trap 'kill -USR1 $$; :' USR1; kill -USR1 $$; :; :; :"},
		{name: "command", script: "command command command echo; f() { command eval f; }; f"},
		{name: "case", script: "f() { case $(f) in a) ;; esac; }; f"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t, c, "", "sh", "-c", tt.script)
			if got.code != 139 && got.code != 2 || len(got.errs) > 300 || got.errs == "" {
				t.Errorf("%d %.300q", got.code, got.errs)
			}
		})
	}
}
