package machine

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
)

// cpuInfo has a line for each processor and nothing that is not known.
func cpuInfo() string {
	var b strings.Builder
	for i := range runtime.NumCPU() {
		fmt.Fprintf(&b, "processor\t: %d\n\n", i)
	}
	return b.String()
}

// memInfo takes half of the memory for free.
func memInfo() string {
	total := cmp.Or(Memory(), 8<<30) >> 10
	return fmt.Sprintf("MemTotal:       %8d kB\nMemFree:        %8d kB\nMemAvailable:   %8d kB\n", total, total/2, total/2)
}
