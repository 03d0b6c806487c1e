// Package output is the pane of tasks, one at a time: the command line, its state, and what it printed, with its colours,
// scrollable and searchable. The goroutine of the program's Update and View owns it.
package output
