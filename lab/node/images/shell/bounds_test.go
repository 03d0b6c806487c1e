package shell_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMemory ends shells that hold too much, and has their memory back afterwards.
func TestMemory(t *testing.T) {
	b := newBed(t)
	c := b.idle(t)
	const megabyte = `a=$(head -c 1000000 /dev/zero | tr '\0' a); `
	tests := []struct{ name, script string }{
		{name: "doubles a string", script: `x=aaaaaaaa; while :; do x="$x$x"; done`},
		{name: "appends to a string", script: `x=aaaaaaaa; while :; do x="$x$x$x$x"; done`},
		{name: "many expansions at once", script: megabyte + `x=` + strings.Repeat("$a", 500)},
		{name: "many expansions in a command", script: megabyte + `echo ` + strings.Repeat("$a ", 500)},
		{name: "many expansions in a document", script: megabyte + "cat <<E\n" + strings.Repeat("$a\n", 500) + "E"},
		{name: "all arguments many times", script: megabyte + `set -- "$a"; : ` + strings.Repeat(`"$@" `, 500)},
		{name: "replaces by more", script: megabyte + `x=${a//a/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}`},
		{name: "replaces by itself", script: megabyte + `x=${a//a/$a}`},
		{name: "replaces again and again", script: `x=a; while :; do x=${x//a/aa}; done`},
		{name: "substitution of zeros", script: `x=$(cat /dev/zero)`},
		{name: "substitution of lines", script: `x=$(yes)`},
		{name: "substitution of a loop", script: `x=$(while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done)`},
		{name: "substitution of many programs", script: `x=$(while :; do cat /in/script; done)`},
		{name: "substitution of a wide number", script: `x=$(printf %1000000000s a)`},
		{name: "arguments from a substitution", script: `set -- $(yes)`},
		{name: "arguments that double", script: `set -- a b; while :; do set -- "$@" "$@"; done`},
		{name: "a line without end", script: `yes | tr -d '\n' | { read x; echo never; }`},
		{name: "variables without end", script: megabyte + `while :; do b=$((b+1)); eval "v$b=\$a\$b"; done`},
		{name: "functions without end", script: `while :; do b=$((b+1)); eval "f$b() { :; }; v$b=\$(head -c 100000 /in/script)"; done`},
		{name: "local variables", script: megabyte + `f() { local x="$a$1"; f "b$1"; }; f`},
		{name: "a huge command", script: `eval "echo $(head -c 1500000 /in/script)"`},
		{name: "patterns over and over", script: `echo ` + strings.Repeat("/*/..", 30)},
		{name: "matching that takes long", script: megabyte + `case $a in $a) ;; esac`},
		{name: "removing what takes long", script: megabyte + `x=${a%%*a*$a}`},
		{name: "patterns that are not closed", script: `p='@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@(@('; case a in $p) ;; esac`},
	}
	b.write(t, strings.Repeat("a", 2_000_000))
	before := heap()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t, c, "", "sh", "-c", tt.script)
			if got != (answer{errs: "sh: out of memory\n", code: 2}) && got.code != 139 {
				t.Errorf("%d %.200q %.200q", got.code, got.out, got.errs)
			}
		})
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("%d MB are not given back", grown>>20)
	}
}

// TestMemoryOfLoops runs what must not hold more the longer it runs.
func TestMemoryOfLoops(t *testing.T) {
	c := newBed(t).idle(t)
	tests := []struct{ name, script string }{
		{name: "eval", script: `while [ $((i+=1)) -le 3000 ]; do eval "x=\"$i\" # xxxxxxxxxxxxxxxxxxxxxxxxx"; done`},
		{name: "eval of pipelines", script: `while [ $((i+=1)) -le 300 ]; do eval "echo $i | cat >/dev/null"; done`},
		{name: "background commands", script: `while [ $((i+=1)) -le 600 ]; do true & wait; done`},
		{name: "traps", script: `while [ $((i+=1)) -le 3000 ]; do trap "echo $i | cat" EXIT; done; trap - EXIT`},
		{name: "options", script: `while [ $((i+=1)) -le 3000 ]; do set -e; set +e; done`},
		{name: "documents", script: "while [ $((i+=1)) -le 3000 ]; do read x <<E\n$i\nE\ndone"},
		{name: "devices", script: "while [ $((i+=1)) -le 3000 ]; do : </dev/zero; done"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, c, "", "sh", "-c", strings.ReplaceAll(tt.script, "i+=1", "i=i+1")); got != (answer{}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far below
}

// TestGone kills shells in everything that loops or waits: their goroutines are gone, not just given up.
func TestGone(t *testing.T) {
	const megabyte = `a=$(head -c 1000000 /dev/zero | tr '\0' a); `
	tests := []struct{ name, script string }{
		{name: "while", script: "echo on; while :; do :; done"},
		{name: "until", script: "echo on; until false; do :; done"},
		{name: "for over many", script: "echo on; while :; do for i in $(seq 10000); do :; done; done"},
		{name: "empty condition", script: "echo on; while while false; do :; done; do :; done"},
		{name: "case", script: "echo on; while :; do case a in b) ;; esac; done"},
		{name: "arithmetic", script: "echo on; while :; do x=$((x+1)); done"},
		{name: "bash's test", script: "echo on; while [[ a == a ]]; do :; done"},
		{name: "classic test", script: "echo on; while [ a = a ]; do :; done"},
		{name: "function", script: "f() { :; }; echo on; while f; do :; done"},
		{name: "substitution", script: "echo on; while :; do x=$(echo a); done"},
		{name: "substitution that waits", script: "echo on; x=$(sleep 1000)"},
		{name: "substitution that loops", script: "echo on; x=$(while :; do :; done)"},
		{name: "substitution in the background", script: "echo on; x=$(sleep 1000 &)"},
		{name: "subshell", script: "echo on; (while :; do :; done)"},
		{name: "pipeline", script: "echo on; while :; do :; done | while :; do :; done"},
		{name: "pipeline without reader", script: "echo on; yes | sleep 1000"},
		{name: "pipeline without writer", script: "echo on; sleep 1000 | while read x; do :; done"},
		{name: "background", script: "echo on; while :; do :; done & wait"},
		{name: "wait", script: "sleep 1000 & echo on; wait"},
		{name: "wait for one", script: "sleep 1000 & echo on; wait $!"},
		{name: "read of zeros", script: "echo on; while read x </dev/zero; do :; done"},
		{name: "loop over zeros", script: "echo on; while read x; do :; done </dev/zero"},
		{name: "loop over random bytes", script: "echo on; while read x; do :; done </dev/urandom"},
		{name: "loop over a full device", script: "echo on; while read x; do :; done </dev/full"},
		{name: "read of zeros in a substitution", script: "echo on; x=$(read y </dev/zero)"},
		{name: "program on zeros", script: "echo on; cat </dev/zero >/dev/null"},
		{name: "substituted file", script: "echo on; while :; do x=$(</dev/zero); done"},
		{name: "source of zeros", script: "echo on; . /dev/zero"},
		{name: "script of zeros", script: "echo on; sh /dev/zero"},
		{name: "script from zeros", script: "echo on; sh </dev/zero"},
		{name: "read of nothing", script: "echo on; sleep 1000 | read x"},
		{name: "document", script: "echo on; while :; do cat <<E >/dev/null\n$x\nE\ndone"},
		{name: "document that nobody reads", script: megabyte + "echo on; sleep 1000 <<E\n$a\nE"},
		{name: "input that is kept", script: megabyte + "exec <<E\n$a\nE\necho on; sleep 1000"},
		{name: "file that is kept", script: "exec </etc/passwd; echo on; sleep 1000"},
		{name: "glob", script: "echo on; while :; do : /*/*; done"},
		{name: "matching", script: "a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; echo on; while :; do case $a in *a*a*a*a*b) ;; esac; done"},
		{name: "removing", script: megabyte + "echo on; while :; do x=${a%%b*}; done"},
		{name: "replacing", script: "a=$(seq 20000); echo on; while :; do x=${a//1/b}; done"},
		{name: "splitting", script: "a=$(seq 100000); echo on; while :; do for i in $a; do break; done; done"},
		{name: "eval", script: "echo on; while :; do eval 'x=1 # a'; done"},
		{name: "large eval", script: "a=$(seq 40000); a=$(echo $a); " + `echo on; while :; do eval ": $a"; done`},
		{name: "recursion", script: "f() { [ ${#1} -gt 100 ] || f a$1; }; echo on; while :; do f; done"},
		{name: "trap", script: "trap 'while :; do :; done' USR1; echo on; kill -USR1 $$; :"},
		{name: "exit trap", script: "trap 'echo on; while :; do :; done' EXIT"},
		{name: "ignored signals", script: "trap '' TERM INT HUP; echo on; while :; do :; done"},
		{name: "echo", script: "echo on; while :; do echo x >/dev/null; done"},
		{name: "printf", script: "echo on; printf %1000000000s x >/dev/null; printf %1000000000s x"},
		{name: "printf with arguments", script: "set -- $(seq 100000); echo on; while :; do printf '%d %s\n' \"$@\" >/dev/null; done"},
		{name: "stopped", script: "echo on; kill -STOP $$; sleep 1000"},
		{name: "errors", script: "echo on; while :; do nosuch 2>/dev/null; done"},
		{name: "exec", script: "echo on; exec sh -c 'while :; do :; done'"},
		{name: "getopts", script: "echo on; while :; do OPTIND=1; getopts a x -a; done"},
		{name: "many lines", script: "echo on; yes : | sh"},
		{name: "a line without end", script: "echo on; yes : | tr '\\n' ';' | sh; sleep 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ignore := goleak.IgnoreCurrent()
			b := newBed(t)
			log := filepath.Join(t.TempDir(), "0.log")
			c := b.start(t, log, "sh", "-c", tt.script)
			deadline := time.Now().Add(time.Minute)
			for {
				text, err := os.ReadFile(log)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), "stdout F on\n") {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("the script did not begin: %.300q", text)
				}
				runtime.Gosched()
			}
			other := b.idle(t)
			for range 3 { // it runs for a while
				run(t, other, "", "true")
			}
			began := time.Now()
			if err := c.Remove(); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("the end took %v", took)
			}
			if err := other.Remove(); err != nil {
				t.Fatal(err)
			}
			if err := goleak.Find(ignore); err != nil {
				t.Error(err)
			}
		})
	}
}
