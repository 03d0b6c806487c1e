package applog

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func TestGoldens(t *testing.T) {
	panetest.Goldens(t, New(),
		panetest.Size{W: 50, H: 9, Lang: lab.Korean},
		panetest.Size{W: 78, H: 12, Lang: lab.English},
		panetest.Size{W: 120, H: 20, Lang: lab.Korean})
}

func TestSizeIsExact(t *testing.T) { panetest.Exact(t, New()) }

func BenchmarkPane(b *testing.B) { panetest.Bench(b, New()) }

// A line that a cause rests on is brought into sight and marked, until Esc; what is not there is not pointed at.
func TestPoint(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(100, 2)
	s := panetest.Snapshot()
	p.SetSnapshot(s)
	before := p.View(panetest.Now())
	first := s.Log[0]
	for _, ref := range []cause.Ref{cause.EventRef{UID: "x"}, cause.LogRef{}, cause.LogRef{At: first.At.Add(-time.Hour)}} {
		if p.Point(ref) || p.View(panetest.Now()) != before {
			t.Errorf("points at %+v", ref)
		}
	}
	if !p.Point(cause.LogRef{At: first.At}) {
		t.Fatal("does not point at a line")
	}
	marked := p.View(panetest.Now())
	if !strings.Contains(marked, first.At.Local().Format(time.TimeOnly)) {
		t.Errorf("the line is not in sight:\n%s", marked)
	}
	if _, taken := p.HandleKey(tea.KeyPressMsg{Code: tea.KeyEscape}); !taken || p.View(panetest.Now()) == marked {
		t.Error("Esc leaves the mark")
	}
}
