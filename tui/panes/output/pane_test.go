package output

import (
	"testing"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
)

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, New("7 z"),
		panetest.Size{W: 50, H: 9, Lang: lab.Korean},
		panetest.Size{W: 78, H: 12, Lang: lab.English},
		panetest.Size{W: 120, H: 20, Lang: lab.Korean})
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, New("7 z")) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, New("7 z")) }
