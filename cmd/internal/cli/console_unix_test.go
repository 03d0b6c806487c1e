//go:build unix

package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/creack/pty"

	"healthlab/cmd/internal/clitest"
)

func TestConsoleRefusesADumbTerminal(t *testing.T) {
	h := newHome(t)
	c := h.Command(t.Context())
	c.Env = append(c.Env, "TERM=dumb")
	tty, err := pty.Start(c)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	defer tty.Close()
	var out bytes.Buffer
	_, _ = out.ReadFrom(tty) // ends with an error when the process has gone
	if code := clitest.ExitCode(c.Wait()); code != ExitUsage {
		t.Errorf("exit code %d, want %d", code, ExitUsage)
	}
	if !strings.Contains(out.String(), "healthlab run") {
		t.Errorf("no way out is named: %q", out.String())
	}
}

// A replay is watched on a terminal, without a cluster, until the user quits.
func TestReplayOnATerminal(t *testing.T) {
	h := newHome(t)
	keep(t, h, "20260301T090000Z-7.journal.gz", journalOf(t, time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), "liveness"))
	c := h.Command(t.Context(), "replay", "--lang", "en", "--ascii")
	c.Env = append(c.Env, "TERM=xterm-256color")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	defer tty.Close()
	var seen bytes.Buffer
	piece := make([]byte, 4096)
	for asked := false; ; {
		n, err := tty.Read(piece)
		seen.Write(piece[:n])
		if err != nil {
			break // the process has gone
		}
		if !asked && strings.Contains(ansi.Strip(seen.String()), "/02:00 1x") {
			asked = true
			if _, err := tty.WriteString("q"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := c.Wait(); err != nil || !strings.Contains(seen.String(), "\x1b[?1049l") { // the alternate screen is left
		t.Errorf("it ended with %v:\n%q", err, seen.String())
	}
	if strings.ContainsAny(seen.String(), "─│━") {
		t.Errorf("box lines are drawn with --ascii:\n%q", seen.String())
	}
}
