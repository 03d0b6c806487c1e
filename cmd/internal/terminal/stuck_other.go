//go:build !unix

package terminal

import (
	"context"
	"os"
)

// Outlet is where the program writes to: a console of Windows never stops reading.
type Outlet struct{}

// KeepWritable does nothing.
func (*Outlet) KeepWritable(context.Context, ...*os.File) {}

// Lost is false.
func (*Outlet) Lost() bool { return false }
