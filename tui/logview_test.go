package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healthlab/lab"
)

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
