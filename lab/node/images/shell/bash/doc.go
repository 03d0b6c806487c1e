// Package bash is the bash of the built-in images whose real ones have it: an interpreter over mvdan.cc/sh's parser and
// patterns, held against the answers of bash 5.2 (testdata, made by make bash). The interpreter of that module is what
// ash runs on (package shell); it knows too little of bash's arrays, attributes, arithmetic, traps and descriptors.
//
// It owns what a script of bash means: variables with their scopes (vars, special, declare), words (expand, param,
// pattern, glob, arith), commands (exec, process, streams, trap), builtins, and bash's words for everything that goes
// wrong (syntaxerr puts the parser's errors into them, and quotes what the parser refuses but bash finds out about only
// when it runs it). Every touch of the system goes to the container's process. Subshells, stages of pipelines,
// substitutions and background commands are processes of the container, each of which begins as a copy of its shell;
// syntax trees are shared and never changed.
//
// A shell's state belongs to the goroutine of its process; it starts no other, but to wait for the first of several
// jobs and, on a terminal, for Ctrl-C. What has no end in depth, memory or time ends the shell process, with
// "Segmentation fault" (139) or "cannot allocate memory" (2), and nothing else: limits.go. Texts are bytes unless the
// locale's variables say UTF-8, as in an image without them.
//
// It refuses coproc, and has no history and no job control: fg, bg and suspend say so. What is answered in another way
// than by bash stands in testdata, marked with the reason.
package bash
