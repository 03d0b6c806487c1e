package timeline

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

func TestLook(t *testing.T) {
	for _, c := range []struct {
		s   *tuitest.Story
		pod string
		at  []float64
	}{{tuitest.Liveness(), "liveness-app", []float64{26, 28, 36, 43, 75}}, {tuitest.Readiness(), "readiness-deployment-7869b5d679-mxr2k", []float64{22, 33, 45}}} {
		for _, at := range c.at {
			for _, size := range [][2]int{{76, 6}, {72, 9}, {118, 20}} {
				p := New()
				p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.Korean)
				p.SetSize(size[0], size[1])
				p.SetSnapshot(&lab.Snapshot{ChosenPod: c.pod})
				p.SetTimeline(c.s.View(at))
				fmt.Printf("--- %v %v\n%s\n", at, size, ansi.Strip(p.View(tuitest.At(at))))
			}
		}
	}
}
