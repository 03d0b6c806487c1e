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

func TestSplitLine(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		bad      bool
	}{
		{name: "words", in: "get pods  -n  x", want: []string{"get", "pods", "-n", "x"}},
		{name: "single quotes", in: `patch -p '{"a": 1}'`, want: []string{"patch", "-p", `{"a": 1}`}},
		{name: "double quotes", in: `exec p -- sh -c "rm /tmp/healthy; ls"`, want: []string{"exec", "p", "--", "sh", "-c", "rm /tmp/healthy; ls"}},
		{name: "empty word", in: `label p a=""`, want: []string{"label", "p", "a="}},
		{name: "only quotes", in: `get ''`, want: []string{"get", ""}},
		{name: "backslash", in: `get a\ b`, want: []string{"get", "a b"}},
		{name: "Korean", in: `annotate p 설명='준비 됨'`, want: []string{"annotate", "p", "설명=준비 됨"}},
		{name: "open quote", in: `get 'x`, bad: true},
		{name: "open escape", in: `get \`, bad: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := splitLine(c.in)
			if (err != nil) != c.bad {
				t.Fatalf("error %v", err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("words (-want +got):\n%s", d)
			}
		})
	}
}

func TestPromptRunsKubectl(t *testing.T) {
	history := filepath.Join(t.TempDir(), "state", "history")
	withHistory := func(cfg *Config) { cfg.History = history }
	c := newConsole(t, 80, 24, withHistory)
	c.publish(tuitest.Running(1))
	c.press(":")
	c.wants(":kubectl", "Esc 닫기")
	c.typeText("get po")
	c.press("tab")
	c.wants("port-forward  pod  pods")
	c.typeText("ds liveness-a")
	c.press("tab")
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
	again.cmds = append(again.cmds, again.readHistory())
	again.perform()
	again.press(":", "up")
	again.wants(":kubectl get pods liveness-app")
	again.press("down", "esc")
	again.lacks(":kubectl get")
}

func TestPromptCompletes(t *testing.T) {
	for _, c := range []struct{ name, typed, want string }{
		{"verb", "desc", "describe "},
		{"common beginning", "get pod", "get pod"},
		{"name of a pod", "logs live", "logs liveness-app "},
		{"nothing typed", "", ""},
		{"nothing known", "get xyz", "get xyz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t, 80, 24)
			con.publish(tuitest.Running(1))
			con.press(":")
			con.typeText(c.typed)
			con.press("tab")
			if got := con.prompt.input.Value(); got != c.want {
				t.Errorf("completed to %q, want %q", got, c.want)
			}
		})
	}
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
