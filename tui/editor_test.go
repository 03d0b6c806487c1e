package tui

import (
	"errors"
	"testing"
)

func TestEditorThatFails(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.send(editedMsg{Path: "/lab/a.yaml", Err: errors.New("run vi: not found")})
	c.wants("편집기를 실행하지 못했습니다: run vi: not found")
}
