package stage

import (
	"testing"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/tuitest"
)

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, New(tuitest.Labs(), "/home/student"),
		panetest.Size{W: 80, H: 21, Lang: lab.Korean},
		panetest.Size{W: 120, H: 37, Lang: lab.English},
		panetest.Size{W: 40, H: 12, Lang: lab.English})
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, New(tuitest.Labs(), "")) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, New(tuitest.Labs(), "")) }
