// Package probelog is the pane of every attempt that healthlab's own probe engine made, successes included, beside what
// the kubelet reported about the same probe. The goroutine of the program's Update and View owns it.
package probelog
