//go:build !linux && !windows

package shim

import "syscall"

// attributes put the process into a group of its own, so that what the terminal sends healthlab does not reach it. When
// healthlab has ended, the end of its input ends it.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
