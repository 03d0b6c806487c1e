package terminal

import "golang.org/x/sys/unix"

// discardOutput throws away what a terminal has not read, and wakes up who waits to write more: Linux does that only when
// output that was held back is let go again.
func discardOutput(fd int) {
	// Best effort: nobody is left to tell that it failed.
	_ = unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH)
	_ = unix.IoctlSetInt(fd, unix.TCXONC, unix.TCOOFF)
	_ = unix.IoctlSetInt(fd, unix.TCXONC, unix.TCOON)
}
