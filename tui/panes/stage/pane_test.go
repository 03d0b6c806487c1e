package stage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, New(tuitest.Labs(), "/home/student"),
		panetest.Size{W: 80, H: 21, Lang: lab.Korean},
		panetest.Size{W: 120, H: 37, Lang: lab.English},
		panetest.Size{W: 40, H: 12, Lang: lab.English})
}

// TestTimelineGoldens keeps how a fault looks from the last row: what is to come, and what has come.
func TestTimelineGoldens(t *testing.T) {
	for name, at := range map[string]float64{"fault": 30, "restarted": 75} {
		for _, size := range []panetest.Size{{W: 80, H: 21, Lang: lab.Korean}, {W: 120, H: 37, Lang: lab.English}, {W: 200, H: 57, Lang: lab.Korean}} {
			t.Run(fmt.Sprintf("%s-%dx%d-%s", name, size.W, size.H, size.Lang), func(t *testing.T) {
				p := New(tuitest.Labs(), "/home/student")
				p.SetStyle(theme.New(theme.Dark, theme.Options{}), size.Lang)
				p.SetSize(size.W, size.H)
				s := tuitest.Running(3)
				s.Position.Since = tuitest.Begun()
				p.SetSnapshot(s)
				p.SetTimeline(tuitest.Liveness().View(at))
				view := p.View(tuitest.At(at))
				panetest.RequireSize(t, view, size.W, size.H)
				golden.RequireEqual(t, strings.ReplaceAll(ansi.Strip(view), "\n", "|\n")+"|\n")
			})
		}
	}
}

func TestSizeIsExactWithTimeline(t *testing.T) {
	for name, s := range map[string]*tuitest.Story{"liveness": tuitest.Liveness(), "readiness": tuitest.Readiness()} {
		t.Run(name, func(t *testing.T) {
			p := New(tuitest.Labs(), "")
			p.SetTimeline(s.View(1000))
			panetest.Exact(t, p)
		})
	}
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, New(tuitest.Labs(), "")) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, New(tuitest.Labs(), "")) }
