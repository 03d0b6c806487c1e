package stage

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

func TestLook(t *testing.T) {
	for _, size := range [][2]int{{200, 57}, {120, 37}, {80, 21}} {
		for _, at := range []float64{30, 75} {
			p := New(tuitest.Labs(), "")
			p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.Korean)
			p.SetSize(size[0], size[1])
			s := tuitest.Running(3)
			p.SetSnapshot(s)
			p.SetTimeline(tuitest.Liveness().View(at))
			fmt.Printf("--- %v %v\n%s\n", at, size, ansi.Strip(p.View(tuitest.At(at))))
		}
	}
}
