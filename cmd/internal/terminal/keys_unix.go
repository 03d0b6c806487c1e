//go:build linux || darwin

package terminal

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// EachKey makes a terminal hand over each key as it is pressed, and show none. Ctrl+C still interrupts, and what is
// written needs no carriage returns. restore brings back what was before.
func EachKey(terminal *os.File) (restore func() error, err error) {
	fd := int(terminal.Fd())
	mode, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, fmt.Errorf("read the terminal's mode: %w", err)
	}
	before := *mode
	mode.Lflag &^= unix.ICANON | unix.ECHO
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, setTermios, mode); err != nil {
		return nil, fmt.Errorf("set the terminal's mode: %w", err)
	}
	return func() error {
		if err := unix.IoctlSetTermios(fd, setTermios, &before); err != nil {
			return fmt.Errorf("restore the terminal's mode: %w", err)
		}
		return nil
	}, nil
}
