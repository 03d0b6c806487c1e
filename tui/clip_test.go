package tui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healthlab/lab"
)

func TestEditorThatFails(t *testing.T) {
	c := newConsole(t, 80, 24)
	c.send(editedMsg{Path: "/lab/a.yaml", Err: errors.New("run vi: not found")})
	c.wants("편집기를 쓰지 못했습니다: run vi: not found")
}

func TestLogShowsItsEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "healthlab.log")
	if err := os.WriteFile(path, []byte(strings.Repeat("old line\n", 20000)+"the last line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newConsole(t, 100, 30, func(cfg *Config) { cfg.LogFile = path })
	c.send(feedMsg{Facts: []lab.Fact{{Kind: lab.FactClusterUp, Cluster: "healthlab"}}})
	c.press("o")
	c.wants("클러스터 healthlab에 연결되었습니다")
	c.perform()
	c.wants("the last line")
}
