// Package imagetest runs the built-in images for tests: containers in this process, in one pod, that end with the test.
//
// A Bed may be used by subtests and by many goroutines; it owns nothing but the runtime, which ends it.
package imagetest

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/images"
	"healthlab/lab/node/sandbox"
)

// Bed is a runtime with one pod, whose address is 10.244.0.7.
type Bed struct {
	Runtime *sandbox.Runtime
	pod     *sandbox.Pod
}

// New returns a bed that is closed when the test ends.
func New(t testing.TB) *Bed {
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
	return &Bed{Runtime: rt, pod: pod}
}

// Start runs a container of the image that a reference names, unless cfg has one, by the name app unless cfg has another.
func (b *Bed) Start(t testing.TB, image string, cfg sandbox.ContainerConfig) *sandbox.Container {
	t.Helper()
	if cfg.Image == nil {
		found, _, err := images.Find(image)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Image = found
	}
	if cfg.Name == "" {
		cfg.Name = "app"
	}
	c, err := b.pod.Create(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(Context(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// Dial connects from inside the pod, where localhost is the pod itself.
func (b *Bed) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return b.pod.Dial(ctx, network, address)
}

// Exec runs a command in a container and returns what it has written and its exit code. It may take a minute.
func Exec(t testing.TB, c *sandbox.Container, input string, command ...string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var o, e bytes.Buffer
	cfg := sandbox.ExecConfig{Command: command, Stdout: &o, Stderr: &e}
	if input != "" {
		cfg.Stdin = strings.NewReader(input)
	}
	code, err := c.Exec(ctx, cfg)
	if err != nil {
		t.Fatalf("exec %.80q: %v", command, err)
	}
	return o.String(), e.String(), code
}

// Ended waits until a container has ended, for a minute.
func Ended(t testing.TB, c *sandbox.Container) sandbox.Exit {
	t.Helper()
	select {
	case <-c.Done():
	case <-Context(t).Done():
		t.Fatal("the container does not end")
	}
	return c.Exit()
}

// Context ends with the test, and after a minute.
func Context(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// Logged waits until a container's log file has what matches the pattern.
func Logged(t testing.TB, file, pattern string) {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for ctx := Context(t); ; {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if re.Match(text) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("no %s in\n%s", pattern, text)
		}
	}
}
