package posix

import "io/fs"

// FileTest is what test's operator says of a file that is there: -f, -d, -s, -x, -c, -b, -p, -S, -u, -g and -k. Any other is
// true: -e, and those that ask what the administrator may, who every process is.
func FileTest(op string, info fs.FileInfo) bool {
	mode := info.Mode()
	switch op {
	case "-f":
		return mode.IsRegular()
	case "-d":
		return mode.IsDir()
	case "-s":
		return info.Size() > 0
	case "-x":
		return mode&0o111 != 0
	case "-c":
		return mode&fs.ModeCharDevice != 0
	case "-b":
		return mode&fs.ModeDevice != 0 && mode&fs.ModeCharDevice == 0
	case "-p":
		return mode&fs.ModeNamedPipe != 0
	case "-S":
		return mode&fs.ModeSocket != 0
	case "-u":
		return mode&fs.ModeSetuid != 0
	case "-g":
		return mode&fs.ModeSetgid != 0
	case "-k":
		return mode&fs.ModeSticky != 0
	}
	return true
}

// CompareNumbers is -eq, -ne, -lt, -le, -gt or -ge.
func CompareNumbers(m int64, op string, n int64) bool {
	switch op {
	case "-eq":
		return m == n
	case "-ne":
		return m != n
	case "-lt":
		return m < n
	case "-le":
		return m <= n
	case "-gt":
		return m > n
	}
	return m >= n
}
