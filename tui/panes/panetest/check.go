package panetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
	"healthlab/tui/theme"
)

// Pane is what the checks need of a pane.
type Pane interface {
	Title(lab.Lang) string
	SetSize(w, h int)
	SetStyle(theme.Style, lab.Lang)
	SetSnapshot(*lab.Snapshot)
	HandleKey(tea.KeyPressMsg) (lab.Action, bool)
	View(time.Time) string
}

// Size is a size to draw at, in a language.
type Size struct {
	W, H int
	Lang lab.Lang
}

// Goldens compares what the pane shows of Snapshot with the files under testdata, colours aside.
func Goldens(t *testing.T, p Pane, sizes ...Size) {
	t.Helper()
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d-%s", size.W, size.H, size.Lang), func(t *testing.T) {
			p.SetStyle(theme.New(theme.Dark, theme.Options{}), size.Lang)
			p.SetSize(size.W, size.H)
			p.SetSnapshot(Snapshot())
			view := ansi.Strip(p.View(Now()))
			golden.RequireEqual(t, "["+p.Title(size.Lang)+"]\n"+strings.ReplaceAll(view, "\n", "|\n")+"|\n")
		})
	}
}

// Exact draws the pane in sizes from -3 to 60, going through themes, languages and snapshots and pressing keys in
// between, and checks that the picture has exactly as many lines and cells as asked for.
func Exact(t *testing.T, p Pane) {
	t.Helper()
	styles := []theme.Style{
		theme.New(theme.Dark, theme.Options{}),
		theme.New(theme.Light, theme.Options{Colors: theme.NoColor, ASCII: true}),
	}
	backwards := Snapshot()
	backwards.At = Now().Add(-time.Hour)
	snapshots := []*lab.Snapshot{Korean(3), Snapshot(), {}, backwards}
	keys := []string{"j", "G", "k", "/", "enter", "g", "<", ">", "n"}
	for w := -3; w <= 60; w++ {
		p.SetStyle(styles[(w+3)%2], []lab.Lang{lab.Korean, lab.English}[(w+3)/2%2])
		for i, h := range []int{-3, -1, 0, 1, 2, 3, 4, 5, 8, 13, 21, 34, 60} {
			p.SetSnapshot(snapshots[(i+w+3)%len(snapshots)])
			p.HandleKey(Key(keys[i%len(keys)]))
			p.SetSize(w, h)
			RequireSize(t, p.View(Now()), w, h)
		}
	}
	for _, s := range snapshots {
		p.SetSnapshot(s)
		p.SetSize(200, 50)
		RequireSize(t, p.View(Now().Add(-time.Hour)), 200, 50)
		RequireSize(t, p.View(Now().Add(1000*time.Hour)), 200, 50)
	}
}

// RequireSize fails unless view is exactly h lines of w cells; nothing at all for a size without cells.
func RequireSize(t *testing.T, view string, w, h int) {
	t.Helper()
	if w <= 0 || h <= 0 {
		if view != "" {
			t.Fatalf("%dx%d: got %q, want nothing", w, h, view)
		}
		return
	}
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d: got %d lines", w, h, len(lines))
	}
	for i, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			t.Fatalf("%dx%d: line %d has %d cells: %q", w, h, i, got, line)
		}
		if strings.ContainsAny(ansi.Strip(line), "\t\r\x07\u200d\ufe0f") {
			t.Fatalf("%dx%d: line %d has characters whose width terminals disagree on: %q", w, h, i, line)
		}
	}
}

// Key returns the press of a key by its name.
func Key(name string) tea.KeyPressMsg {
	switch name {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	case "backspace":
		return tea.KeyPressMsg{Code: tea.KeyBackspace}
	case "up":
		return tea.KeyPressMsg{Code: tea.KeyUp}
	case "down":
		return tea.KeyPressMsg{Code: tea.KeyDown}
	}
	r := []rune(name)
	return tea.KeyPressMsg{Code: r[0], Text: name}
}

// Korean is Snapshot with Korean in whatever text it holds, n times over.
func Korean(n int) *lab.Snapshot {
	s := Snapshot()
	const text = "한글로 쓴 긴 문장이 모든 줄에 있어도 칸이 어긋나지 않아야 합니다. "
	base := *s
	for i := range n {
		for _, e := range base.Events {
			e.UID += fmt.Sprint(i)
			e.Message = text + e.Message
			s.Events = append(s.Events, e)
		}
		for _, a := range base.Attempts {
			a.Message = text + a.Message
			s.Attempts = append(s.Attempts, a)
		}
		for _, l := range base.Log {
			l.Text = text + l.Text
			s.Log = append(s.Log, l)
		}
		for _, p := range base.Pods {
			p.Name = fmt.Sprintf("파드-%d-%s", i, p.Name)
			p.UID += fmt.Sprint(i)
			s.Pods = append(s.Pods, p)
		}
	}
	s.Tasks[1].Output = strings.Repeat(text+"\n", 10*n)
	return s
}

// Bench measures SetSnapshot with something new and View at 200x60, with Korean in every row.
func Bench(b *testing.B, p Pane) {
	b.Helper()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.Korean)
	p.SetSize(200, 60)
	snapshots := []*lab.Snapshot{Korean(20), Korean(21)}
	b.Run("changed", func(b *testing.B) {
		i := 0
		for b.Loop() {
			p.SetSnapshot(snapshots[i%2])
			p.View(Now())
			i++
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		p.View(Now())
		for b.Loop() {
			p.View(Now())
		}
	})
}
