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

	"healthlab/cmd/internal/cli"
	"healthlab/cmd/internal/clitest"
	"healthlab/lab/node/images"
	"healthlab/lab/node/shim"
)

// The tests run the real program: its own processes, its signals, its exit codes.
func TestMain(m *testing.M) {
	if shim.Called() {
		os.Exit(shim.Serve(images.Runnable()))
	}
	clitest.Main(m, main)
}

// home is the home directory of a user who runs a control plane.
type home struct{ clitest.Home }

func emptyHome(t testing.TB) home { return home{clitest.Home{T: t, Path: t.TempDir()}} }

func newHome(t *testing.T) home {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	return emptyHome(t)
}

func (h home) state(name string) string { return filepath.Join(h.Path, "state", "healthlab", name) }

// leftovers are the files that a run must not leave behind.
func (h home) leftovers() []string {
	var found []string
	for _, pattern := range []string{"run-*", "kubeconfig*", "crash-*"} {
		names, err := filepath.Glob(h.state(pattern))
		if err != nil {
			h.T.Fatalf("look for leftovers: %v", err)
		}
		found = append(found, names...)
	}
	return found
}

// cluster is a `healthlab cluster` that runs.
type runningCluster struct {
	*exec.Cmd
	export     string        // the line for the shell
	complaints *bytes.Buffer // read once it has ended
}

func (h home) startCluster(ctx context.Context) runningCluster {
	h.T.Helper()
	return h.startClusterWith(ctx, io.Discard)
}

// startClusterWith is startCluster with what the cluster tells of its progress, too.
func (h home) startClusterWith(ctx context.Context, progress io.Writer) runningCluster {
	h.T.Helper()
	c := h.Command(ctx, "cluster")
	out, err := c.StdoutPipe()
	if err != nil {
		h.T.Fatalf("open stdout: %v", err)
	}
	var complaints bytes.Buffer
	c.Stderr = io.MultiWriter(&complaints, progress)
	if err := c.Start(); err != nil {
		h.T.Fatalf("start the cluster: %v", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = c.Wait()
		h.T.Fatalf("the cluster said nothing: %v\n%s", err, complaints.String())
	}
	return runningCluster{Cmd: c, export: strings.TrimSpace(line), complaints: &complaints}
}

// The labs are done as a student would do them, on the real control plane, with real time: about two minutes.
func TestRunsBothLabs(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	out, err := h.Command(t.Context(), "run", "--lang", "en").CombinedOutput()
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
	out, err := h.Command(t.Context(), "kubectl", "get", "nodes").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Ready") {
		t.Errorf("kubectl get nodes: %v\n%s", err, out)
	}
	out, err = h.Command(t.Context(), "kubectl", "get", "pod", "nobody").CombinedOutput()
	if clitest.ExitCode(err) != 1 || !strings.Contains(string(out), `pods "nobody" not found`) {
		t.Errorf("kubectl get pod nobody: exit code %d\n%s", clitest.ExitCode(err), out)
	}
	out, err = h.Command(t.Context(), "why", "--lang", "en").CombinedOutput()
	if clitest.ExitCode(err) != 1 || !strings.Contains(string(out), "there is no namespace healthchecks") {
		t.Errorf("why without a namespace: exit code %d\n%s", clitest.ExitCode(err), out)
	}
	if out, err := h.Command(t.Context(), "kubectl", "create", "namespace", "healthchecks").CombinedOutput(); err != nil {
		t.Fatalf("kubectl create namespace: %v\n%s", err, out)
	}
	out, err = h.Command(t.Context(), "why", "--lang", "en").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "there are no pods in namespace healthchecks") {
		t.Errorf("why: %v\n%s", err, out)
	}
	out, err = h.Command(t.Context(), "why", "nobody", "--lang", "en").CombinedOutput()
	if clitest.ExitCode(err) != 1 || !strings.Contains(string(out), "there is no pod nobody in namespace healthchecks") {
		t.Errorf("why nobody: exit code %d\n%s", clitest.ExitCode(err), out)
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
	c := h.Command(t.Context(), "run", "liveness", "--lang", "en")
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
	if code := clitest.ExitCode(c.Wait()); code != cli.ExitInterrupted {
		t.Errorf("exit code %d, want %d", code, cli.ExitInterrupted)
	}
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
