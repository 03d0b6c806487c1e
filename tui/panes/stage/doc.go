// Package stage is the pane of presenter mode, which takes the place of all others: the step with its command and its timer,
// READY and RESTARTS of each pod in digits for the last row, the recent attempts of its probes, why one is not well, and the latest events. It draws
// attempts and events as the other panes do. It keeps the last snapshot and what it drew; the goroutine of the program's Update
// and View owns it.
package stage
