//go:build !linux

package shim

// throttle does nothing: limits of CPU are kept on Linux only.
type throttle struct{}

func newThrottle() *throttle          { return &throttle{} }
func (*throttle) add(*process, int64) {}
func (*throttle) remove(*process)     {}
func (*throttle) close()              {}
