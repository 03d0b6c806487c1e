package bash_test

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

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answer is what a script printed and ended with.
type answer struct {
	Out  string `json:"out,omitempty"`
	Errs string `json:"errs,omitempty"`
	Code int    `json:"code,omitempty"`
}

// scripts reads the corpus: each line is a script after "$ ", with ⏎ for the ends of its lines. A line after "# differs: "
// says why the script below it is answered in another way; that script is run, but its answer is not compared.
func scripts(t *testing.T) (all []string, differs map[string]string) {
	t.Helper()
	files, err := filepath.Glob("testdata/cases*.txt")
	if err != nil {
		t.Fatal(err)
	}
	differs = map[string]string{}
	seen := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		reason := ""
		for line := range strings.SplitSeq(string(data), "\n") {
			if why, ok := strings.CutPrefix(line, "# differs: "); ok {
				reason = why
			}
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			text, ok := strings.CutPrefix(line, "$ ")
			if text = strings.ReplaceAll(text, "⏎", "\n"); !ok || seen[text] {
				t.Fatalf("no script, or one that is there twice: %s", line)
			}
			seen[text] = true
			all = append(all, text)
			if reason != "" {
				differs[text] = reason
			}
			reason = ""
		}
	}
	return all, differs
}

var remake = flag.String("remake", "", "the path of a bash 5.2 whose answers become testdata/answers.json")

// process is the ID of a process in a message about a signal.
var process = regexp.MustCompile(`(line \d+: ) *\d+ (Killed|Hangup|Aborted|User defined|Segmentation)`)

func (a answer) plain() answer {
	a.Out, a.Errs = string([]rune(a.Out)), string([]rune(a.Errs)) // what is no UTF-8 is not kept in a file of JSON
	a.Errs = process.ReplaceAllString(a.Errs, "${1}PID $2")
	return a
}

// TestAsBash runs each script and compares with what the real bash answered.
func TestAsBash(t *testing.T) {
	all, differs := scripts(t)
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
	c := b.Start(t, "nginx", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}, MaxProcesses: 64})
	for _, script := range all {
		t.Run(script, func(t *testing.T) {
			expected, known := want[script]
			if !known {
				t.Fatal("the real bash has not been asked: make bash")
			}
			out, errs, code := imagetest.Exec(t, c, "", "sh", "-c",
				`rm -rf /w; mkdir /w; cd /w; exec env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/root TZ=UTC bash -c "$0"`, script)
			got := answer{out, errs, code}.plain()
			switch why := differs[script]; {
			case got == expected && why != "":
				t.Errorf("%s\nis answered as by bash now, but said to differ: %s", script, why)
			case got != expected && why == "":
				t.Errorf("%s\n got %+v\nwant %+v", script, got, expected)
			}
		})
	}
}

// remakeAnswers asks a real bash.
func remakeAnswers(t *testing.T, all []string) {
	t.Helper()
	bash, err := filepath.Abs(*remake)
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]answer{}
	for _, script := range all {
		dir := t.TempDir()
		var out, errs bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		cmd := exec.CommandContext(ctx, bash, "-c", script)
		cmd.Args[0] = "bash"
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
		cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/root", "TZ=UTC"}
		err := cmd.Run()
		cancel()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatalf("%s: %v", script, err)
		}
		text := func(b bytes.Buffer) string { return strings.ReplaceAll(b.String(), dir, "/w") }
		code := cmd.ProcessState.ExitCode()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			code = 128 + int(status.Signal())
		}
		answers[script] = answer{text(out), text(errs), code}.plain()
	}
	data, err := json.MarshalIndent(answers, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("testdata/answers.json", append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
