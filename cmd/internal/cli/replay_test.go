package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/cmd/internal/clitest"
	"healthlab/lab"
	"healthlab/lab/journal"
)

// journalOf is a journal, compressed, in which labs were entered a minute apart.
func journalOf(t *testing.T, start time.Time, labs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	enc, err := journal.NewEncoder(z)
	if err != nil {
		t.Fatal(err)
	}
	bodies := []journal.Body{journal.Begun{Labs: []string{"liveness", "mine", "intro"}}}
	for _, id := range labs {
		bodies = append(bodies, journal.Told{Fact: lab.Fact{Kind: lab.FactStepEntered, Lab: id, Step: "files"}},
			journal.Told{Fact: lab.Fact{Kind: lab.FactPodAdded, Pod: "web\x1b[2J-1"}})
	}
	for i, body := range bodies {
		if err := enc.Encode(journal.Entry{Seq: uint64(i + 1), At: start.Add(time.Duration(i) * time.Minute), Body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// keep puts a journal where healthlab keeps them.
func keep(t *testing.T, h clitest.Home, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(h.Path, "state", "healthlab", "journals", name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err := errors.Join(err, os.WriteFile(path, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReplayWithoutATerminal(t *testing.T) {
	h := newHome(t)
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	old := keep(t, h, "20260301T090000Z-7.journal.gz", journalOf(t, start, "liveness"))
	newest := journalOf(t, start, "liveness", "intro")
	keep(t, h, "20260302T090000Z-7.journal.gz", newest)
	keep(t, h, "20260301T080000Z-7.journal.gz", []byte("no journal"))
	keep(t, h, "notes.txt", nil)
	plain := filepath.Join(h.Path, "large.journal") // as someone has unpacked and doctored it
	content := `{"format":"healthlab-journal","version":1}` + "\n" + strings.Repeat("garbage\n", 20_000)
	if err := os.WriteFile(plain, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	later := filepath.Join(h.Path, "later")
	if err := os.WriteFile(later, []byte(`{"format":"healthlab-journal","version":9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(h.Path, "cut")
	if err := os.WriteFile(cut, newest[:len(newest)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		args  []string
		code  int
		want  []string
		lacks string
	}{
		{"the newest", nil, ExitOK, []string{"   01:00  Liveness", "   04:00  web[2J-1"}, "\x1b"},
		{"a file", []string{old}, ExitOK, []string{"   01:00  Liveness", "   02:00  web"}, "04:00"},
		{"by its name", []string{filepath.Base(old)}, ExitOK, []string{"   02:00  web"}, "04:00"},
		{"cut", []string{cut}, ExitOK, []string{"01:00  Liveness", "the end of the journal is missing"}, ""},
		{"no journal", []string{"20260301T080000Z-7.journal.gz"}, ExitFailed, []string{"cannot replay", "not a healthlab journal"}, ""},
		{"of another version", []string{later}, ExitFailed, []string{"has version 9"}, ""},
		{"only garbage", []string{plain}, ExitFailed, []string{"no entry that can be read"}, ""},
		{"no such file", []string{"/nowhere"}, ExitFailed, []string{"/nowhere"}, ""},
		{"a folder", []string{h.Path}, ExitFailed, []string{"cannot replay", "it is a directory"}, ""},
		{"no regular file", []string{os.DevNull}, ExitFailed, []string{"cannot replay", "it is no regular file"}, ""},
		{"no such theme", []string{"--theme", "pink"}, ExitUsage, []string{`the theme "pink" is not known`}, ""},
		{"two files", []string{"a", "b"}, ExitUsage, []string{"takes no"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := h.Command(t.Context(), append([]string{"replay", "--lang", "en"}, tt.args...)...).CombinedOutput()
			if code := clitest.ExitCode(err); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is missing in:\n%s", want, out)
				}
			}
			if tt.lacks != "" && strings.Contains(string(out), tt.lacks) {
				t.Errorf("%q is in:\n%s", tt.lacks, out)
			}
		})
	}
	t.Run("list", func(t *testing.T) {
		c := h.Command(t.Context(), "replay", "--list", "--lang", "en")
		c.Env = append(c.Env, "TZ=UTC")
		out, err := c.CombinedOutput()
		want := `STARTED              LENGTH  FILE                           LABS
2026-03-02 09:00:00  04:00   20260302T090000Z-7.journal.gz  liveness, intro
2026-03-01 09:00:00  02:00   20260301T090000Z-7.journal.gz  liveness
2026-03-01 08:00:00          20260301T080000Z-7.journal.gz  this is not a healthlab journal
`
		if diff := cmp.Diff(want, string(out)); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
	t.Run("completion", func(t *testing.T) {
		out, err := h.Command(t.Context(), "__complete", "replay", "").Output()
		if err != nil || !strings.HasPrefix(string(out), "20260302T090000Z-7.journal.gz\t2026-03-0") {
			t.Errorf("%v: %s", err, out)
		}
	})
}

func TestReplayOfNothing(t *testing.T) {
	for _, args := range [][]string{{"replay"}, {"replay", "--list"}} {
		out, err := newHome(t).Command(t.Context(), append(args, "--lang", "en")...).CombinedOutput()
		if code := clitest.ExitCode(err); code != ExitFailed || !strings.Contains(string(out), "there is no journal in") {
			t.Errorf("%v: exit code %d:\n%s", args, code, out)
		}
	}
}

// Every run leaves its journal, also one that comes to nothing, and one that cannot leave it goes on.
func TestRunsAreKept(t *testing.T) {
	h := newHome(t)
	out, err := h.Command(t.Context(), "run", "liveness", "--lang", "en").CombinedOutput()
	if code := clitest.ExitCode(err); code != ExitFailed {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	out, err = h.Command(t.Context(), "replay", "--lang", "en").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "this program was built without Kubernetes") {
		t.Errorf("%v:\n%s", err, out)
	}

	h = newHome(t)
	folder := keep(t, h, "x", nil)
	folder = filepath.Dir(folder)
	if err := errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	out, err = h.Command(t.Context(), "run", "liveness", "--lang", "en").CombinedOutput()
	if code := clitest.ExitCode(err); code != ExitFailed || !strings.Contains(string(out), "built without Kubernetes") ||
		strings.Count(string(out), "the journal of this run could not be kept in") != 1 {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

func TestLabsAreThoseOfTheRecording(t *testing.T) {
	here := []lab.Lab{{ID: "intro", Title: lab.Same("Intro")}, {ID: "liveness", Title: lab.Same("Liveness")}}
	for _, tt := range []struct {
		name     string
		recorded []string
		want     string
	}{
		{"the same", []string{"intro", "liveness"}, "Intro, Liveness"},
		{"in another order, with one that is gone", []string{"liveness", "mine\x1b", "intro"}, "Liveness, mine, Intro"},
		{"not said", nil, "Intro, Liveness"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, l := range asRecorded(here, tt.recorded) {
				got = append(got, l.Title.En)
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %q, want %s", got, tt.want)
			}
		})
	}
}
