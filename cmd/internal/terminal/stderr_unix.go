//go:build unix

package terminal

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// RedirectStderr sends what any library writes to standard error into the log for as long as the console draws: one line
// from anywhere would tear the screen apart. The returned function undoes it.
func RedirectStderr(log *os.File) (restore func(), err error) {
	stderr := int(os.Stderr.Fd())
	kept, err := unix.Dup(stderr)
	if err != nil {
		return nil, fmt.Errorf("keep standard error: %w", err)
	}
	unix.CloseOnExec(kept)
	if err := unix.Dup2(int(log.Fd()), stderr); err != nil {
		return nil, fmt.Errorf("send standard error to the log: %w", err)
	}
	return func() {
		_ = unix.Dup2(kept, stderr) // nothing better can be done, and nobody left to tell
		_ = unix.Close(kept)
	}, nil
}
