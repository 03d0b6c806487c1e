package embedded

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestClaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	first := mustClaim(t, dir, 1001)
	second := mustClaim(t, dir, 1002)
	for _, p := range []*runDir{first, second} {
		if err := p.publish([]byte("content")); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(p.kubeconfig)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("mode of %s is %o, want 600", p.kubeconfig, got)
		}
	}
	wantFiles(t, dir, "kubeconfig", "kubeconfig-1002", "lock", "run-1001", "run-1002")

	if err := first.remove(); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, "kubeconfig-1002", "lock", "run-1002")

	third := mustClaim(t, dir, 1003)
	if got, want := filepath.Base(third.kubeconfig), "kubeconfig"; got != want {
		t.Errorf("the next run's kubeconfig is %s, want %s, which is free again", got, want)
	}
}

func TestClaimRemovesLeftovers(t *testing.T) {
	dir := t.TempDir()
	alive := mustClaim(t, dir, 1001)
	// What is killed gives its lock back and nothing else.
	killed := mustClaim(t, dir, 1002)
	if err := killed.publish([]byte("content")); err != nil {
		t.Fatal(err)
	}
	if err := killed.lock.Close(); err != nil {
		t.Fatal(err)
	}
	// Killed before it could lock anything.
	if err := os.Mkdir(filepath.Join(dir, "run-1003"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}

	mustClaim(t, dir, 1004)
	wantFiles(t, dir, "lock", "notes.txt", "run-1001", "run-1004")
	if _, err := os.Stat(filepath.Join(alive.dir, lockName)); err != nil {
		t.Errorf("the live run lost its files: %v", err)
	}
}

func TestClaimAfterOwnerWasKilled(t *testing.T) {
	dir := t.TempDir()
	killed := mustClaim(t, dir, 1001)
	if err := killed.publish([]byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := killed.lock.Close(); err != nil {
		t.Fatal(err)
	}
	next := mustClaim(t, dir, 1002)
	if err := next.publish([]byte("new")); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(content), "new"; got != want {
		t.Errorf("kubeconfig holds %q, want %q", got, want)
	}
}

func TestClaimRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, dir string
		want      error
	}{
		{"a file as state directory", filepath.Join(file, "state"), syscall.ENOTDIR},
		{"a path without room for those of its files", filepath.Join(dir, strings.Repeat("long/", 720)), syscall.ENAMETOOLONG},
		{"a path that is too long by itself", filepath.Join(dir, strings.Repeat("long/", 2000)), syscall.ENAMETOOLONG},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := claim(c.dir, 1001); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if runs, _ := filepath.Glob(filepath.Join(c.dir, runPrefix+"*")); len(runs) > 0 {
				t.Errorf("left behind: %v", runs)
			}
		})
	}
}

func mustClaim(t *testing.T, dir string, port int) *runDir {
	t.Helper()
	p, err := claim(dir, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.lock.Close() })
	return p
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("files in the state directory (-want +got):\n%s", diff)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
