//go:build !unix

package terminal

import (
	"context"
	"os"
)

// KeepWritable does nothing: a console of Windows never stops reading.
func KeepWritable(context.Context, ...*os.File) {}
