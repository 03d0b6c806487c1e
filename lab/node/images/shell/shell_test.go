package shell_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"healthlab/lab/node/images"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is a pod in which busybox runs.
type bed struct {
	rt  *sandbox.Runtime
	pod *sandbox.Pod
	dir string // mounted at /in
}

func newBed(t testing.TB) *bed {
	t.Helper()
	rt, err := sandbox.New(sandbox.Config{Dir: filepath.Join(t.TempDir(), "run"), HostIP: "10.244.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	pod, err := rt.RunPod(sandbox.PodConfig{Namespace: "default", Name: "web", IP: "10.244.0.7"})
	if err != nil {
		t.Fatal(err)
	}
	return &bed{rt: rt, pod: pod, dir: t.TempDir()}
}

// start runs a container.
func (b *bed) start(t testing.TB, log string, command ...string) *sandbox.Container {
	t.Helper()
	image, _, err := images.Find("busybox")
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.pod.Create(sandbox.ContainerConfig{
		Name: "app", Image: image, Command: command, LogPath: log, DiskBytes: 16 << 20, MaxProcesses: 24,
		Mounts: []sandbox.Mount{{Source: b.dir, Target: "/in"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// idle is a container to run commands in.
func (b *bed) idle(t testing.TB) *sandbox.Container { return b.start(t, "", "sleep", "3600") }

type answer struct {
	out, errs string
	code      int
}

func run(t testing.TB, c *sandbox.Container, input string, command ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out, errs bytes.Buffer
	cfg := sandbox.ExecConfig{Command: command, Stdout: &out, Stderr: &errs}
	if input != "" {
		cfg.Stdin = strings.NewReader(input)
	}
	code, err := c.Exec(ctx, cfg)
	if err != nil {
		t.Fatalf("exec %.80q: %v", command, err)
	}
	return answer{out.String(), errs.String(), code}
}

// write puts a script where the container sees it.
func (b *bed) write(t testing.TB, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, "script"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
