package tui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/diff"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

func TestDifferenceShowsWhatIsNearChanges(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{
			"in the middle", "a\nb\nc\nd\ne\nf\ng", "a\nb\nc\nD\ne\nf\ng",
			[]string{"…", "  b", "  c", "- d", "+ D", "  e", "  f", "…"},
		},
		{"two places", "1\na\nb\nc\nd\ne\nf\n2", "3\na\nb\nc\nd\ne\nf\n4", []string{
			"- 1", "+ 3", "  a", "  b", "…", "  e", "  f", "- 2", "+ 4",
		}},
		{"a tab, an escape sequence and a long line", "x", "\ta\x1b[31mb  가나다라 가나다라", []string{
			"- x", "+         ab", "+…가나다라", "+…가나다라",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lines := newConsole(t, 80, 24).drawChanges(diff.Lines(c.before, c.after), 14)
			for i := range lines {
				lines[i] = ansi.Strip(lines[i])
			}
			if d := cmp.Diff(c.want, lines); d != "" {
				t.Errorf("difference (-want +got):\n%s", d)
			}
		})
	}
}

func TestEditedManifestIsAppliedAfterAsking(t *testing.T) {
	edited := editedMsg{Path: "/lab/liveness-app.yaml", Before: "periodSeconds: 5\n", After: "periodSeconds: 1\n"}
	for _, c := range []struct {
		name, key string
		want      []lab.Action
	}{
		{"no by default", "enter", nil},
		{"yes", "y", []lab.Action{lab.Kubectl{Args: []string{"apply", "-n", "healthchecks", "-f", edited.Path}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t, 80, 24)
			con.publish(tuitest.Running(1))
			con.send(edited)
			con.wants("liveness-app.yaml에서 바뀐 것 (+1 -1)", "- periodSeconds: 5", "+ periodSeconds: 1", "적용할까요?")
			con.press(c.key)
			if d := cmp.Diff(c.want, con.perform()); d != "" {
				t.Errorf("actions (-want +got):\n%s", d)
			}
		})
	}
}

// manifest is a long one with a change at every tenth line.
func manifest(period int) string {
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, "line %d: 준비성 프로브\n", i)
		if i%10 == 0 {
			fmt.Fprintf(&text, "  periodSeconds: %d\t# %s\n", period, strings.Repeat("주기를 초로 정한다. ", 9))
		}
	}
	return text.String()
}

// A difference that is longer than the screen scrolls above its question.
func TestLongDifferenceScrolls(t *testing.T) {
	for _, size := range [][2]int{{60, 18}, {80, 24}, {200, 60}} {
		c := newConsole(t, size[0], size[1])
		c.publish(tuitest.Running(1))
		c.send(editedMsg{Path: "/lab/a.yaml", Before: manifest(5), After: manifest(1)})
		c.wants("a.yaml에서 바뀐 것 (+10 -10)", "line 0:", "적용할까요?", "PgDn")
		c.lacks("line 92:")
		c.press("end")
		c.wants("line 92:", "적용할까요?", "아니요")
		c.lacks("line 0:")
		c.press("g", "pgdown", "pgup", "up")
		c.wants("line 0:", "적용할까요?")
		at := strings.Index(c.screen(), "예 (y)")
		y := strings.Count(c.screen()[:at], "\n")
		c.send(tea.MouseClickMsg{X: c.box.X + 1, Y: y, Button: tea.MouseLeft})
		if actions := c.perform(); len(actions) != 1 {
			t.Errorf("%v: a click on yes did %v", size, actions)
		}
	}
}

// What was added and removed can be told apart in every theme and without colours.
func TestChangesAreToldApart(t *testing.T) {
	for _, name := range theme.Names() {
		for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI, colorprofile.ASCII} {
			for _, ascii := range []bool{false, true} {
				t.Run(fmt.Sprint(name, profile, ascii), func(t *testing.T) {
					c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Theme, cfg.ASCII = name, ascii })
					c.send(tea.ColorProfileMsg{Profile: profile})
					c.publish(tuitest.Running(1))
					c.send(editedMsg{Path: "/lab/a.yaml", Before: "주기: 5\n", After: "주기: 1\n"})
					c.wants("- 주기: 5", "+ 주기: 1")
					screen := lipgloss.NewCanvas(80, 24).Compose(lipgloss.NewLayer(c.View().Content))
					minus, plus := markCell(t, screen, "-"), markCell(t, screen, "+")
					if minus == plus && profile != colorprofile.ASCII {
						t.Errorf("both are drawn as %q", plus)
					}
				})
			}
		}
	}
}

// markCell tells the style of the cell that holds a mark of the difference, which stands before "주".
func markCell(t *testing.T, screen *lipgloss.Canvas, mark string) string {
	t.Helper()
	for y := range 24 {
		for x := range 76 {
			if screen.CellAt(x, y).Content == mark && screen.CellAt(x+2, y).Content == "주" {
				return fmt.Sprint(screen.CellAt(x, y).Style)
			}
		}
	}
	t.Fatalf("there is no %s", mark)
	return ""
}
