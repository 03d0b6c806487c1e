//go:build linux || darwin

package embedded

import (
	"golang.org/x/sys/unix"

	"healthlab/lab"
)

// checkLimits refuses to start where the system permits the process too little. Go has raised the number of open files to
// what is permitted at most.
func checkLimits() error {
	for _, l := range []limit{
		{unix.RLIMIT_NOFILE, "-n", lab.T("열린 파일 수", "open files"), 1, filesNeeded},
		{unix.RLIMIT_AS, "-v", lab.T("가상 메모리", "virtual memory"), 1 << 10, addressesNeeded},
		{unix.RLIMIT_DATA, "-d", lab.T("데이터 메모리", "data memory"), 1 << 10, dataNeeded},
		{unix.RLIMIT_FSIZE, "-f", lab.T("파일 크기", "file size"), 1 << 10, fileNeeded},
	} {
		var is unix.Rlimit
		if err := unix.Getrlimit(l.resource, &is); err == nil && is.Cur < l.needed {
			return l.tooLow(is.Cur)
		}
	}
	return nil
}

func freeBytes(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
