//go:build !unix

package terminal

import "os"

// RedirectStderr sends what libraries write to standard error into the log for as long as the console draws. The returned
// function undoes it.
func RedirectStderr(log *os.File) (restore func(), err error) {
	stderr := os.Stderr
	os.Stderr = log
	return func() { os.Stderr = stderr }, nil
}
