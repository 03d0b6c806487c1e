//go:build unix

package cli

import (
	"bytes"
	"strings"
	"testing"

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
