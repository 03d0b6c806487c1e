package shim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) {
	if Called() {
		os.Exit(Serve([]*sandbox.Image{testImage()}))
	}
	goleak.VerifyTestMain(m)
}

// testImage has programs that do what a container must not be able to do to others.
func testImage() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/library/test",
		Programs: map[string]sandbox.Program{
			"/bin/wait": func(ctx context.Context, _ *sandbox.Process) int { <-ctx.Done(); return 0 },
			"/bin/exit": func(_ context.Context, p *sandbox.Process) int {
				code := 0
				_, _ = fmt.Sscan(p.Args[1], &code)
				return code
			},
			"/bin/say": func(_ context.Context, p *sandbox.Process) int {
				fmt.Fprintln(p.Stdout, strings.Join(p.Args[1:], " "))
				fmt.Fprintln(p.Stderr, "and an error")
				return 3
			},
			"/bin/copy": func(_ context.Context, p *sandbox.Process) int {
				_, _ = io.Copy(p.Stdout, p.Stdin)
				return 0
			},
			"/bin/endless": func(ctx context.Context, p *sandbox.Process) int {
				for ctx.Err() == nil {
					if _, err := p.Stdout.Write(make([]byte, 1<<16)); err != nil {
						break
					}
				}
				return 0
			},
			// echo answers each line on port 80.
			"/bin/echo": func(ctx context.Context, p *sandbox.Process) int {
				l, err := p.Listen("tcp", ":80")
				if err != nil {
					fmt.Fprintln(p.Stderr, err)
					return 1
				}
				for ctx.Err() == nil {
					c, err := l.Accept()
					if err != nil {
						continue
					}
					go func() { _, _ = fmt.Fprint(c, c.RemoteAddr()); _ = c.Close() }()
				}
				return 0
			},
			"/bin/call": func(ctx context.Context, p *sandbox.Process) int {
				c, err := p.Dial(ctx, "tcp", p.Args[1])
				if err != nil {
					fmt.Fprint(p.Stdout, err)
					return 1
				}
				data, _ := io.ReadAll(c)
				fmt.Fprintf(p.Stdout, "%s %s", c.LocalAddr(), data)
				return 0
			},
			"/bin/recurse": func(context.Context, *sandbox.Process) int { return recurse(0) },
			"/bin/hoard": func(ctx context.Context, p *sandbox.Process) int {
				var all [][]byte
				for ctx.Err() == nil {
					all = append(all, bytes.Repeat([]byte{1}, 1<<20))
				}
				return len(all)
			},
			"/bin/gulp": func(_ context.Context, p *sandbox.Process) int { // all at once
				return len(bytes.Repeat([]byte{1}, 8<<30))
			},
			"/bin/keep": func(ctx context.Context, p *sandbox.Process) int {
				mb := 0
				_, _ = fmt.Sscan(p.Args[1], &mb)
				kept := bytes.Repeat([]byte{1}, mb<<20)
				runtime.GC()
				fmt.Fprintln(p.Stdout, "kept")
				<-ctx.Done()
				return int(kept[0])
			},
			// litter keeps so many megabytes, and leaves almost as many uncollected.
			"/bin/litter": func(ctx context.Context, p *sandbox.Process) int {
				mb := 0
				_, _ = fmt.Sscan(p.Args[1], &mb)
				kept := bytes.Repeat([]byte{1}, mb<<20)
				runtime.GC()
				n := 0
				for range mb - 5 {
					n += len(bytes.Repeat([]byte{1}, 1<<20))
				}
				fmt.Fprintln(p.Stdout, "littered", n)
				<-ctx.Done()
				return int(kept[0])
			},
			// fill writes a file of so many megabytes.
			"/bin/fill": func(_ context.Context, p *sandbox.Process) int {
				mb := 0
				_, _ = fmt.Sscan(p.Args[2], &mb)
				file, err := p.FS().OpenFile(p.Args[1], os.O_CREATE|os.O_WRONLY, 0o644)
				for ; err == nil && mb > 0; mb-- {
					_, err = file.Write(make([]byte, 1<<20))
				}
				if err != nil {
					fmt.Fprintln(p.Stderr, err)
					return 1
				}
				return 0
			},
			// open opens files until it gets an error.
			"/bin/open": func(_ context.Context, p *sandbox.Process) int {
				var files []*sandbox.File
				for {
					file, err := p.FS().Open("/etc/hostname")
					if err != nil {
						fmt.Fprintf(p.Stdout, "%d %v", len(files), errors.Unwrap(err))
						return 0
					}
					files = append(files, file)
				}
			},
			// deaf neither ends with its context nor ever waits.
			"/bin/deaf": func(context.Context, *sandbox.Process) int {
				for n := 0; ; n++ {
					if n < 0 {
						return n
					}
				}
			},
			// burn works until it has used so much of a processor.
			"/bin/burn": func(_ context.Context, p *sandbox.Process) int {
				most, _ := time.ParseDuration(p.Args[1])
				burn(most)
				return 0
			},
			"/bin/panic": func(context.Context, *sandbox.Process) int {
				go func() { panic("in a goroutine of its own") }()
				select {}
			},
		},
	}
}

func recurse(n int) int {
	if n < 0 {
		return n
	}
	return recurse(n+1) + n
}

func newRuntime(t *testing.T, cfg Config) *Runtime {
	t.Helper()
	cfg.Dir = filepath.Join(t.TempDir(), "containers")
	cfg.Network = network.NewSwitch(netip.MustParseAddr("10.244.0.1"), nil)
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	r, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func newPod(t *testing.T, r *Runtime, ip string) *Pod {
	t.Helper()
	p, err := r.RunPod(sandbox.PodConfig{UID: ip, Namespace: "default", Name: "pod", IP: ip})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// start starts a container that runs a command.
func start(t *testing.T, p *Pod, cfg sandbox.ContainerConfig, command ...string) *Container {
	t.Helper()
	cfg.Image, cfg.Command = testImage(), command
	if cfg.Name == "" {
		cfg.Name = "app"
	}
	c, err := p.Create(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// ends waits for the end of a container.
func ends(t *testing.T, c *Container) sandbox.Exit {
	t.Helper()
	select {
	case <-c.Done():
		return c.Exit()
	case <-time.After(time.Minute):
		t.Fatal("the container does not end")
		return sandbox.Exit{}
	}
}

func TestContainersEnd(t *testing.T) {
	tests := []struct {
		name    string
		memory  int64
		command []string
		signal  sandbox.Signal
		code    int
		reason  string
	}{
		{name: "by themselves", command: []string{"exit", "0"}, reason: sandbox.ReasonCompleted},
		{name: "with a code", command: []string{"exit", "7"}, code: 7, reason: sandbox.ReasonError},
		{name: "by SIGKILL", command: []string{"wait"}, signal: sandbox.SIGKILL, code: 137, reason: sandbox.ReasonError},
		{name: "by SIGKILL although deaf", command: []string{"deaf"}, signal: sandbox.SIGKILL, code: 137, reason: sandbox.ReasonError},
		{name: "of a stack without end", command: []string{"recurse"}, code: 139, reason: sandbox.ReasonError},
		{name: "of memory, little by little", command: []string{"hoard"}, code: 137, memory: 64 << 20, reason: sandbox.ReasonOOMKilled},
		{name: "of memory, by the default", command: []string{"hoard"}, code: 137, reason: sandbox.ReasonOOMKilled},
		{name: "of a panic that nobody catches", command: []string{"panic"}, code: 134, reason: sandbox.ReasonError},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRuntime(t, Config{})
			beside := start(t, newPod(t, r, "10.244.0.3"), sandbox.ContainerConfig{}, "wait")
			c := start(t, newPod(t, r, "10.244.0.2"), sandbox.ContainerConfig{MemoryBytes: tt.memory}, tt.command...)
			if tt.signal != 0 {
				if err := c.Signal(tt.signal); err != nil {
					t.Fatal(err)
				}
			}
			exit := ends(t, c)
			if exit.Code != tt.code || exit.Reason != tt.reason {
				t.Errorf("ended as %+v, not with %d, %s", exit, tt.code, tt.reason)
			}
			if exit.StartedAt.IsZero() || exit.FinishedAt.Before(exit.StartedAt) {
				t.Errorf("times %v, %v", exit.StartedAt, exit.FinishedAt)
			}
			if err := c.Remove(); err != nil {
				t.Error(err)
			}
			select {
			case <-c.process.gone:
			case <-time.After(time.Minute):
				t.Error("its process is still there")
			}
			if _, err := os.Stat(c.process.dir); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("its files: %v", err)
			}
			if beside.isOver() {
				t.Errorf("the container beside it ended as well: %+v", beside.Exit())
			}
			if code, err := beside.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"exit", "5"}}); code != 5 || err != nil {
				t.Errorf("exec beside it: %d, %v", code, err)
			}
		})
	}
}

func TestStartErrors(t *testing.T) {
	p := newPod(t, newRuntime(t, Config{}), "10.244.0.2")
	c, err := p.Create(t.Context(), sandbox.ContainerConfig{Name: "app", Image: testImage(), Command: []string{"none"}})
	if err != nil {
		t.Fatal(err)
	}
	err = c.Start(t.Context())
	var start *sandbox.StartError
	if !errors.As(err, &start) || start.Code != 127 || !strings.Contains(start.Text, `exec: "none": executable file not found in $PATH`) {
		t.Errorf("%v", err)
	}
	if x := ends(t, c); x.Code != 128 || x.Reason != sandbox.ReasonStartError || x.Message != start.Text {
		t.Errorf("%+v", x)
	}
}

func TestExec(t *testing.T) {
	c := start(t, newPod(t, newRuntime(t, Config{}), "10.244.0.2"), sandbox.ContainerConfig{}, "wait")
	t.Run("streams and code", func(t *testing.T) {
		var out, errs bytes.Buffer
		code, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"say", "hello"}, Stdout: &out, Stderr: &errs})
		if code != 3 || err != nil || out.String() != "hello\n" || errs.String() != "and an error\n" {
			t.Errorf("%d, %v, %q, %q", code, err, &out, &errs)
		}
	})
	t.Run("input to its end", func(t *testing.T) {
		var out bytes.Buffer
		text := strings.Repeat("a line of input\n", 100_000)
		code, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"copy"}, Stdin: strings.NewReader(text), Stdout: &out})
		if code != 0 || err != nil || out.String() != text {
			t.Errorf("%d, %v, %d bytes of %d", code, err, out.Len(), len(text))
		}
	})
	t.Run("no such program", func(t *testing.T) {
		_, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"/none"}})
		var start *sandbox.StartError
		if !errors.As(err, &start) || start.Code != 127 {
			t.Errorf("%v", err)
		}
	})
	t.Run("canceled while it writes without end", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var once bool
		_, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"endless"}, Stdout: writerFunc(func(b []byte) (int, error) {
			if !once {
				once = true
				cancel()
			}
			return len(b), nil
		})})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("a client that takes nothing", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		blocked := make(chan struct{})
		taken := make(chan struct{})
		go func() {
			<-taken
			cancel()
		}()
		_, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"endless"}, Stdout: writerFunc(func([]byte) (int, error) {
			select {
			case <-taken:
			default:
				close(taken)
			}
			<-blocked
			return 0, io.ErrClosedPipe
		})})
		close(blocked)
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("a client that is gone", func(t *testing.T) {
		var writes int
		code, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"endless"}, Stdout: writerFunc(func([]byte) (int, error) {
			writes++
			return 0, io.ErrClosedPipe
		})})
		if writes != 1 || code != 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("%d writes, code %d, %v", writes, code, err)
		}
	})
	t.Run("killed with its container", func(t *testing.T) {
		result := make(chan int, 1)
		said := make(chan struct{})
		go func() {
			code, _ := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"keep", "1"}, Stdout: writerFunc(func(b []byte) (int, error) {
				close(said)
				return len(b), nil
			})})
			result <- code
		}()
		<-said
		if err := c.Signal(sandbox.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if code := <-result; code != 137 {
			t.Errorf("code %d", code)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestNetworkAcrossProcesses(t *testing.T) {
	r := newRuntime(t, Config{})
	a, b := newPod(t, r, "10.244.0.2"), newPod(t, r, "10.244.0.3")
	start(t, a, sandbox.ContainerConfig{}, "echo")
	sidecar := start(t, a, sandbox.ContainerConfig{Name: "sidecar"}, "wait")
	other := start(t, b, sandbox.ContainerConfig{}, "wait")
	for len(r.Listeners()) == 0 {
		runtime.Gosched()
	}
	call := func(c *Container, address string) string {
		var out bytes.Buffer
		if _, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"call", address}, Stdout: &out}); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	same := func(s string) bool { from, to, _ := strings.Cut(s, " "); return from == to }
	if got := call(other, "10.244.0.2:80"); !same(got) || !strings.HasPrefix(got, "10.244.0.3:") {
		t.Errorf("from another pod: %s", got)
	}
	if got := call(sidecar, "localhost:80"); !same(got) || !strings.HasPrefix(got, "127.0.0.1:") {
		t.Errorf("from another container of the pod: %s", got)
	}
	if got := call(other, "10.244.0.2:81"); got != "dial tcp 10.244.0.2:81: connect: connection refused" {
		t.Errorf("where nobody listens: %s", got)
	}
	if got := call(other, "10.244.0.9:80"); got != "dial tcp 10.244.0.9:80: connect: no route to host" {
		t.Errorf("where no pod is: %s", got)
	}
	conn, err := r.Dial(t.Context(), "tcp", "10.244.0.2:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if data, _ := io.ReadAll(conn); string(data) != conn.LocalAddr().String() || !strings.HasPrefix(string(data), "10.244.0.1:") {
		t.Errorf("the node's connection comes from %s, and is told %s", conn.LocalAddr(), data)
	}
	// Another program of the machine knows the real port, and gets nothing there.
	stranger, err := net.Dial("tcp", r.Listeners()[0].Real.String())
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	if data, _ := io.ReadAll(stranger); len(data) > 0 {
		t.Errorf("a stranger is told %q", data)
	}
	if err := a.Remove(); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Listeners()); n != 0 {
		t.Errorf("%d listeners are left", n)
	}
}

func TestFilesInMemoryAreMemory(t *testing.T) {
	r := newRuntime(t, Config{})
	tests := []struct {
		name   string
		mb     string
		code   int
		reason string
	}{
		{"little", "20", 0, sandbox.ReasonCompleted},
		{"more than the container may hold", "100", 137, sandbox.ReasonOOMKilled},
		{"more than the volume may hold", "300", 1, sandbox.ReasonError},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPod(t, r, fmt.Sprintf("10.244.1.%d", i))
			limit := int64(64 << 20)
			if tt.code == 1 {
				limit = 1 << 30
			}
			c := start(t, p, sandbox.ContainerConfig{
				MemoryBytes: limit, Mounts: []sandbox.Mount{{Source: t.TempDir(), Target: "/cache", MemoryBytes: 200 << 20}},
			}, "fill", "/cache/file", tt.mb)
			if x := ends(t, c); x.Code != tt.code || x.Reason != tt.reason {
				t.Errorf("%+v", x)
			}
		})
	}
}

func TestOpenFilesAreBounded(t *testing.T) {
	c := start(t, newPod(t, newRuntime(t, Config{}), "10.244.0.2"), sandbox.ContainerConfig{}, "wait")
	var out bytes.Buffer
	if _, err := c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"open"}, Stdout: &out}); err != nil {
		t.Fatal(err)
	}
	var n int
	var rest string
	if _, err := fmt.Sscanf(out.String(), "%d %s", &n, &rest); err != nil || n < 900 || n > 1100 ||
		!strings.HasSuffix(out.String(), string(sandbox.EMFILE)) {
		t.Errorf("%s", &out)
	}
}

func TestSharedProcessNamespace(t *testing.T) {
	r := newRuntime(t, Config{})
	p, err := r.RunPod(sandbox.PodConfig{UID: "u", Namespace: "default", Name: "pod", IP: "10.244.0.2", ShareProcessNamespace: true})
	if err != nil {
		t.Fatal(err)
	}
	a := start(t, p, sandbox.ContainerConfig{Name: "a"}, "wait")
	b := start(t, p, sandbox.ContainerConfig{Name: "b"}, "exit", "4")
	if x := ends(t, b); x.Code != 4 {
		t.Errorf("%+v", x)
	}
	if a.process != b.process || a.isOver() {
		t.Errorf("not in one process, or ended with it")
	}
	again := start(t, p, sandbox.ContainerConfig{Name: "b"}, "wait")
	if again.process != a.process {
		t.Error("a restarted container has another process namespace")
	}
	if err := b.Remove(); err != nil {
		t.Error(err)
	}
	if err := p.Remove(); err != nil {
		t.Error(err)
	}
	if x := ends(t, a); x.Code != 137 {
		t.Errorf("%+v", x)
	}
}

func TestProcessesOfAnother(t *testing.T) {
	p := newPod(t, newRuntime(t, Config{}), "10.244.0.2")
	a := start(t, p, sandbox.ContainerConfig{}, "wait")
	b := start(t, p, sandbox.ContainerConfig{Name: "debugger", ProcessesOf: a.ID()}, "wait")
	if a.process != b.process {
		t.Error("it cannot see the other's processes")
	}
	if err := a.Signal(sandbox.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ends(t, a)
	if b.isOver() {
		t.Error("it ended with the other")
	}
}

func TestContainersShareProcessesAboveTheMost(t *testing.T) {
	r := newRuntime(t, Config{MaxProcesses: 2})
	var all []*Container
	for i := range 6 {
		all = append(all, start(t, newPod(t, r, fmt.Sprintf("10.244.0.%d", i+2)), sandbox.ContainerConfig{}, "wait"))
	}
	seen := map[*process]int{}
	for _, c := range all {
		seen[c.process]++
	}
	for p, n := range seen {
		if len(seen) != 2 || n != 3 {
			t.Errorf("%d processes, one with %d containers (%s)", len(seen), n, p.title)
		}
	}
}

func TestAllContainersTogetherAreBounded(t *testing.T) {
	victims := make(chan string, 10)
	r := newRuntime(t, Config{MemoryBytes: 150 << 20, DefaultBytes: 1 << 30, OutOfMemory: func(v string) { victims <- v }})
	small := start(t, newPod(t, r, "10.244.0.2"), sandbox.ContainerConfig{}, "keep", "20")
	large := start(t, newPod(t, r, "10.244.0.3"), sandbox.ContainerConfig{}, "keep", "90")
	next := start(t, newPod(t, r, "10.244.0.4"), sandbox.ContainerConfig{}, "keep", "60")
	if x := ends(t, large); x.Reason != sandbox.ReasonOOMKilled || x.Code != 137 {
		t.Errorf("%+v", x)
	}
	if small.isOver() || next.isOver() {
		t.Error("a smaller one ended")
	}
	if v := <-victims; v != large.process.title {
		t.Errorf("%s was named", v)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	r := newRuntime(t, Config{})
	c := start(t, newPod(t, r, "10.244.0.2"), sandbox.ContainerConfig{}, "deaf")
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if x := ends(t, c); x.Code != 137 {
		t.Errorf("%+v", x)
	}
	if _, err := os.Stat(r.cfg.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its directory: %v", err)
	}
	if _, err := r.RunPod(sandbox.PodConfig{IP: "10.244.0.3"}); err == nil {
		t.Error("a closed runtime runs a pod")
	}
}
