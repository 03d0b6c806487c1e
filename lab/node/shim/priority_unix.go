//go:build !windows

package shim

import "syscall"

// niceness puts containers behind the control plane, the probes and the console.
const niceness = 10

// lowPriority applies to all threads of the process, which is the only one of its group, and to those to come.
func lowPriority(pid int) {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, pid, niceness) // without it the container runs as well
}

// environment is all that the process gets. Two processors are as much as one container may have the runtime prepare for.
func environment() []string { return []string{"GOMAXPROCS=2"} }
