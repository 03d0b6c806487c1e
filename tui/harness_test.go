package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
	"healthlab/tui/widget"
)

// console is a Model without a program: messages go in, and the commands it returns are run only when a test says so.
type console struct {
	*Model
	t       testing.TB
	session *tuitest.Session
	cmds    []tea.Cmd
}

func newConsole(t testing.TB, w, h int, change ...func(*Config)) *console {
	t.Helper()
	session := tuitest.NewSession()
	cfg := Config{
		Lab: session, Labs: tuitest.Labs(), Now: tuitest.Now,
		Export: "export KUBECONFIG=~/.local/state/healthlab/kubeconfig",
	}
	for _, c := range change {
		c(&cfg)
	}
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c := &console{Model: m, t: t, session: session}
	c.send(tea.WindowSizeMsg{Width: w, Height: h})
	return c
}

func (c *console) send(msgs ...tea.Msg) {
	for _, msg := range msgs {
		if _, cmd := c.Update(msg); cmd != nil {
			c.cmds = append(c.cmds, cmd)
		}
	}
}

func (c *console) publish(s *lab.Snapshot) { c.send(feedMsg{Snapshot: s}) }

// press sends keys by the names that bindings use.
func (c *console) press(names ...string) {
	for _, n := range names {
		c.send(keyPress(n))
	}
}

func keyPress(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "space": tea.KeySpace, "f1": tea.KeyF1, "backspace": tea.KeyBackspace,
		"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	if rest, ok := strings.CutPrefix(name, "shift+"); ok {
		return tea.KeyPressMsg{Code: special[rest], Mod: tea.ModShift}
	}
	if code, ok := special[name]; ok {
		if name == "space" {
			return tea.KeyPressMsg{Code: code, Text: " "}
		}
		return tea.KeyPressMsg{Code: code}
	}
	r := []rune(name)[0]
	return tea.KeyPressMsg{Code: r, Text: name}
}

// typeText types text character by character.
func (c *console) typeText(text string) {
	for _, r := range text {
		if r == ' ' {
			c.press("space")
			continue
		}
		c.press(string(r))
	}
}

// perform runs the commands that were returned so far, and returns the actions that the session was given since the last
// time. Timers and what belongs to the terminal are left out: they would wait.
func (c *console) perform() []lab.Action {
	c.t.Helper()
	before := len(c.session.Actions())
	for len(c.cmds) > 0 {
		cmd := c.cmds[0]
		c.cmds = c.cmds[1:]
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, inner := range msg {
				if inner != nil {
					c.cmds = append(c.cmds, inner)
				}
			}
		default:
			c.send(msg)
		}
	}
	return c.session.Actions()[before:]
}

// screen returns what is drawn without colours, after checking that it fits exactly.
func (c *console) screen() string {
	c.t.Helper()
	content := c.View().Content
	if problem := misfit(content, c.w, c.h); problem != "" {
		c.t.Fatalf("screen of %dx%d: %s\n%s", c.w, c.h, problem, ansi.Strip(content))
	}
	return ansi.Strip(content)
}

func (c *console) wants(words ...string) {
	c.t.Helper()
	screen := c.screen()
	for _, w := range words {
		if !strings.Contains(screen, w) {
			c.t.Errorf("screen lacks %q:\n%s", w, screen)
		}
	}
}

func (c *console) lacks(words ...string) {
	c.t.Helper()
	screen := c.screen()
	for _, w := range words {
		if strings.Contains(screen, w) {
			c.t.Errorf("screen has %q:\n%s", w, screen)
		}
	}
}

// misfit tells what is wrong with the size of a screen.
func misfit(content string, w, h int) string {
	if w <= 0 || h <= 0 {
		if content != "" {
			return "something is drawn without a screen"
		}
		return ""
	}
	lines := strings.Split(content, "\n")
	if len(lines) != h {
		return fmt.Sprintf("%d lines instead of %d", len(lines), h)
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got != w {
			return fmt.Sprintf("line %d is %d cells wide instead of %d: %q", i, got, w, ansi.Strip(l))
		}
	}
	return ""
}

// withPlainPanes replaces the panes by ones that only show where they are, for tests of what is around them.
func (c *console) withPlainPanes() *console {
	for _, id := range paneIDs() {
		c.panes[id] = &plainPane{id: id}
	}
	c.arrange()
	return c
}

// plainPane draws its name and its size.
type plainPane struct {
	id   PaneID
	w, h int
}

func (p *plainPane) Title(l lab.Lang) string                      { return lab.T("창 ", "pane ").In(l) + string(p.id) }
func (p *plainPane) SetSize(w, h int)                             { p.w, p.h = w, h }
func (p *plainPane) SetStyle(theme.Style, lab.Lang)               {}
func (p *plainPane) SetSnapshot(*lab.Snapshot)                    {}
func (p *plainPane) HandleKey(tea.KeyPressMsg) (lab.Action, bool) { return nil, false }
func (p *plainPane) Keys() []key.Binding                          { return nil }

func (p *plainPane) View(time.Time) string {
	return widget.Block([]string{fmt.Sprintf("%s %d×%d 가나다", p.id, p.w, p.h)}, p.w, p.h, "")
}

// clock is a time that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }
