package shell

import (
	"fmt"
	"io"
	"regexp"
	"strconv"

	"mvdan.cc/sh/v3/interp"
)

// complaints is the standard error that the interpreter has: what it says itself is put into ash's words there. The shell's own
// commands and its children write to what is below.
type complaints struct{ sh *shell }

// below is the stream without it.
func below(w io.Writer) io.Writer {
	if c, ok := w.(complaints); ok {
		return c.sh.p.Stderr
	}
	return w
}

// What the interpreter says, as a pattern whose first group is kept.
var (
	unsetPattern    = regexp.MustCompile(`^(\w+): unbound variable\n$`)
	requiredPattern = regexp.MustCompile(`^(\w+): ` + requiredMark + `((?s:.*))\n$`)
	readOnlyPattern = regexp.MustCompile(`^(\w+): readonly variable\n$`)
)

// requiredMark begins the text of ${name?text}, by which it is known. It is a character that nothing shows.
const requiredMark = "\u2060"

func (c complaints) Write(b []byte) (int, error) {
	sh, text := c.sh, string(b)
	say := func(format string, args ...any) {
		fmt.Fprintf(sh.p.Stderr, sh.saying+format+"\n", args...)
	}
	switch found := unsetPattern.FindStringSubmatch(text); {
	case found != nil:
		say("%s: parameter not set", found[1])
		sh.unset = true // the interpreter ends this shell by itself
		return len(b), nil
	}
	if found := requiredPattern.FindStringSubmatch(text); found != nil {
		say("%s: %s", found[1], found[2])
		sh.unset = true
		return len(b), nil
	}
	if found := readOnlyPattern.FindStringSubmatch(text); found != nil {
		say("%s: is read only", found[1])
		sh.end(2)
		return len(b), nil
	}
	switch text {
	case "division by zero\n":
		say("divide by zero")
		sh.end(2)
	case "local: can only be used in a function\n":
		say("local: line 0: not in a function")
		sh.end(2)
	case "break is only useful in a loop\n", "continue is only useful in a loop\n":
	case "return: can only be done from a func or sourced script\n":
		sh.end(sh.returns)
	default:
		return sh.p.Stderr.Write(b)
	}
	return len(b), nil
}

// end ends a shell that nobody types at, from inside the interpreter.
func (sh *shell) end(code int) {
	if !sh.interactive {
		die(interp.ExitStatus(code)) //nolint:gosec // a status
	}
}

// returning notes what a return outside of functions ends the shell with.
func (sh *shell) returning(args []string) {
	sh.returns = 0
	if len(args) > 1 {
		if n, err := strconv.Atoi(args[1]); err == nil {
			sh.returns = n & 0xff
		}
	}
}
