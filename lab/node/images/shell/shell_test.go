package shell_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is a pod in which busybox runs.
type bed struct {
	*imagetest.Bed
	dir string // mounted at /in
}

func newBed(t testing.TB) *bed {
	t.Helper()
	return &bed{imagetest.New(t), t.TempDir()}
}

// start runs a container.
func (b *bed) start(t testing.TB, log string, command ...string) *sandbox.Container {
	t.Helper()
	return b.Start(t, "busybox", sandbox.ContainerConfig{
		Command: command, LogPath: log, DiskBytes: 16 << 20, MaxProcesses: 24,
		Mounts: []sandbox.Mount{{Source: b.dir, Target: "/in"}},
	})
}

// idle is a container to run commands in.
func (b *bed) idle(t testing.TB) *sandbox.Container { return b.start(t, "", "sleep", "3600") }

type answer struct {
	out, errs string
	code      int
}

func run(t testing.TB, c *sandbox.Container, input string, command ...string) answer {
	t.Helper()
	out, errs, code := imagetest.Exec(t, c, input, command...)
	return answer{out, errs, code}
}

// write puts a script where the container sees it.
func (b *bed) write(t testing.TB, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, "script"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
