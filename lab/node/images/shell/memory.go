package shell

import (
	"io"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

// spend notes that something of n bytes was made that may be kept, and looks at everything from time to time.
func (sh *shell) spend(env expand.Environ, n int) {
	if n > maxValue {
		die(errNoMemory)
	}
	if sh.spent += n + 64; sh.spent > maxVariables/4 {
		sh.spent = 0
		if holdsTooMuch(env) {
			die(errNoMemory)
		}
	}
}

// measure looks at variables that have been assigned to, and gives the assignment's status back.
func (sh *shell) measure(env expand.Environ, status string, names []string) []string {
	for _, name := range names {
		v := env.Get(name)
		sh.spend(env, size(v.Str)+size(v.List...))
	}
	return []string{builtinPrefix + "status", status}
}

// nested bounds the arguments of functions that call each other: each level keeps its own.
func nested(args []string) {
	const small, framesOfCall = 16 << 10, 8
	if n := size(args...); n > small && n*(frames()/framesOfCall) > maxVariables {
		die(errNoMemory)
	}
}

// holdsTooMuch adds up all variables, which takes long.
func holdsTooMuch(env expand.Environ) bool {
	const each = 256 // what a variable takes besides its value
	total := 0
	env.Each(func(name string, v expand.Variable) bool {
		total += each + size(name, v.Str) + size(v.List...)
		return total <= maxVariables
	})
	return total > maxVariables
}

// size is about how many bytes strings take.
func size(texts ...string) int {
	n := 0
	for _, s := range texts {
		n += len(s) + 16
	}
	return n
}

// bounded is where the shell's own commands write: a command substitution takes only so much.
type bounded struct{ to *strings.Builder }

func (b bounded) Write(text []byte) (int, error) {
	if b.to.Len()+len(text) > maxValue {
		die(errNoMemory)
	}
	return b.to.Write(text)
}

// output is where a command of the shell's own writes, as long as the process is not killed or stopped.
func (sh *shell) output(hc interp.HandlerContext) io.Writer {
	if buffer, ok := hc.Stdout.(*strings.Builder); ok {
		return bounded{buffer}
	}
	return waitingWriter{sh, hc.Stdout}
}

type waitingWriter struct {
	sh *shell
	to io.Writer
}

func (w waitingWriter) Write(b []byte) (int, error) {
	if err := w.sh.p.Wait(); err != nil {
		return 0, err
	}
	return w.to.Write(b)
}
