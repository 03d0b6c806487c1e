package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// answer is what a script printed and ended with.
type answer struct {
	Out  string `json:"out,omitempty"`
	Errs string `json:"errs,omitempty"`
	Code int    `json:"code,omitempty"`
}

type script struct{ name, text string }

func scripts(t *testing.T) []script {
	t.Helper()
	files, err := filepath.Glob("testdata/cases*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(data), "\n")...)
	}
	var all []script
	seen := map[string]bool{}
	for _, line := range lines {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, text, ok := strings.Cut(line, ": ")
		if unnamed, own := strings.CutPrefix(line, "$ "); own {
			name, text, ok = unnamed, strings.ReplaceAll(unnamed, "⏎", "\n"), true
		}
		if !ok || seen[name] {
			t.Fatalf("no script, or a name that is there twice: %s", line)
		}
		seen[name] = true
		all = append(all, script{name, text})
	}
	return all
}

var remake = flag.String("remake", "", "the path of a BusyBox, musl's as in Alpine, whose answers become testdata/answers.json")

// version is the first line of a usage. What follows it is BusyBox's own text and not repeated here.
var version = regexp.MustCompile(`(?s)BusyBox v.*`)

func (a answer) plain() answer {
	a.Errs = version.ReplaceAllString(a.Errs, "(usage)")
	return a
}

// TestAsBusyBox runs each script and compares with what the real BusyBox answered.
func TestAsBusyBox(t *testing.T) {
	all := scripts(t)
	if *remake != "" {
		remakeAnswers(t, all)
	}
	data, err := os.ReadFile("testdata/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]answer
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	b := imagetest.New(t)
	c := b.Start(t, "busybox", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}, MaxProcesses: 64})
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			expected, known := want[s.name]
			if !known {
				t.Fatal("the real BusyBox has not been asked: make busybox")
			}
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c", `rm -rf /w; mkdir /w; cd /w; exec sh -c "$0"`, s.text)
			if got := (answer{out, errs, code}).plain(); got != expected {
				t.Errorf("%s\n got %+v\nwant %+v", s.text, got, expected)
			}
		})
	}
}

// remakeAnswers asks a real BusyBox.
func remakeAnswers(t *testing.T, all []script) {
	t.Helper()
	bin := t.TempDir()
	busybox, err := filepath.Abs(*remake)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(busybox, "--install", "-s", bin).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	answers := map[string]answer{}
	for _, s := range all {
		dir := t.TempDir()
		var out, errs bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, busybox, "sh", "-c", s.text)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
		cmd.Env = []string{"PATH=" + bin, "HOME=/root"}
		err := cmd.Run()
		cancel()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatalf("%s: %v", s.name, err)
		}
		code := cmd.ProcessState.ExitCode()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			code = 128 + int(status.Signal()) // the shell has become the program
		}
		answers[s.name] = answer{out.String(), errs.String(), code}.plain()
	}
	data, err := json.MarshalIndent(answers, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/answers.json", append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
