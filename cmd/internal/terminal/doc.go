// Package terminal takes care of the terminal around a console that draws on it: who gets Ctrl-C, keys one by one, what
// libraries write to standard error, a terminal that does not read any more, and its state after a crash.
//
// It owns the difference between the systems; elsewhere there are no system calls for terminals. It refuses to draw, and to
// know what the console does. Each function that changes something returns one that undoes it. Interrupts has one goroutine,
// which ends with the function that Listen returns; Outlet.KeepWritable is a goroutine of the caller's, until the process ends.
package terminal
