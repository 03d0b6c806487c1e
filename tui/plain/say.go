package plain

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"healthlab/lab"
)

// writer counts lines and keeps the first error.
type writer struct {
	io.Writer
	lines int
	err   error
}

// print prints one line.
func (c *console) print(line string) {
	if c.out.err != nil {
		return
	}
	c.out.lines++
	if _, err := fmt.Fprintln(c.out, strings.TrimRight(line, " ")); err != nil {
		c.out.err = fmt.Errorf("print a line: %w", err)
	}
}

// say prints a text in the user's language.
func (c *console) say(text lab.Text) { c.print(text.In(c.Lang)) }

// homely is the path of a file of the working directory as people write it.
func (c *console) homely(name string) string {
	return lab.Homely(filepath.Join(c.snap.Dir, name), c.Home)
}

// span says how long something takes.
func (c *console) span(d time.Duration) lab.Text {
	d = max(d, 0)
	switch s := int(d / time.Second); {
	case d < 10*time.Second && d%time.Second != 0:
		return lab.Textf("%.1f초", "%.1f seconds", d.Seconds())
	case s == 1:
		return lab.T("1초", "1 second")
	case s < 60:
		return lab.Textf("%d초", "%d seconds", s)
	case s < 3600:
		return lab.Textf("%d분 %d초", "%d min %d s", s/60, s%60)
	default:
		return lab.Textf("%d시간 %d분", "%d h %d min", s/3600, s/60%60)
	}
}
