package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/images"
	"healthlab/lab/node/shim"
)

// asMain makes the test binary behave as healthlab itself, so that the tests run the real program: its own processes, its
// signals, its exit codes.
const asMain = "HEALTHLAB_TEST_AS_MAIN"

func TestMain(m *testing.M) {
	if shim.Called() {
		os.Exit(shim.Serve(images.Table()))
	}
	if os.Getenv(asMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// home is a user's home directory with nothing in it.
type home struct {
	t    testing.TB
	path string
}

func newHome(t *testing.T) home {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	return home{t: t, path: t.TempDir()}
}

// command is healthlab with these arguments, for a user whose home this is.
func (h home) command(ctx context.Context, args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		h.t.Fatalf("find the test binary: %v", err)
	}
	c := exec.CommandContext(ctx, self, args...)
	c.Env = append(os.Environ(), asMain+"=1", "HOME="+h.path, "KUBECONFIG=",
		"XDG_STATE_HOME="+filepath.Join(h.path, "state"), "XDG_CONFIG_HOME="+filepath.Join(h.path, "config"))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 30 * time.Second
	return c
}

func (h home) state(name string) string { return filepath.Join(h.path, "state", "healthlab", name) }

// leftovers are the files that a run must not leave behind.
func (h home) leftovers() []string {
	var found []string
	for _, pattern := range []string{"run-*", "kubeconfig*", "crash-*"} {
		names, err := filepath.Glob(h.state(pattern))
		if err != nil {
			h.t.Fatalf("look for leftovers: %v", err)
		}
		found = append(found, names...)
	}
	return found
}

// cluster is a `healthlab cluster` that runs.
type runningCluster struct {
	*exec.Cmd
	export string // the line for the shell
}

func (h home) startCluster(ctx context.Context) runningCluster {
	h.t.Helper()
	c := h.command(ctx, "cluster")
	out, err := c.StdoutPipe()
	if err != nil {
		h.t.Fatalf("open stdout: %v", err)
	}
	var complaints bytes.Buffer
	c.Stderr = &complaints
	if err := c.Start(); err != nil {
		h.t.Fatalf("start the cluster: %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = c.Wait()
		h.t.Fatalf("the cluster said nothing: %v\n%s", err, complaints.String())
	}
	return runningCluster{Cmd: c, export: strings.TrimSpace(line)}
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// The labs are done as a student would do them, on the real control plane, with real time: about two minutes.
func TestRunsBothLabs(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	out, err := h.command(t.Context(), "run", "--lang", "en").CombinedOutput()
	if err != nil {
		t.Fatalf("healthlab run: %v\n%s", err, out)
	}
	rest := string(out)
	for _, want := range []string{
		"lab done: Introduction",
		"liveness-app: ready (1/1)",
		"liveness probe failed 1/3",
		"liveness probe failed 3/3",
		"killing the container because its liveness probe failed; the grace period is 30 s",
		"RESTARTS 1, previous exit code 137",
		"lab done: Liveness probe",
		"Replicas 3 desired | 3 updated | 3 total | 3 available | 0 unavailable",
		"no longer ready (0/1)",
		"Replicas 3 desired | 3 updated | 3 total | 2 available | 1 unavailable",
		"lab done: Readiness probe",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Errorf("%q is missing or out of order", want)
			continue
		}
		rest = after
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestClusterForKubectl(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	cluster := h.startCluster(t.Context())
	if want := "export KUBECONFIG=" + h.state("kubeconfig"); cluster.export != want {
		t.Errorf("printed %q, want %q", cluster.export, want)
	}
	if info, err := os.Stat(h.state("kubeconfig")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v, %v; want mode 0600", info, err)
	}
	out, err := h.command(t.Context(), "kubectl", "get", "nodes").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Ready") {
		t.Errorf("kubectl get nodes: %v\n%s", err, out)
	}
	out, err = h.command(t.Context(), "kubectl", "get", "pod", "nobody").CombinedOutput()
	if exitCode(err) != 1 || !strings.Contains(string(out), `pods "nobody" not found`) {
		t.Errorf("kubectl get pod nobody: exit code %d\n%s", exitCode(err), out)
	}
	if err := cluster.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("interrupt: %v", err)
	}
	if err := cluster.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A run that was killed leaves its files behind; the next start removes them, and only them.
func TestKilledRunIsClearedAway(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	killed := h.startCluster(t.Context())
	if err := killed.Process.Kill(); err != nil {
		t.Fatalf("kill: %v", err)
	}
	_ = killed.Wait()
	before := h.leftovers()
	if len(before) == 0 {
		t.Fatal("a killed run left nothing behind, so this test proves nothing")
	}
	ctx, cancel := context.WithCancel(t.Context())
	next := h.startCluster(ctx)
	second := h.startCluster(ctx) // beside it, not instead of it
	if next.export == second.export {
		t.Errorf("two clusters that run share %q", next.export)
	}
	for _, path := range before {
		if strings.Contains(path, "run-") {
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s is still there (%v)", path, err)
			}
		}
	}
	cancel()
	_, _ = next.Wait(), second.Wait()
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.command(t.Context(), "run", "liveness", "--lang", "en")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatalf("open stdout: %v", err)
	}
	if err := c.Start(); err != nil {
		t.Fatalf("start: %v", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "liveness-app: ready") {
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("interrupt: %v", err)
	}
	_, _ = io.Copy(io.Discard, out)
	if code := exitCode(c.Wait()); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

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
		{"no terminal", []string{"--lang", "en"}, exitUsage, []string{"needs a terminal", "healthlab run"}},
		{"unknown command", []string{"walk", "--lang", "en"}, exitUsage, []string{`"walk"`, "--help"}},
		{"unknown flag", []string{"run", "--lang", "en", "--fast"}, exitUsage, []string{"--fast", "healthlab run --help"}},
		{"unknown lab", []string{"run", "livenes", "--lang", "en"}, exitUsage, []string{`"livenes"`, "intro, liveness, readiness"}},
		{"unknown language", []string{"run", "--lang", "jp"}, exitUsage, []string{`"jp"`, "ko or en"}},
		{"kubeconfig that does not exist", []string{"run", "--lang", "en", "--kubeconfig", "/nowhere"}, exitUsage, []string{"/nowhere", "--kubeconfig"}},
		{"kubeconfig that is not YAML", []string{"run", "--lang", "en", "--kubeconfig", notYAML}, exitUsage, []string{notYAML}},
		{"labs that do not exist", []string{"run", "--lang", "en", "--labs", "/nowhere"}, exitFailed, []string{"/nowhere"}},
		{"kubectl without a cluster", []string{"--lang", "en", "kubectl", "get", "pods"}, exitFailed, []string{"no embedded cluster is running"}},
		{"state directory that cannot be made", []string{"cluster", "--lang", "en", "--state-dir", "/dev/null/x"}, exitFailed, []string{"/dev/null/x", "--state-dir"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := home{t: t, path: t.TempDir()}.command(t.Context(), tt.args...).CombinedOutput()
			if code := exitCode(err); code != tt.code {
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
