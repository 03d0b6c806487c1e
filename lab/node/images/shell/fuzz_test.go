package shell_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/sandbox"
)

// FuzzShell runs any text: the shell must end soon after it was killed, and never show anything of the program below.
func FuzzShell(f *testing.F) {
	for _, n := range nestings() {
		f.Add(n.begin + strings.Repeat(n.open, 3) + n.middle + strings.Repeat(n.shut, 3) + n.end)
	}
	for _, script := range []string{
		"", "\x00", "\xff", "echo a | cat; (exit 3) & wait", "f() { f; }; f", "x=$(yes)", "case $'\\xff' in [[:alpha:]-z]) ;; esac",
		"trap 'echo $?' EXIT; set -eu; false", "cat <<-E\n\t$x\n\tE", "cat <<'E'\n$x\nE", "${x//a/$y}${x#*a}${x%%[}${x:1:2}",
		"eval 'eval \"a | b\"'", "read -r -n 3 x <<E\na\\b\nE", "printf '%*.*d%b%c' 5 3 7 '\\c'", "[ \\( ! -n \"\" -a 1 -lt x \\) ]",
		"let 'x=1' y+=2; echo $((x?y:z))", "for i in a b; do continue 2; done; break", "command . /etc/passwd", "exec 2>&1 </dev/zero; read x",
		"alias x='echo (('; x", "set -o pipefail; set +o; set -o nosuch", "a[1]=2; echo ${a[@]}", "echo {1..3}{a,b}", "while ((x++ < 3)); do :; done",
	} {
		f.Add(script)
	}
	c := newBed(f).idle(f)
	f.Fuzz(func(t *testing.T, script string) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		var out, errs bytes.Buffer
		began := time.Now()
		_, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"sh", "-c", script}, Stdout: &out, Stderr: &errs})
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

// BenchmarkShell is what an exec probe costs.
func BenchmarkShell(b *testing.B) {
	c := newBed(b).idle(b)
	for name, script := range map[string]string{
		"probe":    "test -f /tmp/healthy",
		"pipeline": "cat /etc/hosts | grep -q localhost",
		"loop":     "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done",
		"long":     strings.Repeat("if [ -f /etc/passwd ]; then x=$((x+1)); else echo no; fi\n", 1000),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				run(b, c, "", "sh", "-c", script)
			}
		})
	}
}
