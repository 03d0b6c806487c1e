package shim

import "golang.org/x/sys/unix"

// machineBytes returns how much memory the machine has; zero if it does not tell.
func machineBytes() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
