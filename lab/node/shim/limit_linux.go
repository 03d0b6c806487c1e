//go:build !race

package shim

import "golang.org/x/sys/unix"

// dataSlack is what a Go program maps beyond what it holds: garbage, fragments, the runtime's own tables.
const dataSlack = 96 << 20

// limitData has the kernel refuse to map much more than the bound: what takes it all at once is not there for a collection
// to find.
func limitData(bytes int64) {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_DATA, &now); err != nil {
		return
	}
	// One that cannot be set leaves the other bounds.
	_ = unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: min(uint64(bytes+bytes/2+dataSlack), now.Max), Max: now.Max})
}
