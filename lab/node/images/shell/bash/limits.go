package bash

import (
	"errors"
	"runtime"
)

// What a shell may use. A real one has eight megabytes of stack and the memory of its container; scripts that people
// write stay far below all of these.
const (
	// maxFrames bounds the Go frames of the parser's stack. Go's own limit, which would end the whole program, is more
	// than ten times as far.
	maxFrames = 10_000
	// maxTree bounds how deep the syntax tree of one command is.
	maxTree = 6_000
	// maxDepth bounds commands, functions, texts and expansions inside each other while a script runs.
	maxDepth = 20_000
	// maxExpressions bounds variables whose values are expressions with variables; it is bash's own limit.
	maxExpressions = 1024
	// maxCommand bounds the text of one command, in bytes.
	maxCommand = 1 << 20
	// maxValue bounds a variable, a line that is read, and what a command substitution collects, in bytes.
	maxValue = 1 << 20
	// maxWords bounds what the words of a command expand to, in bytes, with wordBytes for each.
	maxWords = 8 << 20
	// maxVariables bounds all variables together, in bytes.
	maxVariables = 64 << 20
	// maxMatching bounds the length of a text times that of the pattern it is matched against: about a second.
	maxMatching = 128 << 20
	// maxNames bounds how many directory entries the patterns of one command look at.
	maxNames = 256 << 10
	// wordBytes is what a word or variable takes besides its text.
	wordBytes = 64
)

var (
	// errTooDeep ends a shell that nests or recurses without end; a real one dies of its stack.
	errTooDeep = errors.New("nested too deeply")
	// errNoMemory ends a shell that holds too much.
	errNoMemory = errors.New("out of memory")
)

// What the interpreter panics with to leave more than it could return from. None of them leaves the package: guard and
// the loop that reads commands catch them.
type (
	// fatal ends the shell as a crash would, without its EXIT trap.
	fatal struct{ err error }
	// leave ends the shell with sh.status, as exit does.
	leave struct{}
	// discard gives up the command that was read, as bash does after errors of expansions.
	discard struct{}
	// replaced ends the shell with the status of the program that took its process over.
	replaced struct{ code int }
)

func die(err error) { panic(fatal{err}) }

// enter and exit count how deep the interpreter is.
func (sh *shell) enter() {
	if sh.depth++; sh.depth > maxDepth {
		die(errTooDeep)
	}
}

func (sh *shell) exit() { sh.depth-- }

// tooDeepStack reports whether the calling goroutine's stack has more than maxFrames frames. It takes some 50 ns a
// frame.
func tooDeepStack() bool {
	var pc [1]uintptr
	return runtime.Callers(maxFrames, pc[:]) > 0
}

// hold counts what variables take.
func (sh *shell) hold(before, after int) {
	if after > maxValue {
		die(errNoMemory)
	}
	if sh.held += after - before; sh.held > maxVariables {
		die(errNoMemory)
	}
}

// grow counts what the words of the current command take.
func (sh *shell) grow(n int) {
	if sh.expanded += n + wordBytes; sh.expanded > maxWords {
		die(errNoMemory)
	}
}
