//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"healthlab/cmd/internal/terminal"
)

// testTerminal is a console in a terminal of its own, and everything that it has written there.
type testTerminal struct {
	t   testing.TB
	cmd *exec.Cmd
	tty *os.File
	// slave is the console's end of tty.
	slave *os.File
	news  chan struct{}
	hold  sync.Mutex // held by who reads the terminal; a test that takes it makes the terminal stop reading
	// screen is what it looks like; nil unless it was asked for.
	screen *vt.SafeEmulator

	mu      sync.Mutex
	written bytes.Buffer // guarded by mu
}

func (h home) openConsole(args ...string) *testTerminal {
	h.T.Helper()
	return h.open(h.Command(h.T.Context(), args...))
}

func (h home) open(c *exec.Cmd) *testTerminal {
	h.T.Helper()
	return h.openOn(nil, c)
}

// openScreen is openConsole on a terminal that is looked at.
func (h home) openScreen(args ...string) *testTerminal {
	h.T.Helper()
	screen := vt.NewSafeEmulator(120, 40)
	term := h.openOn(screen, h.Command(h.T.Context(), args...))
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		_, _ = io.Copy(term.tty, screen) // what the terminal answers to questions
	}()
	h.T.Cleanup(func() {
		_ = screen.InputPipe().(io.Closer).Close()
		<-answered
	})
	return term
}

func (h home) openOn(screen *vt.SafeEmulator, c *exec.Cmd) *testTerminal {
	h.T.Helper()
	term := &testTerminal{t: h.T, cmd: c, news: make(chan struct{}, 1), screen: screen}
	term.cmd.Env = append(term.cmd.Env, "TERM=xterm-256color")
	var err error
	if term.tty, term.slave, err = pty.Open(); err != nil {
		h.T.Fatalf("open a terminal: %v", err)
	}
	if err := pty.Setsize(term.tty, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		h.T.Fatalf("set the terminal's size: %v", err)
	}
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = term.slave, term.slave, term.slave
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := term.cmd.Start(); err != nil {
		h.T.Fatalf("start the console: %v", err)
	}
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		buf := make([]byte, 1<<16)
		for {
			term.hold.Lock()
			n, err := term.tty.Read(buf)
			term.hold.Unlock()
			term.mu.Lock()
			term.written.Write(buf[:n])
			term.mu.Unlock()
			if screen != nil {
				_, _ = screen.Write(buf[:n])
			}
			select {
			case term.news <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	h.T.Cleanup(func() {
		term.slave.Close()
		term.tty.Close()
		<-reader
	})
	return term
}

func (term *testTerminal) output() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.written.String()
}

// await waits until the console has written want.
func (term *testTerminal) await(want string) {
	term.t.Helper()
	late := time.After(time.Minute)
	for !strings.Contains(term.output(), want) {
		select {
		case <-term.news:
		case <-late:
			term.t.Fatalf("the console never wrote %q; it wrote %d bytes, the last of them:\n%q", want,
				len(term.output()), tail(term.output(), 2000))
		}
	}
}

// sees waits until the screen has all words. The console must be one that openScreen has opened.
func (term *testTerminal) sees(words ...string) {
	term.t.Helper()
	late := time.After(time.Minute)
	for {
		screen := ansi.Strip(term.screen.Render())
		missing := slices.IndexFunc(words, func(w string) bool { return !strings.Contains(screen, w) })
		if missing < 0 {
			return
		}
		select {
		case <-term.news:
		case <-late:
			term.t.Fatalf("the screen lacks %q:\n%s", words[missing], screen)
		}
	}
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (term *testTerminal) press(keys string) {
	term.t.Helper()
	if _, err := term.tty.WriteString(keys); err != nil {
		term.t.Fatalf("press %q: %v", keys, err)
	}
}

// alternate screen off: the terminal is as it was before.
const leftScreen = "\x1b[?1049l"

func TestConsoleOpensAndQuits(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	console := h.openConsole("--lang", "en")
	console.await("What a probe is")
	console.await("connected")
	console.press("q")
	if err := console.cmd.Wait(); err != nil {
		t.Errorf("after q: %v", err)
	}
	console.await(leftScreen)
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Signals end the console in good order, also while the cluster is still coming up.
func TestConsoleEndsOnSignals(t *testing.T) {
	for _, tt := range []struct {
		name   string
		signal syscall.Signal
		after  string
	}{
		{"SIGTERM while the cluster comes up", syscall.SIGTERM, "What a probe is"},
		{"SIGHUP on a running cluster", syscall.SIGHUP, "connected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			console := h.openConsole("--lang", "en")
			console.await(tt.after)
			if err := console.cmd.Process.Signal(tt.signal); err != nil {
				t.Fatalf("send %v: %v", tt.signal, err)
			}
			if err := console.cmd.Wait(); err != nil {
				t.Errorf("after %v: %v", tt.signal, err)
			}
			console.await(leftScreen)
			if left := h.leftovers(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A terminal that does not read any more holds up neither the end of the console nor that of its cluster, and is back on
// its normal screen when it reads again.
func TestConsoleEndsOnAStuckTerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	console := h.openConsole("--lang", "en")
	console.await("What a probe is")
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	width := uint16(120)
	draw := func() {
		width ^= 1
		if err := pty.Setsize(console.tty, &pty.Winsize{Rows: 40, Cols: width}); err != nil {
			t.Fatalf("change the size: %v", err)
		}
		<-look.C
	}
	for !console.hold.TryLock() { // a read under way ends with the next frame
		draw()
	}
	// Frames fill whatever is between the console and the terminal, until nothing more is taken.
	for full := 0; full < 20; full++ {
		draw()
		if terminal.Writable(int(console.slave.Fd())) {
			full = 0
		}
	}
	if err := console.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatalf("send SIGTERM: %v", err)
	}
	if err := console.cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
	console.hold.Unlock()
	console.await(leftScreen)
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Nothing in the process can act on SIGKILL: the guard repairs the terminal.
func TestKilledConsoleLeavesTheTerminalUsable(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	console := h.openConsole("--lang", "en")
	console.await("What a probe is")
	if err := console.cmd.Process.Kill(); err != nil {
		t.Fatalf("kill: %v", err)
	}
	console.await(leftScreen)
	console.await("healthlab was killed")
	_ = console.cmd.Wait()
}
