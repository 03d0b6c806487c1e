//go:build !linux

package machine

// CPUInfo is what Linux would say in /proc/cpuinfo, as far as that is known.
func CPUInfo() string { return cpuInfo() }

// MemInfo is what Linux would say in /proc/meminfo, as far as that is known.
func MemInfo() string { return memInfo() }
