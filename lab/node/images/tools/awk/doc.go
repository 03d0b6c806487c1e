// Package awk runs AWK programs as BusyBox 1.36 does: its grammar, its messages ("cmd. line:1: Unexpected token"), the order of
// its arrays, its 32-bit %d, musl's expressions (package regex) and musl's rand. No AWK library has all of these, or lets its
// files and commands be somebody else's: package awk touches nothing itself, a System gives it both.
//
// Parse makes a Program, which never changes; Run runs it on the caller's goroutine and starts no other. It ends with its
// context. What has no end ends as in a container: functions that nest too deeply with ErrTooDeep, a string that is too
// long with ErrMemory; arrays grow until the container's memory is used up.
package awk
