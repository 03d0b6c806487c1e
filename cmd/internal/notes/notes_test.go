package notes

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/statefile"
	"healthlab/tui/theme"
)

func notedLabs() []lab.Lab {
	text := func(s string) lab.Text { return lab.T(s, s) }
	return []lab.Lab{
		{ID: "intro", Title: text("Intro"), Steps: []lab.Step{
			{ID: "what", Title: text("What it is"), Minutes: 2, Notes: text("- Ask **first**.\n")},
			{ID: "why", Title: text("Why")},
		}},
		{ID: "hang", Title: text("Hang"), Steps: []lab.Step{{ID: "break", Title: text("Break it"), Notes: text("Wait.")}}},
	}
}

// printed hands what was written to a test that waits for it.
type printed struct{ text chan string }

func (p printed) Write(b []byte) (int, error) {
	p.text <- string(b)
	return len(b), nil
}

func TestNotesFollowTheConsole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "position.json")
	out := printed{make(chan string)}
	n := &notes{labs: notedLabs(), lang: lab.English, out: out}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.follow(ctx, path) }()
	hears := func(want string) {
		t.Helper()
		if got := strings.TrimSpace(<-out.text); got != want {
			t.Errorf("printed %q, want %q", got, want)
		}
	}
	moves := func(labID, step string) {
		t.Helper()
		if err := statefile.WriteJSON(path, position{Lab: labID, Step: step, Since: time.Now(), PID: os.Getpid()}); err != nil {
			t.Fatal(err)
		}
	}
	hears("Waiting for a console: open healthlab in another terminal. Ctrl-C ends this.")
	moves("intro", "what")
	hears("Intro 1/2: What it is (2 min planned)\n\n- Ask **first**.\n\nNext: Why")
	moves("intro", "why")
	hears("Intro 2/2: Why\n\nThere are no notes for this step.\n\nNext: Hang")
	moves("hang", "break")
	hears("Hang 1/1: Break it\n\nWait.\n\nThis is the last step.")
	moves("hang", "other")
	hears("The console is on a step that is unknown here: hang/other. Use the same --labs as the console.")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	hears("Waiting for a console: open healthlab in another terminal. Ctrl-C ends this.")
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}

// The notes speak the language that the console speaks, unless they were told another one.
func TestNotesSpeakTheConsolesLanguage(t *testing.T) {
	for _, tt := range []struct {
		name     string
		sameLang bool
		want     []string
	}{
		{"follows", true, []string{"Next: Why", "다음: Why", "Next: Why"}},
		{"told", false, []string{"Next: Why", "Next: Why", "Next: Why"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			n := &notes{labs: notedLabs(), lang: lab.English, sameLang: tt.sameLang, out: &out}
			for i, lang := range []lab.Lang{lab.English, lab.Korean, lab.English} {
				out.Reset()
				if err := n.show(position{Lab: "intro", Step: "what", PID: 1, Lang: lang}, time.Now()); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(out.String(), tt.want[i]) {
					t.Errorf("in %s it printed %q, want %q", lang, out.String(), tt.want[i])
				}
			}
		})
	}
}

func TestNotesOnATerminal(t *testing.T) {
	var out bytes.Buffer
	width := 40
	n := &notes{
		labs: notedLabs(), lang: lab.English, out: &out, width: func() int { return width },
		style: theme.New(theme.Dark, theme.Options{}),
	}
	since := time.Unix(1000, 0)
	p := position{Lab: "intro", Step: "what", Since: since, PID: 1}
	show := func(after time.Duration) string {
		t.Helper()
		out.Reset()
		if err := n.show(p, since.Add(after)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first := show(65 * time.Second)
	if !strings.HasPrefix(first, ansi.EraseEntireScreen) || strings.Contains(first, "**") {
		t.Errorf("the first screen: %q", first)
	}
	if !strings.HasSuffix(ansi.Strip(first), "\r1:05 / 2 min planned") {
		t.Errorf("no clock at the end: %q", first)
	}
	if got := ansi.Strip(show(66 * time.Second)); got != "\r1:06 / 2 min planned" {
		t.Errorf("a second later: %q", got)
	}
	if got := ansi.Strip(show(3 * time.Minute)); got != "\r3:00 / 2 min planned, over time" {
		t.Errorf("over time: %q", got)
	}
	width = 20
	if got := show(4 * time.Minute); !strings.HasPrefix(got, ansi.EraseEntireScreen) {
		t.Errorf("a new width does not draw anew: %q", got)
	}
}

func TestAllNotes(t *testing.T) {
	var out bytes.Buffer
	if err := All(&out, notedLabs(), "intro", lab.English); err != nil {
		t.Fatal(err)
	}
	want := "# Intro\n\n## 1. What it is (2 min planned)\n\n- Ask **first**.\n\n## 2. Why\n\nThere are no notes for this step.\n"
	if out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

// A console that was killed leaves its position behind; it counts as none.
func TestPositionOfADeadConsole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "position.json")
	if err := statefile.WriteJSON(path, position{Lab: "intro", Step: "what", PID: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	if _, err := readPosition(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want %v", err, fs.ErrNotExist)
	}
}
