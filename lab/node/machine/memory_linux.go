package machine

import "golang.org/x/sys/unix"

// Memory returns how much memory the machine has, in bytes; zero if it does not tell.
func Memory() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
