// Package output is the pane of what was carried out: the command line, how it stands, and what it printed, with its
// colours, scrollable and searchable. The goroutine of the program's Update and View owns it.
package output
