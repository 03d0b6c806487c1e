//go:build unix

package terminal

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// stuckAfter is how long a terminal may take nothing, once the program is to end, before what waits for it is thrown away.
const stuckAfter = 500 * time.Millisecond

// KeepWritable lets the program end, after ctx has, although a terminal has stopped reading: what is still to be written,
// the last frame and the return to the normal screen, would wait for it for ever. What is thrown away instead is output
// that such a terminal has not read; what is written last stays for when it reads again.
func KeepWritable(ctx context.Context, terminals ...*os.File) {
	<-ctx.Done()
	look := time.NewTicker(stuckAfter)
	defer look.Stop()
	was := make([]bool, len(terminals))
	for range look.C {
		for i, t := range terminals {
			fd := int(t.Fd())
			is := term.IsTerminal(fd) && !Writable(fd)
			if was[i] && is {
				discardOutput(fd)
			}
			was[i] = is
		}
	}
}

// Writable reports whether a terminal takes anything at the moment.
func Writable(fd int) bool {
	var ready unix.FdSet
	ready.Set(fd)
	n, err := unix.Select(fd+1, nil, &ready, nil, &unix.Timeval{})
	return err != nil || n > 0
}
