package tui

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

func TestDifference(t *testing.T) {
	for _, c := range []struct {
		name, before, after string
		want                []string
	}{
		{"nothing", "a\nb", "a\nb", nil},
		{"a changed line with its neighbours", "a\nb\nc\nd\ne", "a\nb\nC\nd\ne", []string{"  b", "- c", "+ C", "  d"}},
		{"a line more", "a\nb", "a\nx\nb", []string{"  a", "+ x", "  b"}},
		{"a line less", "a\nx\nb", "a\nb", []string{"  a", "- x", "  b"}},
		{"everything", "a", "b", []string{"- a", "+ b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, difference(c.before, c.after)); d != "" {
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
			con.wants("liveness-app.yaml에서 바뀐 것", "- periodSeconds: 5", "+ periodSeconds: 1", "적용할까요?")
			con.press(c.key)
			if d := cmp.Diff(c.want, con.perform()); d != "" {
				t.Errorf("actions (-want +got):\n%s", d)
			}
		})
	}
}

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
	c.send(feedMsg{Facts: []lab.Fact{{Kind: lab.FactClusterUp, Text: lab.Text{Ko: "클러스터가 준비되었습니다", En: "up"}}}})
	c.press("o")
	c.wants("클러스터가 준비되었습니다")
	c.perform()
	c.wants("the last line")
}
