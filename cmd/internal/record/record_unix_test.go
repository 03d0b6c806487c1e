//go:build unix

package record

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	xterm "github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"healthlab/cmd/internal/usage"
)

func TestRecorderIsStillATerminal(t *testing.T) {
	controller, terminal, err := pty.Open()
	if err != nil {
		t.Fatalf("open a terminal: %v", err)
	}
	defer controller.Close()
	defer terminal.Close()
	if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.cast")
	r, err := New(terminal, path)
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := any(r).(xterm.File); !ok || !xterm.IsTerminal(f.Fd()) {
		t.Error("Bubble Tea would take it for a file")
	}
	if _, err := r.WriteString("안녕"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadFrom(strings.NewReader("!")); err != nil {
		t.Fatal(err)
	}
	shown := make([]byte, 64)
	n, err := controller.Read(shown)
	if err != nil || !strings.HasPrefix(string(shown[:n]), "안녕") {
		t.Errorf("the terminal shows %q, %v", shown[:n], err)
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	recording, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := parseCast(t, string(recording)); got.screen() != "안녕!" || got.header.Width != 80 || got.header.Height != 24 {
		t.Errorf("recorded %+v", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the recording: %v, %v; want mode 0600", info, err)
	}

	_, err = New(terminal, path)
	var misuse usage.Error
	if !errors.As(err, &misuse) || !strings.Contains(err.Error(), "choose another name") {
		t.Errorf("an existing file: error %v, want one that names the way out", err)
	}
	if again, err := os.ReadFile(path); err != nil || string(again) != string(recording) {
		t.Errorf("the existing recording was touched (%v)", err)
	}
}
