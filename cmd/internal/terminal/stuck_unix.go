//go:build unix

package terminal

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// stuckAfter is how long a terminal may take nothing, once the program is to end, before what waits for it is thrown away.
const stuckAfter = 500 * time.Millisecond

// Outlet is where the program writes to: terminals that may stop reading. Its methods may be called from any goroutine.
type Outlet struct{ lost atomic.Bool }

// KeepWritable lets the program end, after ctx has, although a terminal has stopped reading: what is still to be written,
// the last frame and the return to the normal screen, would wait for it for ever. What is thrown away instead is output
// that such a terminal has not read; what is written last stays for when it reads again.
func (o *Outlet) KeepWritable(ctx context.Context, terminals ...*os.File) {
	<-ctx.Done()
	look := time.NewTicker(stuckAfter)
	defer look.Stop()
	was := make([]bool, len(terminals))
	for range look.C {
		for i, t := range terminals {
			fd := int(t.Fd())
			is := term.IsTerminal(fd) && !Writable(fd)
			if was[i] && is {
				o.lost.Store(true)
				discardOutput(fd)
			}
			was[i] = is
		}
	}
}

// Lost reports whether something was thrown away: with it the return to the normal screen may have gone. A nil receiver has
// lost nothing.
func (o *Outlet) Lost() bool { return o != nil && o.lost.Load() }

// Writable reports whether a terminal takes anything at the moment.
func Writable(fd int) bool {
	var ready unix.FdSet
	ready.Set(fd)
	n, err := unix.Select(fd+1, nil, &ready, nil, &unix.Timeval{})
	return err != nil || n > 0
}
