//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package terminal

import "golang.org/x/sys/unix"

// discardOutput throws away what a terminal has not read, which wakes up who waits to write more.
func discardOutput(fd int) {
	const output = 0x2 // FWRITE of <sys/fcntl.h>
	// Best effort: nobody is left to tell that it failed.
	_ = unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, output)
}
