//go:build !linux

package machine

// Memory returns zero: the machine cannot be asked in a portable way.
func Memory() int64 { return 0 }
