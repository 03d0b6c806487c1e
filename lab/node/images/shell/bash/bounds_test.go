package bash_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// idle is a container to run commands in.
func idle(t testing.TB) *sandbox.Container {
	t.Helper()
	return imagetest.New(t).Start(t, "nginx", sandbox.ContainerConfig{
		Command: []string{"sleep", "3600"}, DiskBytes: 16 << 20, MaxProcesses: 24,
	})
}

const megabyte = `a=$(head -c 1000000 /dev/zero | tr '\0' a); `

// TestBounds ends shells that want too much, and has their memory back afterwards.
func TestBounds(t *testing.T) {
	c := idle(t)
	tests := []struct{ name, script string }{
		{name: "doubles a string", script: `x=aaaaaaaa; while :; do x=$x$x; done`},
		{name: "appends to a string", script: `x=aaaaaaaa; while :; do x+=$x; done`},
		{name: "an array without end", script: `while :; do a+=("${a[@]}" aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa); done`},
		{name: "a dictionary without end", script: `declare -A m; ` + megabyte + `while :; do m[$((i++))]=$a$i; done`},
		{name: "elements without end", script: megabyte + `while :; do l[i++]=$a; done`},
		{name: "many expansions at once", script: megabyte + `x=` + strings.Repeat("$a", 500)},
		{name: "many expansions in a command", script: megabyte + `echo ` + strings.Repeat("$a ", 500)},
		{name: "many expansions in a document", script: megabyte + "cat <<E\n" + strings.Repeat("$a\n", 500) + "E"},
		{name: "all arguments many times", script: megabyte + `set -- "$a"; : ` + strings.Repeat(`"$@" `, 500)},
		{name: "arguments that double", script: `set -- a b; while :; do set -- "$@" "$@"; done`},
		{name: "a long sequence", script: `echo {1..1000000000}; exit 2`},
		{name: "a longer sequence", script: `echo {-9223372036854775807..9223372036854775807}; exit 2`},
		{name: "many sequences", script: `echo {1..1000}{1..1000}{1..1000}`},
		{name: "many alternatives", script: `echo ` + strings.Repeat("{a,b}", 64)},
		{name: "replaces by more", script: megabyte + `x=${a//a/bbbbbbbbbbbbbbbbbbbb}`},
		{name: "replaces by itself", script: megabyte + `x=${a//a/$a}`},
		{name: "substitution of zeros", script: `x=$(tr '\0' a </dev/zero)`},
		{name: "substitution of lines", script: `x=$(yes)`},
		{name: "substitution of a loop", script: `x=$(while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done)`},
		{name: "file of zeros", script: `x=$(</dev/zero)`},
		{name: "a line without end", script: `yes | tr -d '\n' | { read x; echo never; exit; }`},
		{name: "lines without end", script: `mapfile -t l < <(yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)`},
		{name: "a wide number", script: `printf -v x %1000000000s%1000000000s a b`},
		{name: "local variables", script: megabyte + `f() { local x=$a$1; f b$1; }; f`},
		{name: "recursion", script: `f() { f; }; f`},
		{name: "recursion in two", script: `f() { g "$@"; }; g() { f "$@" x; }; f`},
		{name: "recursion in subshells", script: `f() { (f); }; f; exit 254`},
		{name: "recursion in eval", script: `x='eval "$x"'; eval "$x"`},
		{name: "recursion in an expression", script: `x='x+1'; echo $((x)); exit 2`},
		{name: "recursion in a trap", script: `f() { trap f DEBUG; f; }; f`},
		{name: "a deep expression", script: `x=1; for ((i=0;i<17;i++)); do x="($x)$x"; x=${x//)(/)+(}; x=${x//)1/)+1}; done; y=${x//1/1}; p=$(printf '%100000s' ''); p=${p// /(}; echo $((${p}1)); exit 2`},
		{name: "matching that takes long", script: megabyte + `case $a in $a*) ;; esac`},
		{name: "patterns over and over", script: `echo ` + strings.Repeat("/*/..", 30)},
		{name: "a huge command", script: megabyte + `eval "echo $a$a"`},
		{name: "references in a circle", script: `declare -n a=b; declare -n b=a; echo $a; a=1; exit 2`},
	}
	before := heap()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			out, errs, code := imagetest.Exec(t, c, "", "bash", "-c", tt.script)
			if code == 0 || errs == "" || strings.Contains(errs, "internal error") {
				t.Errorf("%d %.200q %.200q", code, out, errs)
			}
			if took := time.Since(began); took > 50*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	if grown := heap() - before; grown > 32<<20 {
		t.Errorf("%d MB are not given back", grown>>20)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far below
}

// TestDeep nests what a script can nest some hundred thousand times, which ends the shell and nothing else.
func TestDeep(t *testing.T) {
	c := idle(t)
	tests := []struct{ name, begin, open, middle, shut, end string }{
		{name: "and", open: "true && ", middle: "echo ok"},
		{name: "and, from the left", middle: "true", shut: " && true"},
		{name: "if", open: "if :; then ", middle: "echo ok; ", shut: "fi; "},
		{name: "braces", open: "{ ", middle: "echo ok; ", shut: "}; "},
		{name: "subshells", open: "( ", middle: "echo ok", shut: " )"},
		{name: "pipes", middle: "true", shut: " | true"},
		{name: "substitutions", begin: "echo ", open: "$(echo ", middle: "ok", shut: ")"},
		{name: "sums", begin: "echo $((1", open: "+1", end: "))"},
		{name: "parentheses", begin: "echo $((", open: "(", middle: "7", shut: ")", end: "))"},
		{name: "minus", begin: "echo $((", open: "- ", middle: "1", end: "))"},
		{name: "ternary", begin: "echo $((", open: "1?", middle: "7", shut: ":0", end: "))"},
		{name: "powers", begin: "echo $((1", open: "**1", end: "))"},
		{name: "subscripts", begin: "echo $((", open: "a[", middle: "1", shut: "]", end: "))"},
		{name: "tests", begin: "[[ ", open: "! ", middle: "a", end: " ]]"},
		{name: "classic tests", begin: "[ ", open: "! ", middle: "a", end: " ]"},
		{name: "parameters", begin: "echo ", open: "${x:-", middle: "ok", shut: "}"},
		{name: "braces of words", begin: "echo ", open: "{a,", middle: "b", shut: "}"},
		{name: "extended patterns", begin: "[[ a == ", open: "@(", middle: "a", shut: ")", end: " ]]"},
		{name: "negated patterns", begin: "[[ aaaaaaaa == ", open: "!(", middle: "a", shut: ")", end: " ]]"},
		{name: "documents", open: "cat <<E\n$(", middle: "echo ok", shut: "\n)\nE\n"},
		{name: "process substitutions", begin: "cat ", open: "<(cat ", middle: "/dev/null", shut: ")"},
		{name: "functions", open: "f() { ", middle: ":; ", shut: "}; "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{8, 2_000, 40_000} {
				text := tt.begin + strings.Repeat(tt.open, n) + tt.middle + strings.Repeat(tt.shut, n) + tt.end + "\n"
				began := time.Now()
				_, errs, _ := imagetest.Exec(t, c, text, "bash")
				if took := time.Since(began); took > 50*time.Second {
					t.Errorf("%d: it took %v", n, took)
				}
				for _, bad := range []string{"goroutine ", "internal error", "panic"} {
					if strings.Contains(errs, bad) {
						t.Errorf("%d: %.300q", n, errs)
					}
				}
			}
		})
	}
}

// TestGone kills shells in everything that loops or waits: their goroutines are gone, not just given up.
func TestGone(t *testing.T) {
	tests := []struct{ name, script string }{
		{name: "while", script: "while :; do :; done"},
		{name: "for", script: "for ((;;)); do :; done"},
		{name: "for over many", script: "while :; do for i in {1..10000}; do :; done; done"},
		{name: "arithmetic", script: "while ((1)); do ((x++)); done"},
		{name: "test", script: "while [[ a == a* ]]; do :; done"},
		{name: "regular expressions", script: "while [[ aaa =~ a+ ]]; do :; done"},
		{name: "array", script: "while :; do a=(1 2 3); done"},
		{name: "function", script: "f() { :; }; while f; do :; done"},
		{name: "substitution", script: "while :; do x=$(echo a); done"},
		{name: "substitution that waits", script: "x=$(sleep 1000)"},
		{name: "process substitution that waits", script: "read x < <(sleep 1000)"},
		{name: "output to a process substitution", script: "yes > >(sleep 1000)"},
		{name: "lines of a process substitution", script: "while read x; do :; done < <(yes)"},
		{name: "mapfile that waits", script: "mapfile x < <(sleep 1000)"},
		{name: "pipeline", script: "while :; do :; done | while :; do :; done"},
		{name: "lastpipe", script: "shopt -s lastpipe; sleep 1000 | read x"},
		{name: "wait", script: "sleep 1000 & wait"},
		{name: "wait for the next", script: "sleep 1000 & sleep 1000 & wait -n"},
		{name: "read of zeros", script: "while read -r x </dev/zero; do :; done"},
		{name: "read with a limit", script: "sleep 1000 | read -t 1000 x"},
		{name: "select", script: "sleep 1000 | select x in a b; do :; done"},
		{name: "connection", script: "while :; do </dev/tcp/127.0.0.1/1; done 2>/dev/null"},
		{name: "glob", script: "shopt -s globstar; while :; do : /**; done"},
		{name: "printf", script: "while :; do printf '%100000s' x >/dev/null; done"},
		{name: "ignored signals", script: "trap '' TERM INT HUP; while :; do :; done"},
		{name: "trap", script: "trap 'while :; do :; done' EXIT; exit"},
		{name: "exec", script: "exec bash -c 'while :; do :; done'"},
		{name: "many lines", script: "yes : | bash"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ignore := goleak.IgnoreCurrent()
			c := idle(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			began := &signal{begun: make(chan struct{})}
			done := make(chan error, 1)
			go func() {
				_, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"bash", "-c", "echo on >&2; " + tt.script}, Stderr: began})
				done <- err
			}()
			select {
			case <-began.begun:
			case <-imagetest.Context(t).Done():
				t.Fatal("the script did not begin")
			}
			for range 3 { // it runs for a while
				imagetest.Exec(t, c, "", "true")
			}
			at := time.Now()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
			if err := c.Remove(); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(at); took > 10*time.Second {
				t.Errorf("the end took %v", took)
			}
			if err := goleak.Find(ignore); err != nil {
				t.Error(err)
			}
		})
	}
}

// signal is closed at the first byte.
type signal struct {
	begun chan struct{}
	once  bool
}

func (s *signal) Write(b []byte) (int, error) {
	if !s.once {
		s.once = true
		close(s.begun)
	}
	return len(b), nil
}

// FuzzBash runs any text: the shell must end soon after it was killed, and never show anything of the program below.
func FuzzBash(f *testing.F) {
	all := []string{"", "\x00", "\xff", "coproc x", "a=(", "${", "$((", "[[", "<(", "{1..3"}
	all = append(all, []string{
		`a=(1 2); a[1]+=x; echo "${a[@]:0:1}" ${!a[@]} ${#a[*]}; unset 'a[0]'`, `declare -A m=([a]=1 [b c]=2); for k in "${!m[@]}"; do echo $k; done; ((m[a]++))`,
		`x=abc; echo ${x^^} ${x,} ${x:1:-1} ${x/b/X} ${x//[ac]/} ${x/#a/} ${x@Q} ${!x} ${x%%b*}`, `echo {a,b}{1..3} {01..10..2} {z..a}`,
		`[[ abc =~ ^(a)(.*)$ ]]; echo ${BASH_REMATCH[@]}; [[ a == @(a|!(b)) ]]`, `for ((i=0;i<3;i++)); do let x+=i; done; echo $((x**2%7)) $((x?1:0))`,
		`declare -n r=x; r=5; declare -i n=x+1; local y; readonly z=1; z=2`, `mapfile -t l <<<$'a\nb'; read -ra w <<<"c d"; printf -v v %q "${l[@]}"`,
		`trap 'echo $LINENO $BASH_COMMAND' ERR DEBUG RETURN EXIT; false; f() { return 3; }; f`, `exec 3>&1 {fd}>x; echo a >&3; exec 3>&- {fd}>&-; cat <x 3<&0`,
		`set -euxo pipefail; shopt -s extglob globstar nullglob; echo **/*.!(x) $-`, `select x in a b; do break; done <<<1; case x in x) ;& y) ;;& *) ;; esac`,
		"cat <<-E\n\t$x $((1+2)) `echo`\n\tE\n", "f() { local - a=$1; caller; echo ${FUNCNAME[@]}; }; f; declare -f f; type f", `time : | cat & wait -n; jobs; kill %1`,
	}...)
	for _, script := range all {
		f.Add(script)
	}
	c := idle(f)
	f.Fuzz(func(t *testing.T, script string) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		var out, errs bytes.Buffer
		began := time.Now()
		_, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"bash", "-c", script}, Stdout: &out, Stderr: &errs})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%v: %v", took, err)
		}
		for _, bad := range []string{"goroutine ", "internal error", "runtime error", "mvdan", "panic:"} {
			if strings.Contains(errs.String(), bad) && !strings.Contains(script, bad) {
				t.Errorf("%q: %.500q", bad, errs.String())
			}
		}
	})
}

// BenchmarkBash is what an exec probe costs.
func BenchmarkBash(b *testing.B) {
	c := idle(b)
	for name, script := range map[string]string{
		"probe": "test -f /tmp/healthy", "pipeline": "cat /etc/hosts | grep -q localhost", "loop": "for ((i=0;i<1000;i++)); do :; done",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				imagetest.Exec(b, c, "", "bash", "-c", script)
			}
		})
	}
}
