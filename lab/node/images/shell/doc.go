// Package shell is the shell of the built-in images that have one: mvdan.cc/sh's interpreter, whose every touch of the
// system goes to the container of its process.
//
// It refuses what would harm the process that all containers share: scripts without end in memory or depth. A shell's
// state belongs to the goroutine of its process.
package shell
