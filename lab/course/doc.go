// Package course is what is known about labs: where a student is and what comes next, which faults there are and which pods they
// fit, what can be done now or why not, what was done of a step, how an answer is typed and compares with what has happened, how a command
// line reads, which events say the same and which tell a cause, and what happened in words. Everything that shows labs (the
// console, the line mode, a headless run, a report) asks this package and only renders what it says.
//
// Its functions are pure: they look at labs, a snapshot and answers, own nothing, start no goroutine and do no I/O. They may
// be called from any goroutine, as snapshots are never changed. It refuses client-go, sessions and faces; package lab holds
// the values that it speaks about.
//
// Command lines are parsed by mvdan.cc/sh, as package shell of the images parses scripts, but never run: what this package reads
// is one command for a machine that may have no shell, so it takes words and quotes and refuses whatever a shell would have to
// carry out. The two share the parser and nothing else.
package course
