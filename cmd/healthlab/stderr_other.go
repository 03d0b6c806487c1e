//go:build !unix

package main

import "os"

// divertStderr sends what libraries write to standard error into the log for as long as the console draws. The returned
// function undoes it.
func divertStderr(log *os.File) (restore func(), err error) {
	stderr := os.Stderr
	os.Stderr = log
	return func() { os.Stderr = stderr }, nil
}
