package tui

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"healthlab/tui/repaint"
)

// An editor needs a terminal, not something that passes on to one: os/exec would make a pipe of that.
func TestEditorDrawsOnTheTerminal(t *testing.T) {
	d := drawing{exec.Command("vi")}
	d.SetStdout(repaint.NewTerminal(os.Stdout, os.Stdout))
	if d.Stdout != os.Stdout {
		t.Errorf("the editor writes to %T, want the terminal's file", d.Stdout)
	}
}

func TestEditorThatFails(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.send(editedMsg{Path: "/lab/a.yaml", Err: errors.New("run vi: not found")})
	c.wants("편집기를 실행하지 못했습니다: run vi: not found")
}
