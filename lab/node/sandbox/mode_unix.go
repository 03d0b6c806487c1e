//go:build unix

package sandbox

import "io/fs"

// executableMode reports whether anybody may execute the file; containers run as root.
func executableMode(info fs.FileInfo) bool { return info.Mode()&0o111 != 0 }
