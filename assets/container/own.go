//go:build !bundled

package container

// Program returns nil: healthlab is to start itself.
func Program() []byte { return nil }
