//go:build !linux

package shim

import "time"

// burn is for limits of CPU, which only Linux has.
func burn(time.Duration) {}
