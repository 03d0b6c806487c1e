// Package imagetest runs the built-in images for tests: containers in this process, in one pod, that end with the test.
//
// A Bed may be used by subtests and by many goroutines; it owns nothing but the runtime, which ends it.
package imagetest

import (
	"bytes"
	"context"
	"io"
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

// Step is a script and what it answers.
type Step struct {
	Name, Script, Out, Errs string
	Code                    int
}

// Try runs scripts one after the other.
func Try(t *testing.T, c *sandbox.Container, steps []Step) {
	t.Helper()
	for _, tt := range steps {
		t.Run(tt.Name, func(t *testing.T) {
			out, errs, code := Exec(t, c, "", "sh", "-c", tt.Script)
			if out != tt.Out || errs != tt.Errs || code != tt.Code {
				t.Errorf("got %q, %q, %d\nwant %q, %q, %d", out, errs, code, tt.Out, tt.Errs, tt.Code)
			}
		})
	}
}

// Life is a server's, from the first line of its log to the last.
type Life struct {
	Name, Image string
	Env, Args   []string
	Stop        sandbox.Signal // 0: it ends by itself
	Code        int
	Log         string // a pattern
}

// Live has servers begin, become ready and end.
func Live(t *testing.T, ready func(testing.TB, *sandbox.Container), lives []Life) {
	t.Helper()
	for _, tt := range lives {
		t.Run(tt.Name, func(t *testing.T) {
			b := New(t)
			log := filepath.Join(t.TempDir(), "0.log")
			c := b.Start(t, tt.Image, sandbox.ContainerConfig{LogPath: log, Env: tt.Env, Args: tt.Args})
			if tt.Stop != 0 {
				ready(t, c)
				if err := c.Signal(tt.Stop); err != nil {
					t.Fatal(err)
				}
			}
			if exit := Ended(t, c); exit.Code != tt.Code {
				t.Errorf("%+v", exit)
			}
			text, err := os.ReadFile(log)
			if err != nil || !regexp.MustCompile(tt.Log).Match(text) {
				t.Errorf("%s %v", text, err)
			}
		})
	}
}

// Garbage sends texts that are no requests, each on a connection of its own, which must then end. The server must live on.
func Garbage(t *testing.T, b *Bed, address string, texts map[string]string, ready func()) {
	t.Helper()
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			conn, err := b.Dial(Context(t), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, text) // the server may have closed it
			if half, ok := conn.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			}
			if _, err = io.Copy(io.Discard, conn); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Error(err)
			}
			ready()
		})
	}
}
