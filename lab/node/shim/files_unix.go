//go:build !windows

package shim

import "syscall"

// limitFiles bounds how many files the process has open.
func limitFiles(most int) {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now); err != nil {
		return
	}
	now.Cur = min(uint64(most), now.Max)
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &now) // one that stays higher harms the machine only
}
