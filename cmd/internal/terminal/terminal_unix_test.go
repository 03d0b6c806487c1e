//go:build linux || darwin

package terminal

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	xterm "github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"healthlab/lab"
)

func openPTY(t *testing.T) (controller, terminal *os.File) {
	t.Helper()
	controller, terminal, err := pty.Open()
	if err != nil {
		t.Fatalf("open a terminal: %v", err)
	}
	t.Cleanup(func() {
		controller.Close()
		terminal.Close()
	})
	return controller, terminal
}

func TestInterruptsGoToWhoHasTheTerminal(t *testing.T) {
	var i Interrupts
	called := make(chan string, 1)
	stop := i.Listen(func() { called <- "the program" })
	defer stop()
	press := func(want string) {
		t.Helper()
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if got := <-called; got != want {
			t.Errorf("the interrupt went to %s, want %s", got, want)
		}
	}
	press("the program")
	back := i.Give(func() { called <- "the plug-in" })
	press("the plug-in")
	back()
	press("the plug-in") // it may be a late one
}

func TestNoInterruptsToGive(t *testing.T) {
	var none *Interrupts
	none.Give(func() { t.Error("called") })()
}

func TestEachKey(t *testing.T) {
	controller, terminal := openPTY(t)
	before, err := xterm.GetState(terminal.Fd())
	if err != nil {
		t.Fatal(err)
	}
	restore, err := EachKey(terminal)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := controller.WriteString("한"); err != nil {
		t.Fatal(err)
	}
	pressed := make([]byte, len("한"))
	if _, err := io.ReadFull(terminal, pressed); err != nil || string(pressed) != "한" {
		t.Errorf("read %q without Enter, %v", pressed, err)
	}
	during, err := xterm.GetState(terminal.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if during.Lflag&unix.ECHO != 0 || during.Lflag&unix.ISIG == 0 {
		t.Error("keys are shown, or Ctrl+C does not interrupt")
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	if after, err := xterm.GetState(terminal.Fd()); err != nil || *after != *before {
		t.Errorf("the terminal is not as it was before (%v)", err)
	}
}

func TestEachKeyOfAFile(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := EachKey(file); err == nil {
		t.Error("a file was taken for a terminal")
	}
}

// What a terminal that has stopped reading does not take is thrown away, once the program is to end.
func TestKeepWritable(t *testing.T) {
	_, terminal := openPTY(t)
	fd := int(terminal.Fd()) // makes it block
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for Writable(fd) {
		if _, err := unix.Write(fd, []byte(strings.Repeat("x", 256))); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
	// As in the program, until the process ends: so it gets a terminal that nobody closes.
	own, err := unix.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	var outlet Outlet
	go outlet.KeepWritable(ctx, os.NewFile(uintptr(own), terminal.Name()))
	end()
	if _, err := unix.Write(fd, []byte("the last words")); err != nil {
		t.Errorf("write to a terminal that does not read: %v", err)
	}
	if !outlet.Lost() {
		t.Error("what was thrown away is not told")
	}
}

// A program that ends well has its guard remove the report, and end. It leaves the screen once more if that may have been lost.
func TestGuardOfAProgramThatEndsWell(t *testing.T) {
	var lossy Outlet
	lossy.lost.Store(true)
	for name, tt := range map[string]struct {
		outlet *Outlet
		leaves bool
	}{"nothing lost": {outlet: new(Outlet)}, "output lost": {outlet: &lossy, leaves: true}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			report := filepath.Join(dir, "crash.txt")
			out, err := os.Create(filepath.Join(dir, "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			stdout := os.Stdout
			os.Stdout = out
			release, err := Guard(report, tt.outlet, lab.English)
			os.Stdout = stdout
			if err != nil {
				t.Fatal(err)
			}
			release()
			if _, err := os.Stat(report); !os.IsNotExist(err) {
				t.Errorf("the report: %v, want none", err)
			}
			text, err := os.ReadFile(out.Name())
			if left := strings.Contains(string(text), "\x1b[?1049l"); err != nil || left != tt.leaves {
				t.Errorf("wrote %q, %v", text, err)
			}
		})
	}
}

func TestRedirectStderr(t *testing.T) {
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	restore, err := RedirectStderr(log)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(os.Stderr, "from a library")
	restore()
	if content, err := os.ReadFile(log.Name()); err != nil || string(content) != "from a library\n" {
		t.Errorf("the log holds %q, %v", content, err)
	}
	var now, logged unix.Stat_t
	if err := unix.Fstat(int(os.Stderr.Fd()), &now); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fstat(int(log.Fd()), &logged); err != nil {
		t.Fatal(err)
	}
	if now.Ino == logged.Ino && now.Dev == logged.Dev {
		t.Error("standard error still goes to the log")
	}
}
