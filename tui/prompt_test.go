package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPromptRunsKubectl(t *testing.T) {
	history := filepath.Join(t.TempDir(), "state", "history")
	withHistory := func(cfg *Config) { cfg.History = history }
	c := newConsole(t, 80, 24, withHistory)
	c.publish(tuitest.Running(1))
	c.press(":")
	c.wants(":kubectl", "Esc 닫기")
	c.typeText("get pods liveness-app")
	c.wants(":kubectl get pods liveness-app")
	c.press("enter")
	want := []lab.Action{lab.Kubectl{Args: []string{"get", "pods", "liveness-app"}}}
	if d := cmp.Diff(want, c.perform()); d != "" {
		t.Errorf("actions (-want +got):\n%s", d)
	}
	if got := readFile(t, history); got != "get pods liveness-app\n" {
		t.Errorf("history %q", got)
	}

	// Another run finds it.
	again := newConsole(t, 80, 24, withHistory)
	again.publish(tuitest.Running(1))
	again.cmds = append(again.cmds, again.prompt.readHistory())
	again.perform()
	again.press(":", "up")
	again.wants(":kubectl get pods liveness-app")
	again.press("down", "esc")
	again.lacks(":kubectl get")
}

// An input method shows what it composes at the terminal's cursor: that must be where the text goes.
func TestPromptCursorIsMeasuredInCells(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Running(1))
	c.press(":")
	c.typeText("한글a")
	cursor := c.View().Cursor
	if cursor == nil || cursor.X != len(":kubectl ")+5 || cursor.Y != 23 {
		t.Fatalf("cursor %+v", cursor)
	}
	if got := c.prompt.input.Value(); got != "한글a" {
		t.Errorf("typed %q", got)
	}
}

// A line that is longer than the screen moves, so that the cursor is always where the text goes.
func TestPromptFollowsTheCursor(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Running(1))
	c.press(":")
	c.typeText(strings.Repeat("가나다 ", 20) + "z")
	c.wants("z")
	if x := c.View().Cursor.X; x != 78 {
		t.Errorf("cursor at %d at the end of the line", x)
	}
	for range 81 {
		c.press("left")
	}
	c.wants(":kubectl 가나다 가나다")
	if x := c.View().Cursor.X; x != len(":kubectl ") {
		t.Errorf("cursor at %d at the start of the line", x)
	}
}

func TestPromptTakesPastesAsOneLine(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.publish(tuitest.Running(1))
	c.press(":")
	c.send(tea.PasteMsg{Content: strings.Repeat("소설 한 권을 붙여 넣는다.\n", 10000)})
	c.screen()
	if n := len([]rune(c.prompt.input.Value())); n > maxPrompt {
		t.Errorf("%d characters were taken", n)
	}
}

// No shell on this machine sees what is typed: variables are the container's.
func TestPromptLeavesVariablesToTheContainer(t *testing.T) {
	c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Home = "/home/kim" })
	c.publish(tuitest.Running(1))
	c.press(":")
	c.typeText(`exec p -- sh -c "echo $HOSTNAME" | grep x`)
	c.press("enter")
	want := []lab.Action{lab.Kubectl{Args: []string{"exec", "p", "--", "sh", "-c", "echo $HOSTNAME"}, Grep: "x"}}
	if d := cmp.Diff(want, c.perform()); d != "" {
		t.Errorf("actions (-want +got):\n%s", d)
	}
}

// A snapshot comes every tenth of a second, with the same tasks in it.
func TestTypedCommandsAreShownAgainAndAgain(t *testing.T) {
	c := newConsole(t, 80, 24)
	for revision := uint64(1); revision < 4; revision++ {
		s := tuitest.Running(revision)
		s.Tasks = []lab.Task{{ID: 1, Action: lab.Kubectl{Args: []string{"get", "pods"}}, Line: "kubectl get pods", State: lab.TaskRunning}}
		c.publish(s)
		c.press("7")
		c.wants("kubectl get pods")
	}
}
