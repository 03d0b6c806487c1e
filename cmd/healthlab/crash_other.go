//go:build !unix

package main

import "healthlab/lab"

// guardTerminal does nothing here: consoles of this system restore their own mode when a process ends.
func guardTerminal(string, lab.Lang) (release func(), err error) { return func() {}, nil }
