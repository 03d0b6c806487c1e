package images_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/images"
	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// TestAbuse runs what a container may do wrong: only it suffers, and SIGKILL ends it at once.
func TestAbuse(t *testing.T) {
	tests := []struct {
		name, script, log string
		ends              bool // by itself
	}{
		{name: "never ends", script: "while :; do :; done"},
		{name: "never ends, with programs", script: "while true; do ls / >/dev/null; done"},
		{name: "forks without end", script: ":(){ :|:& };:; wait; sleep 100", log: "can't fork: Resource temporarily unavailable"},
		{name: "starts background commands", script: "while :; do sleep 1000 & done", log: "can't fork: Resource temporarily unavailable"},
		{name: "fills its disk", script: "yes >/tmp/full; sleep 100"},
		{name: "fills its disk with dd", script: "dd if=/dev/zero of=/tmp/f bs=1M; sleep 100", log: "No space left on device"},
		{name: "prints without end", script: "yes", log: "stdout F y"},
		{name: "prints without newline", script: "cat /dev/zero", log: "stdout P"},
		{name: "substitution without end", script: "x=$(yes)", ends: true},
		{name: "doubles a string", script: `x=aaaaaaaa; while :; do x="$x$x"; done; sleep 100`, log: "sh: out of memory", ends: true},
		{name: "doubles its parameters", script: `set -- a b; while :; do set -- "$@" "$@"; done`, log: "sh: out of memory", ends: true},
		{
			name: "makes variables without end", log: "sh: out of memory", ends: true,
			script: `a=aaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do a="$a$a"; done; ` +
				`while :; do b=$((b+1)); eval "v$b=\$a"; done`,
		},
		{
			name: "evaluates assignments without end", log: "sh: out of memory", ends: true,
			script: `a=aaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11; do a="$a$a"; done; ` +
				`while :; do b=$((b+1)); eval "v$b=$a"; done`,
		},
		{name: "waits for a reader", script: "yes | sleep 1000"},
		{name: "reads a silent pipe", script: "sleep 1000 | cat"},
		{name: "recursion in pipelines", script: "f() { f | f; }; f; sleep 100", log: "can't fork: Resource temporarily unavailable"},
		{name: "listens", script: "nc -lk -p 80"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := imagetest.New(t)
			log := filepath.Join(t.TempDir(), "0.log")
			c := b.Start(t, "busybox", sandbox.ContainerConfig{
				Command: []string{"sh", "-c", tt.script}, LogPath: log, DiskBytes: 4 << 20, MaxProcesses: 24,
			})
			for ctx := imagetest.Context(t); ctx.Err() == nil; {
				text, err := os.ReadFile(log)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(string(text), tt.log) {
					break
				}
			}
			other := b.Start(t, "busybox", sandbox.ContainerConfig{Name: "other", Command: []string{"sleep", "100"}})
			if out, errs, code := imagetest.Exec(t, other, "", "sh", "-c", "echo fine"); out != "fine\n" || code != 0 {
				t.Errorf("the neighbour: %q %q %d", out, errs, code)
			}
			began := time.Now()
			select {
			case <-c.Done():
				if !tt.ends && tt.log == "" {
					t.Errorf("ended by itself: %+v", c.Exit())
				}
			default:
				_ = c.Signal(sandbox.SIGKILL) // it may end meanwhile
			}
			imagetest.Ended(t, c)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("the kill took %v", took)
			}
		})
	}
}

func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, image := range images.Table() {
		t.Run(image.Name, func(t *testing.T) {
			if image.Does.Ko == "" || image.Does.En == "" || image.Size <= 0 || len(image.Digest) != len("sha256:")+64 || len(image.Programs) == 0 {
				t.Errorf("incomplete: %+v", image)
			}
			if seen[image.ID()] {
				t.Errorf("%s is there twice", image.ID())
			}
			seen[image.ID()] = true
			for _, name := range append([]string{image.Name}, image.Aliases...) {
				// What runs old tags of a repository has its name, and only that.
				if seen[name] && (name != image.Name || name != "docker.io/library/busybox") {
					t.Errorf("%s is there twice", name)
				}
				seen[name] = true
				if found, _, err := images.Find(name); err != nil || found.Name != image.Name {
					t.Errorf("Find(%q): %v", name, err)
				}
			}
			// The image starts as it is.
			b := imagetest.New(t)
			c := b.Start(t, image.Name, sandbox.ContainerConfig{})
			_ = c.Signal(sandbox.SIGKILL) // a shell without input has ended already
			imagetest.Ended(t, c)
		})
	}
}
