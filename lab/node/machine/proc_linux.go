package machine

import "os"

// CPUInfo is what /proc/cpuinfo says.
func CPUInfo() string { return read("/proc/cpuinfo", cpuInfo) }

// MemInfo is what /proc/meminfo says.
func MemInfo() string { return read("/proc/meminfo", memInfo) }

func read(name string, otherwise func() string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return otherwise()
	}
	return string(data)
}
