//go:build bundled

package container

import _ "embed"

//go:embed healthlab-container
var program []byte

// Program returns the executable. It must not be changed.
func Program() []byte { return program }
