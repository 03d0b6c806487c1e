package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"healthlab/cmd/internal/clitest"
	"healthlab/lab"
)

func TestReport(t *testing.T) {
	h := newHome(t)
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	old := keep(t, h, "20260301T090000Z-7.journal.gz", journalOf(t, start, "liveness"))
	newest := journalOf(t, start, "readiness")
	keep(t, h, "20260302T090000Z-7.journal.gz", newest)
	cut := filepath.Join(h.Path, "cut")
	if err := os.WriteFile(cut, newest[:len(newest)-10], 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, code int, args ...string) string {
		t.Helper()
		out, err := h.Command(t.Context(), append([]string{"report", "--lang", "en"}, args...)...).CombinedOutput()
		if got := clitest.ExitCode(err); got != code {
			t.Errorf("exit code %d, want %d:\n%s", got, code, out)
		}
		return string(out)
	}
	has := func(t *testing.T, out string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("%q is missing in:\n%s", w, out)
			}
		}
	}
	t.Run("the newest, as Markdown", func(t *testing.T) {
		has(t, run(t, ExitOK), "# healthlab report: Readiness probe", `web\[2J-1: the pod was created`)
	})
	t.Run("a file, by its path and by its name", func(t *testing.T) {
		for _, name := range []string{old, filepath.Base(old)} {
			has(t, run(t, ExitOK, name), "# healthlab report: Liveness probe")
		}
	})
	t.Run("in Korean", func(t *testing.T) { has(t, run(t, ExitOK, "--lang", "ko"), "# healthlab 보고서") })
	t.Run("one that is cut", func(t *testing.T) { has(t, run(t, ExitOK, cut), "The journal has no end") })
	t.Run("as JSON", func(t *testing.T) {
		var got struct{ Format string }
		if err := json.Unmarshal([]byte(run(t, ExitOK, "-o", "json")), &got); err != nil || got.Format != "healthlab-report" {
			t.Errorf("%v: %+v", err, got)
		}
	})
	t.Run("into a file, whose form follows from its name", func(t *testing.T) {
		path := filepath.Join(h.Path, "out.html")
		if out := run(t, ExitOK, "--output", path); out != "" {
			t.Errorf("it prints %s", out)
		}
		written, err := os.ReadFile(path)
		if err != nil || !strings.HasPrefix(string(written), "<!doctype html>") {
			t.Errorf("%v: %.100s", err, written)
		}
		has(t, run(t, ExitUsage, "--output", path, "-o", "json"), path, "exists", "--force")
		if again, err := os.ReadFile(path); err != nil || string(again) != string(written) {
			t.Errorf("it was overwritten: %v", err)
		}
		run(t, ExitOK, "--output", path, "-o", "json", "--force")
		if again, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(again), "{") {
			t.Errorf("%v: %.100s", err, again)
		}
	})
	t.Run("what cannot be", func(t *testing.T) {
		has(t, run(t, ExitUsage, "-o", "pdf"), `"pdf"`, "markdown, html or json")
		has(t, run(t, ExitUsage, "a", "b"), "takes no")
		has(t, run(t, ExitFailed, "/nowhere"), "/nowhere", "cannot open")
		has(t, run(t, ExitFailed, h.Path), "cannot open", "it is a directory")
		has(t, run(t, ExitFailed, os.DevNull), "cannot open", "it is no regular file")
		has(t, run(t, ExitFailed, "--output", "/nowhere/x.md"), "/nowhere/x.md", "cannot write")
	})
	t.Run("completion", func(t *testing.T) {
		for _, tt := range []struct{ args, want string }{
			{"", "20260302T090000Z-7.journal.gz\t2026-03-0"}, {"-o ", "markdown\nhtml\njson\n"},
		} {
			args := append([]string{"__complete", "report"}, strings.Split(tt.args, " ")...)
			out, err := h.Command(t.Context(), args...).Output()
			if err != nil || !strings.HasPrefix(string(out), tt.want) {
				t.Errorf("%q: %v: %s", tt.args, err, out)
			}
		}
	})
}

// The console's key writes a report of the run's own journal, whatever else is kept.
func TestReporter(t *testing.T) {
	h := newHome(t)
	o := &options{state: filepath.Join(h.Path, "state", "healthlab"), dir: filepath.Join(h.Path, "work")}
	write := o.reporter(o.ownJournal, []lab.Lab{{ID: "mine", Title: lab.Same("Mine")}}, o.answersKept)
	if _, err := write(t.Context(), lab.English); err == nil {
		t.Error("there is a report without a journal")
	}
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	keep(t, h, "20260302T090000Z-1.journal.gz", journalOf(t, start, "liveness"))
	keep(t, h, fmt.Sprintf("20260301T090000Z-%d.journal.gz", os.Getpid()), journalOf(t, start, "mine"))
	path, err := write(t.Context(), lab.English)
	if err != nil {
		t.Fatal(err)
	}
	for _, ending := range []string{".html", ".md"} {
		written, err := os.ReadFile(strings.TrimSuffix(path, ".html") + ending)
		if err != nil || !strings.Contains(string(written), "mine") {
			t.Errorf("%s: %v: %.300s", ending, err, written)
		}
	}
}
