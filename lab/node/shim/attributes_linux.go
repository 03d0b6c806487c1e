package shim

import "syscall"

// attributes put the process into a group of its own, so that what the terminal sends healthlab does not reach it, and have
// the kernel end it when healthlab has ended, however that was.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
