// Package shell is the shell of the built-in images that have one: mvdan.cc/sh's parser and interpreter, whose every
// touch of the system goes to the container.
//
// It owns what a script may be: what BusyBox's ash does not know is refused in ash's words, and what has no end in
// depth, memory or time ends the shell process, with "Segmentation fault" (139) or "out of memory" (2), and nothing
// else. The limits are in limits.go. The parser is fed by source, which looks at the depth of its stack; commands that
// could expand to too much are given a look beforehand, by room; pipelines, subshells and background commands become
// processes of the container, by rewrite. There is no host file, pipe or goroutine that could outlive the shell: here
// documents and devices are read by the shell's own commands and by its children, never by the interpreter.
//
// A shell's state belongs to the goroutine of its process; the interpreter starts no other, because what would make it
// do so is rewritten or refused. The end of the process's context ends everything, but for one match of a regular
// expression, which maxMatching bounds to about a second.
//
// It refuses arrays, brace expansion, extended patterns, process substitution, C's for and select, which are bash's: that
// is a shell of its own, in package bash. What the interpreter says itself is put into ash's words (complaints), and
// descriptors above 2, which it does not know, are the shell's own (fds); children begin with them.
package shell
