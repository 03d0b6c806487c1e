package shell

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// What a shell may use. A real one has eight megabytes of stack and the memory of its container; scripts that people
// write stay far below all of these.
const (
	// maxFrames bounds the Go frames of a shell's stack, while it reads a script and while it runs one. Go's own limit,
	// which would end the whole program, is more than ten times as far.
	maxFrames = 10_000
	// maxDepth bounds how deep the syntax tree of one command is: 3,000 commands in a chain of &&, 6,000 terms of a
	// sum. What works on trees is recursive and takes about three frames a level.
	maxDepth = 6_000
	// maxCommand bounds the text of one command, in bytes: a line, or what begins and ends with a keyword.
	maxCommand = 1 << 20
	// maxValue bounds a variable, a line that is read, and what a command substitution collects, in bytes.
	maxValue = 1 << 20
	// maxWords bounds the words of a command, in bytes, with 16 for each.
	maxWords = 4 << 20
	// maxVariables bounds all variables together.
	maxVariables = 64 << 20
	// maxMatching bounds the length of a text times that of the patterns it is matched against: about a second.
	maxMatching = 128 << 20
	// maxNames bounds how many directory entries the patterns of one command look at.
	maxNames = 256 << 10
)

var (
	// errTooDeep ends a shell that nests or recurses without end; a real one dies of its stack.
	errTooDeep = errors.New("nested too deeply")
	// errNoMemory ends a shell that holds too much.
	errNoMemory = errors.New("out of memory")
)

// fatal is what a shell panics with to end itself from inside the interpreter or the parser, which offer no other way
// from where it is needed. It never leaves contain.
type fatal struct{ err error }

func die(err error) { panic(fatal{err}) }

// contain runs what may die, and returns the error it died with.
func contain(f func() int) (code int, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case fatal:
			err = r.err
		case string:
			// regexp.MustCompile: a pattern that is too long or too deep.
			if err = errNoMemory; !strings.HasPrefix(r, "regexp: Compile") {
				err = fmt.Errorf("internal error: %.200s", r)
			}
		default:
			err = fmt.Errorf("internal error: %.200v", r)
		}
	}()
	return f(), nil
}

// tooDeepStack reports whether the calling goroutine's stack has more than maxFrames frames. It takes some 50 ns a
// frame.
func tooDeepStack() bool {
	var pc [1]uintptr
	return runtime.Callers(maxFrames, pc[:]) > 0
}

// deeper is called where a script enters a function or another text, which alone can go on for ever: what one text nests
// is bounded by maxDepth. Looking takes long when the stack is deep, so not every time.
func (sh *shell) deeper() {
	const every = 4
	if sh.entered++; sh.entered%every == 0 && tooDeepStack() {
		die(errTooDeep)
	}
}

// frames counts the frames of the calling goroutine's stack, up to maxFrames.
func frames() int {
	var pc [maxFrames / 10]uintptr
	for n := 0; n < maxFrames; n += len(pc) {
		if got := runtime.Callers(n, pc[:]); got < len(pc) {
			return n + got
		}
	}
	return maxFrames
}
