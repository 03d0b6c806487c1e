package shim

import (
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

// attributes put the process into a group of its own, so that what the console sends healthlab does not reach it, and behind
// healthlab on the processors.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.BELOW_NORMAL_PRIORITY_CLASS, HideWindow: true,
	}
}

func lowPriority(int) {}

// environment is what Windows itself needs of a process's environment.
func environment() []string {
	return []string{"SYSTEMROOT=" + os.Getenv("SYSTEMROOT"), "GOMAXPROCS=2"}
}
