// Package probelog is the pane of every attempt at a probe, successes included, and of who made it: the kubelet, where it tells
// of each, or healthlab's own probe engine, beside what the kubelet reported about the same probe. The goroutine of the program's Update and View owns it.
package probelog
