//go:build !windows

package shim

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// standardStreams returns the process's input and output as files of their own that the runtime's poller knows, so that they
// take no thread each while they wait. What anything else writes to the standard output goes to the standard error from now
// on: the output is the protocol's.
func standardStreams() (in, out *os.File) {
	var files [2]*os.File
	for fd := range files {
		own, err := syscall.Dup(fd)
		if err == nil {
			syscall.CloseOnExec(own)
			err = syscall.SetNonblock(own, true)
		}
		if err != nil {
			return os.Stdin, os.Stdout
		}
		files[fd] = os.NewFile(uintptr(own), "pipe")
	}
	_ = unix.Dup2(2, 1) // what is written there by mistake would only be lost
	return files[0], files[1]
}
