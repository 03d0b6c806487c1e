package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

// TestScreens keeps what the frame draws around and over the panes; the panes' insides have tests of their own.
func TestScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		w, h int
		lang lab.Lang
		from *lab.Snapshot
		keys string
	}{
		{"80x24 starting", 80, 24, lab.Korean, tuitest.Starting(), ""},
		{"80x24 running", 80, 24, lab.Korean, tuitest.Running(1), ""},
		{"80x24 presenter", 80, 24, lab.Korean, tuitest.Breaking(1), "p"},
		{"120x40 presenter", 120, 40, lab.Korean, tuitest.Breaking(1), "p"},
		{"120x40 breaking", 120, 40, lab.Korean, tuitest.Breaking(1), ""},
		{"120x40 breaking in English", 120, 40, lab.English, tuitest.Breaking(1), ""},
		{"120x40 confirm", 120, 40, lab.Korean, tuitest.Breaking(1), "R"},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			con := newConsole(t, c.w, c.h, func(cfg *Config) { cfg.Lang = c.lang }).withPlainPanes()
			con.publish(c.from)
			con.press(strings.Fields(c.keys)...)
			golden.RequireEqual(t, []byte(con.screen()))
		})
	}
}

// TestWholeScreens keeps what a student sees with the real panes in the middle of a fault.
func TestWholeScreens(t *testing.T) {
	for _, c := range []struct {
		w, h int
		lang lab.Lang
	}{{80, 24, lab.Korean}, {80, 24, lab.English}, {120, 40, lab.Korean}, {120, 40, lab.English}} {
		t.Run(fmt.Sprintf("%dx%d-%s", c.w, c.h, c.lang), func(t *testing.T) {
			con := newConsole(t, c.w, c.h, func(cfg *Config) {
				cfg.Lang, cfg.Now, cfg.Home = c.lang, panetest.Now, "/home/student"
			})
			s := panetest.Snapshot()
			s.Dir = "/home/student/environment/healthchecks"
			con.send(feedMsg{Snapshot: s, Timeline: tuitest.Liveness().View(30)}) // when the snapshot is, to the second
			golden.RequireEqual(t, []byte(con.screen()))
		})
	}
}

func TestColouredScreen(t *testing.T) {
	c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Theme = theme.Dark }).withPlainPanes()
	c.publish(tuitest.Starting())
	c.screen()
	golden.RequireEqual(t, []byte(c.View().Content))
}

// Every state has a glyph or a word: without colours, and in ASCII, the screen says the same.
func TestWithoutColourAndSymbols(t *testing.T) {
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.ASCII, cfg.NoColor, cfg.Lang = true, true, lab.English })
	c.send(feedMsg{Snapshot: tuitest.Breaking(1), Timeline: tuitest.Liveness().View(43)})
	c.wants("2 of 3 ready", "[5 ")
	for _, keys := range []string{"", "?", "p", "R"} {
		c.press("esc")
		if keys != "" {
			c.press(keys)
		}
		if keys == "?" {
			continue // the help page names the key 한/영 and shows what panes call their arrows
		}
		for _, r := range c.screen() {
			if r > '~' && !unicode.Is(unicode.Hangul, r) { // the key to Korean is named in Korean
				t.Errorf("after %q the screen has %q:\n%s", keys, r, c.screen())
				break
			}
		}
	}
	if strings.Contains(c.View().Content, "38;2") {
		t.Error("colours are used")
	}
}

func TestARealClusterStandsOut(t *testing.T) {
	c := newConsole(t, 120, 40)
	s := tuitest.Running(1)
	s.Cluster.Real, s.Cluster.Name = true, "prod-eks"
	c.publish(s)
	c.wants("내 클러스터 prod-eks/healthchecks")
	x := strings.Index(strings.Split(c.screen(), "\n")[0], "prod-eks")
	cell := lipgloss.NewCanvas(120, 40).Compose(lipgloss.NewLayer(c.View().Content)).
		CellAt(lipgloss.Width(strings.Split(c.screen(), "\n")[0][:x]), 0)
	if cell.Content != "p" || cell.Style.Bg != c.style.Real.GetBackground() {
		t.Errorf("the cluster's name is drawn as %+v", cell)
	}
}

func TestWhatMayNoLongerBeWatchedIsSaid(t *testing.T) {
	con := newConsole(t, 120, 40, func(c *Config) { c.Lang = lab.English })
	s := tuitest.Running(1)
	s.Cluster.Denied = []string{"events", "pods"}
	con.publish(s)
	if header, _, _ := strings.Cut(con.screen(), "\n"); !strings.Contains(header, "not permitted: events, pods") {
		t.Errorf("header %q", header)
	}
}

func TestALostClusterSaysSinceWhen(t *testing.T) {
	now := &clock{tuitest.Now()}
	c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Now = now.Now })
	s := tuitest.Running(1)
	s.Cluster.Phase, s.Cluster.Since = lab.Lost, now.now
	c.publish(s)
	now.now = now.now.Add(75 * time.Second)
	c.send(tickMsg{})
	c.wants("연결 끊김: 1분 15초 전의 상태입니다")
}

// Nothing is drawn anew without a change, and ticks draw the same screen.
func TestIdleDrawsNothing(t *testing.T) {
	c := newConsole(t, 120, 40)
	c.publish(tuitest.Running(1))
	before := c.View().Content
	for range 10 {
		c.send(tickMsg{}, tea.FocusMsg{}, struct{}{})
		if after := c.View().Content; after != before {
			t.Fatal("the screen changes though nothing has happened")
		}
	}
}

// A dialog's edge may fall into the middle of a syllable.
func TestSpliceKeepsColumns(t *testing.T) {
	line := "\x1b[31m가나다라\x1b[m마바사아자차"
	for x := range 8 {
		for w := 4; w < 10; w++ {
			got := splice(line, strings.Repeat("#", w), x, w, 20)
			if n := ansi.StringWidth(got); n != 20 {
				t.Errorf("splice at %d, %d wide: %d cells: %q", x, w, n, ansi.Strip(got))
			}
			if at := ansi.StringWidth(ansi.Strip(got)[:strings.IndexByte(ansi.Strip(got), '#')]); at != x {
				t.Errorf("splice at %d, %d wide, begins at %d: %q", x, w, at, ansi.Strip(got))
			}
		}
	}
	got := splice(line, "##", 2, 2, 20)
	if want := "\x1b[31m가\x1b[m\x1b[m##\x1b[m\x1b[31m다라\x1b[m마바사아자차"; got != want {
		t.Errorf("colours: %q, want %q", got, want)
	}
}
