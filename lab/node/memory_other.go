//go:build !linux

package node

// memoryBytes returns what the node claims where the machine cannot be asked in a portable way.
func memoryBytes() int64 { return defaultMemory }
