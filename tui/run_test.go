package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/tui/tuitest"
)

// terminal is a whole program on a terminal emulator: bytes go in as a keyboard sends them, the screen comes out.
type terminal struct {
	t       *testing.T
	session *tuitest.Session
	emu     *vt.SafeEmulator
	keys    *os.File
	changed chan struct{} // holds one
	done    chan error
	left    Left // once done
}

func start(t *testing.T, ctx context.Context, w, h int, change ...func(*Config)) *terminal {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{
		t: t, session: tuitest.NewSession(), emu: vt.NewSafeEmulator(w, h), keys: write,
		changed: make(chan struct{}, 1), done: make(chan error, 1),
	}
	if _, err := io.WriteString(term.emu, "\x1b[20h"); err != nil { // a line feed also returns the carriage
		t.Fatal(err)
	}
	var work sync.WaitGroup
	// What the emulator answers to questions goes in as if typed, as on any terminal.
	work.Go(func() { _, _ = io.Copy(write, term.emu) })
	work.Go(func() {
		cfg := Config{Lab: term.session, Labs: tuitest.Labs(), Now: tuitest.Now}
		for _, c := range change {
			c(&cfg)
		}
		left, err := Run(ctx, cfg,
			tea.WithInput(read), tea.WithOutput(term), tea.WithWindowSize(w, h), tea.WithoutSignalHandler(),
			tea.WithEnvironment([]string{"TERM=xterm-256color", "COLORTERM=truecolor"}))
		term.left = left
		term.done <- err
	})
	t.Cleanup(func() {
		_ = term.emu.InputPipe().(io.Closer).Close()
		_ = write.Close()
		work.Wait()
		_ = read.Close()
	})
	return term
}

// Write is where the program draws.
func (term *terminal) Write(p []byte) (int, error) {
	n, err := term.emu.Write(p)
	select {
	case term.changed <- struct{}{}:
	default:
	}
	return n, err
}

func (term *terminal) typeKeys(keys string) {
	term.t.Helper()
	if _, err := io.WriteString(term.keys, keys); err != nil {
		term.t.Fatal(err)
	}
}

// sees waits until the screen has all words.
func (term *terminal) sees(words ...string) {
	term.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		screen := ansi.Strip(term.emu.Render())
		missing := ""
		for _, w := range words {
			if !strings.Contains(screen, w) {
				missing = w
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-term.changed:
		case err := <-term.done:
			term.t.Fatalf("the program ended (%v) before the screen had %q:\n%s", err, missing, screen)
		case <-deadline:
			term.t.Fatalf("the screen lacks %q:\n%s", missing, screen)
		}
	}
}

func (term *terminal) does(want lab.Action) {
	term.t.Helper()
	select {
	case got := <-term.session.Arrived():
		if d := cmp.Diff(want, got); d != "" {
			term.t.Fatalf("action (-want +got):\n%s", d)
		}
	case <-time.After(30 * time.Second):
		term.t.Fatalf("the session was not asked for %#v", want)
	}
}

func (term *terminal) ends() error {
	term.t.Helper()
	select {
	case err := <-term.done:
		return err
	case <-time.After(30 * time.Second):
		term.t.Fatal("the program does not end")
		return nil
	}
}

// A student with the Korean input method on walks from the first page to a repaired pod.
func TestStoryInHangulMode(t *testing.T) {
	term := start(t, t.Context(), 120, 40)
	term.sees("매니페스트 준비", "클러스터를 시작하는 중")
	term.session.Publish(tuitest.Starting())
	term.sees("kube-apiserver")
	term.session.Publish(tuitest.Running(2))
	term.sees("연결됨", "목표: liveness-app 파드가 Ready")
	term.typeKeys("ㄱ")
	term.does(lab.RunStep{})
	term.typeKeys("\x1b[C")
	term.does(lab.GoTo{Lab: 0, Step: 2})
	term.session.Publish(tuitest.Breaking(3))
	term.sees("파드 하나를 준비 안 됨으로")
	term.typeKeys("ㅕ")
	term.does(lab.Inject{Fault: "break"})
	term.session.Tell(lab.Fact{Kind: lab.FactPodNotReady, Pod: "liveness-app", Total: 1})
	term.sees("liveness-app: 준비되지 않은 상태가 되었습니다 (0/1)")
	term.typeKeys("ㄹ")
	term.does(lab.Inject{Fault: "repair"})
	term.typeKeys("ㅂ")
	term.sees("작업 1개가 아직 진행 중입니다")
	term.typeKeys("ㅛ")
	if err := term.ends(); err != nil {
		t.Fatal(err)
	}
	if term.emu.IsAltScreen() {
		t.Error("the terminal is left on the alternate screen")
	}
}

// An instructor types a command, presents, switches the language, and an action fails.
func TestStoryOfAnInstructor(t *testing.T) {
	term := start(t, t.Context(), 80, 24)
	term.session.Publish(tuitest.Breaking(1))
	term.sees("연결됨")
	term.typeKeys(":get pods -l app='준비'\r")
	term.does(lab.Kubectl{Args: []string{"get", "pods", "-l", "app=준비"}})
	term.typeKeys("p")
	term.sees("예정 4분")
	term.typeKeys("l")
	term.sees("4 min planned")
	term.session.Fail(&lab.Error{Msg: lab.T("거부되었습니다", "refused"), Cause: errors.New("forbidden")})
	term.typeKeys("f")
	term.does(lab.Inject{Fault: "repair"})
	term.sees("refused: forbidden")
	term.typeKeys("\x03")
	term.sees("still running")
	term.typeKeys("\x03")
	if err := term.ends(); err != nil {
		t.Fatal(err)
	}
}

// As long as nothing changes, the clock of the console ticks without a byte for the terminal.
func TestIdleWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		session, out, ended := tuitest.NewSession(), &counter{wrote: make(chan struct{}, 1)}, make(chan error, 1)
		go func() {
			_, err := Run(ctx, Config{Lab: session, Labs: tuitest.Labs(), Now: tuitest.Now}, tea.WithInput(nil),
				tea.WithOutput(out), tea.WithWindowSize(120, 40), tea.WithoutSignalHandler())
			ended <- err
		}()
		session.Publish(tuitest.Running(1))
		<-time.After(time.Second)
		before := out.bytes.Load()
		<-time.After(time.Minute)
		if after := out.bytes.Load(); before == 0 || after != before {
			t.Errorf("%d bytes at first, %d more in a minute without a change", before, after-before)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	term := start(t, ctx, 80, 24)
	term.sees("매니페스트 준비", "Tab")
	cancel()
	if err := term.ends(); err != nil {
		t.Fatal(err)
	}
}

// noFacts is a session whose feed blows up in the bridge's goroutine.
type noFacts struct{ *tuitest.Session }

func (noFacts) Subscribe(...journal.Option) *journal.Reader { panic("feed") }

// noActions is a session that blows up when it is asked to do something.
type noActions struct{ *tuitest.Session }

func (noActions) Do(context.Context, lab.Action) error { panic("action") }

func TestPanicsLeaveTheTerminalUsable(t *testing.T) {
	for _, c := range []struct {
		name, keys, want string
		session          Lab
	}{
		{"in the bridge", "", "console bridge panicked: feed", noFacts{tuitest.NewSession()}},
		{"in an action", "r", "the console failed unexpectedly", noActions{tuitest.NewSession()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _, _ = write.Close(), read.Close() }()
			if _, err := io.WriteString(write, c.keys); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			_, err = Run(t.Context(), Config{Lab: c.session, Labs: tuitest.Labs(), Dir: t.TempDir()},
				tea.WithInput(read), tea.WithOutput(&out), tea.WithWindowSize(80, 24), tea.WithoutSignalHandler())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v", err)
			}
			if on, off := strings.LastIndex(out.String(), "\x1b[?1049h"), strings.LastIndex(out.String(), "\x1b[?1049l"); on > off {
				t.Error("the alternate screen is not left")
			}
		})
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{Lab: tuitest.NewSession(), Labs: tuitest.Labs()}
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"no session", func(c *Config) { c.Lab = nil }, "start the console: no session given"},
		{"no lab", func(c *Config) { c.Labs = nil }, "start the console: no lab given"},
		{"language", func(c *Config) { c.Lang = "fr" }, `language "fr" is not known: use ko or en`},
		{"theme", func(c *Config) { c.Theme = "pink" }, `theme "pink" is not known: use one of [dark light high-contrast]`},
		{"keys", func(c *Config) { c.Keys = map[string][]string{"zoom": {"q"}} }, `keys: "q" is bound to both zoom and quit: change one of them`},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			_, err := New(cfg)
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}
