// Package timeline is the pane of the timeline: what the user did to a pod, what is expected to follow and when, and what its
// probes, its containers, its readiness, its endpoints and its deployment did, on one axis. The axis stands still while now
// walks through it, and glides by a cell at a time when there is no more room. The pane keeps the last view of the timeline, which
// nobody changes, and what of it is in sight; the goroutine of the program's Update and View owns it.
package timeline
