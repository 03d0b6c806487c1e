package embedded

import "golang.org/x/sys/windows"

// checkLimits has nothing to look at: Windows sets a process no such limits.
func checkLimits() error { return nil }

func freeBytes(dir string) (free uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return free, err
}
