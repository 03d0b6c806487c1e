package sandbox

import "io/fs"

// executableMode is always true: Windows keeps no such permission.
func executableMode(fs.FileInfo) bool { return true }
