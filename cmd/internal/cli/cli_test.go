package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healthlab/cmd/internal/clitest"
)

// The tests run the program without Kubernetes in processes of its own.
func TestMain(m *testing.M) {
	clitest.Main(m, func() {
		os.Exit(Run(context.Background(), os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, Parts{
			Start: func(context.Context, StartOptions) (Embedded, error) {
				return nil, errors.New("this program was built without Kubernetes")
			},
			Kubectl: func(Streams, []string) { panic("this program was built without kubectl") },
		}))
	})
}

func newHome(t *testing.T) clitest.Home { return clitest.Home{T: t, Path: t.TempDir()} }

func TestWrongUse(t *testing.T) {
	notYAML := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(notYAML, []byte("{[}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"no terminal", []string{"--lang", "en"}, ExitUsage, []string{"needs a terminal", "healthlab run"}},
		{"unknown command", []string{"walk", "--lang", "en"}, ExitUsage, []string{`"walk"`, "--help"}},
		{"unknown flag", []string{"run", "--lang", "en", "--fast"}, ExitUsage, []string{"--fast", "healthlab run --help"}},
		{"unknown lab", []string{"run", "livenes", "--lang", "en"}, ExitUsage, []string{`"livenes"`, "intro, liveness, readiness"}},
		{"unknown language", []string{"run", "--lang", "jp"}, ExitUsage, []string{`"jp"`, "ko or en"}},
		{"kubeconfig that does not exist", []string{"run", "--lang", "en", "--kubeconfig", "/nowhere"}, ExitUsage, []string{"/nowhere", "--kubeconfig"}},
		{"kubeconfig that is not YAML", []string{"run", "--lang", "en", "--kubeconfig", notYAML}, ExitUsage, []string{notYAML}},
		{"labs that do not exist", []string{"run", "--lang", "en", "--labs", "/nowhere"}, ExitFailed, []string{"/nowhere"}},
		{"kubectl without a cluster", []string{"--lang", "en", "kubectl", "get", "pods"}, ExitFailed, []string{"no embedded cluster is running"}},
		{"why without a cluster", []string{"--lang", "en", "why"}, ExitFailed, []string{"no embedded cluster is running", "--context"}},
		{"state directory that cannot be made", []string{"cluster", "--lang", "en", "--state-dir", "/dev/null/x"}, ExitFailed, []string{"/dev/null/x", "--state-dir"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := newHome(t).Command(t.Context(), tt.args...).CombinedOutput()
			if code := clitest.ExitCode(err); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is missing in:\n%s", want, out)
				}
			}
			if lines := strings.Count(strings.TrimSpace(string(out)), "\n"); lines > 1 {
				t.Errorf("more than one clear message:\n%s", out)
			}
		})
	}
}

func TestInteractiveStartsWithOneLab(t *testing.T) {
	out, err := newHome(t).Command(t.Context(), "run", "--interactive", "intro", "liveness", "--lang", "en").CombinedOutput()
	if code := clitest.ExitCode(err); code != ExitUsage || !strings.Contains(string(out), "one lab") {
		t.Errorf("exit code %d, want %d:\n%s", code, ExitUsage, out)
	}
}
