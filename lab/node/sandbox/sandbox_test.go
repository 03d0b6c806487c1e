package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"healthlab/lab/node/network"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// image has the programs by name in /bin.
func image(programs map[string]Program) *Image {
	i := &Image{Name: "test.local/image", Programs: map[string]Program{}}
	for name, p := range programs {
		i.Programs["/bin/"+name] = p
	}
	i.Programs["/bin/wait"] = func(ctx context.Context, _ *Process) int { <-ctx.Done(); return 0 }
	return i
}

func newRuntime(t *testing.T) *Runtime {
	t.Helper()
	r, err := New(Config{Dir: filepath.Join(t.TempDir(), "run"), HostIP: "10.244.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(r.dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left behind: %v", err)
		}
	})
	return r
}

func newPod(t *testing.T, r *Runtime, ip string) *Pod {
	t.Helper()
	p, err := r.RunPod(PodConfig{Namespace: "default", Name: "pod", IP: ip})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func start(t *testing.T, pod *Pod, cfg ContainerConfig) *Container {
	t.Helper()
	if cfg.Name == "" {
		cfg.Name = "app"
	}
	c, err := pod.Create(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func wait(t *testing.T, c *Container) Exit {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(time.Minute):
		t.Fatal("the container does not end")
	}
	return c.Exit()
}

func run(t *testing.T, c *Container, command ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code, err := c.Exec(t.Context(), ExecConfig{Command: command, Stdout: &o, Stderr: &e})
	if err != nil {
		t.Fatalf("exec %q: %v", command, err)
	}
	return o.String(), e.String(), code
}

func TestMainProgramEnds(t *testing.T) {
	programs := map[string]Program{
		"zero":  func(context.Context, *Process) int { return 0 },
		"three": func(context.Context, *Process) int { return 3 },
		"panic": func(context.Context, *Process) int { panic("out of ideas") },
		"term":  func(_ context.Context, p *Process) int { <-p.Notify(SIGTERM); return 143 },
	}
	tests := []struct {
		name, program string
		sig           Signal
		want          Exit
		log           string
	}{
		{name: "completes", program: "zero", want: Exit{Reason: ReasonCompleted}},
		{name: "fails", program: "three", want: Exit{Code: 3, Reason: ReasonError}},
		{name: "panics", program: "panic", want: Exit{Code: 2, Reason: ReasonError}, log: "panic: out of ideas"},
		{name: "killed", program: "wait", sig: SIGKILL, want: Exit{Code: 137, Signal: SIGKILL, Reason: ReasonError}},
		{name: "handles TERM", program: "term", sig: SIGTERM, want: Exit{Code: 143, Reason: ReasonError}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pod := newPod(t, newRuntime(t), "10.244.0.5")
			log := filepath.Join(t.TempDir(), "0.log")
			c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{tt.program}, LogPath: log})
			for tt.sig != 0 && c.Signal(tt.sig) == nil {
				select {
				case <-c.Done():
				case <-time.After(time.Millisecond):
				}
			}
			got := wait(t, c)
			if got.StartedAt.IsZero() || got.FinishedAt.Before(got.StartedAt) {
				t.Errorf("times: %+v", got)
			}
			got.StartedAt, got.FinishedAt = time.Time{}, time.Time{}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			text, err := os.ReadFile(log)
			if err != nil || !strings.Contains(string(text), tt.log) {
				t.Errorf("log %q, %v", text, err)
			}
		})
	}
}

func TestSignals(t *testing.T) {
	programs := map[string]Program{
		"ignorer": func(ctx context.Context, p *Process) int {
			p.Ignore(SIGTERM)
			_, _ = io.WriteString(p.Stdout, "ready\n")
			<-ctx.Done()
			return 0
		},
		"spawn": func(ctx context.Context, p *Process) int {
			child, err := p.Start(Command{Path: p.Args[1]})
			if err != nil {
				return 99
			}
			sig, err := ParseSignal(p.Args[2])
			if err != nil {
				return 98
			}
			if err := p.Kill(child.PID(), sig); err != nil {
				return 97
			}
			<-child.Done()
			return child.ExitCode()
		},
		"killone": func(_ context.Context, p *Process) int {
			if err := p.Kill(1, SIGKILL); err != nil {
				return 1
			}
			if err := p.Kill(4242, SIGTERM); !errors.Is(err, ESRCH) {
				return 2
			}
			return 0
		},
	}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{"wait"}})
	tests := []struct {
		name    string
		command []string
		code    int
	}{
		{"TERM ends a child", []string{"spawn", "wait", "TERM"}, 143},
		{"USR1 ends a child", []string{"spawn", "wait", "USR1"}, 138},
		{"KILL ends a child", []string{"spawn", "wait", "9"}, 137},
		{"PID 1 is safe from inside", []string{"killone"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, code := run(t, c, tt.command...); code != tt.code {
				t.Errorf("code %d, want %d", code, tt.code)
			}
		})
	}
	for _, sig := range []Signal{SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD} {
		if err := c.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, code := run(t, c, "killone"); code != 0 {
		t.Errorf("PID 1 did not survive: %d", code)
	}
	if n := len(c.table.all(nil)); n != 1 {
		t.Errorf("%d processes are left", n)
	}
}

func TestParseSignal(t *testing.T) {
	tests := []struct {
		text string
		want Signal
		bad  bool
	}{
		{"SIGUSR1", SIGUSR1, false},
		{"usr1", SIGUSR1, false},
		{"10", SIGUSR1, false},
		{"0", 0, false},
		{"SIGKILL", SIGKILL, false},
		{"SIGRTMIN+3", 37, false},
		{"WINCH", SIGWINCH, false},
		{"", 0, true},
		{"SIG", 0, true},
		{"FOO", 0, true},
		{"-1", 0, true},
		{"65", 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParseSignal(tt.text)
			if got != tt.want || (err != nil) != tt.bad {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestStartErrors(t *testing.T) {
	img := image(nil)
	img.Files = map[string]ImageFile{"/bin/text": {Data: []byte("hello")}, "/bin/binary": {Data: []byte("\x7fELF"), Mode: 0o755}}
	tests := []struct {
		name, command, cause string
	}{
		{"not in PATH", "foo", `exec: "foo": executable file not found in $PATH`},
		{"no such path", "/no/foo", `exec: "/no/foo": stat /no/foo: no such file or directory`},
		{"a whole command", "cat /tmp/healthy", `exec: "cat /tmp/healthy": stat cat /tmp/healthy: no such file or directory`},
		{"a relative path", "./foo", `exec: "./foo": stat ./foo: no such file or directory`},
		{"not executable", "/bin/text", `exec: "/bin/text": permission denied`},
		{"a directory", "/tmp", `exec: "/tmp": permission denied`},
		{"no program", "/bin/binary", `exec /bin/binary: exec format error`},
	}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	running := start(t, pod, ContainerConfig{Image: img, Command: []string{"wait"}})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := pod.Create(ContainerConfig{Name: "bad", Image: img, Command: []string{tt.command}})
			if err != nil {
				t.Fatal(err)
			}
			var failed *StartError
			if err := c.Start(t.Context()); !errors.As(err, &failed) || failed.Cause != tt.cause {
				t.Errorf("start: %v", err)
			}
			if exit := wait(t, c); exit.Code != 128 || exit.Reason != ReasonStartError || exit.Message != failed.Text {
				t.Errorf("exit: %+v", exit)
			}
			_, err = running.Exec(t.Context(), ExecConfig{Command: []string{tt.command}})
			if !errors.As(err, &failed) || failed.Cause != tt.cause {
				t.Errorf("exec: %v", err)
			}
		})
	}
}

func TestExec(t *testing.T) {
	programs := map[string]Program{
		"cat": func(_ context.Context, p *Process) int {
			_, _ = io.Copy(p.Stdout, p.Stdin)
			_, _ = io.WriteString(p.Stderr, "done")
			return 4
		},
		"leave": func(_ context.Context, p *Process) int {
			if _, err := p.Start(Command{Path: "wait"}); err != nil {
				return 1
			}
			return 0
		},
	}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{"wait"}})
	t.Run("streams", func(t *testing.T) {
		var out, errs bytes.Buffer
		big := strings.Repeat("0123456789", 50_000)
		code, err := c.Exec(t.Context(), ExecConfig{
			Command: []string{"cat"}, Stdin: strings.NewReader(big), Stdout: &out, Stderr: &errs,
		})
		if err != nil || code != 4 || out.String() != big || errs.String() != "done" {
			t.Errorf("%d %v, %d bytes, %q", code, err, out.Len(), errs.String())
		}
	})
	t.Run("a timeout kills", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := c.Exec(ctx, ExecConfig{Command: []string{"wait"}}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if n := len(c.table.all(nil)); n != 1 {
			t.Errorf("%d processes are left", n)
		}
	})
	t.Run("a child left behind keeps it waiting and lives on", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.Exec(ctx, ExecConfig{Command: []string{"leave"}}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		left := c.table.all(nil)
		if len(left) != 2 || left[1].PPID() != 1 {
			t.Fatalf("%d processes are left", len(left))
		}
		left[1].deliver(SIGKILL, nil)
		<-left[1].Done()
	})
	t.Run("not after the end", func(t *testing.T) {
		if err := c.Signal(SIGKILL); err != nil {
			t.Fatal(err)
		}
		wait(t, c)
		if _, err := c.Exec(t.Context(), ExecConfig{Command: []string{"wait"}}); err == nil {
			t.Error("exec in an ended container")
		}
		if c.Signal(SIGTERM) == nil {
			t.Error("signal to an ended container")
		}
	})
}

func TestProcessLimit(t *testing.T) {
	programs := map[string]Program{"bomb": func(ctx context.Context, p *Process) int {
		for {
			if _, err := p.Start(Command{Path: "bomb"}); err != nil {
				_, _ = fmt.Fprintf(p.Stderr, "fork: %v\n", err)
				<-ctx.Done()
				return 1
			}
		}
	}}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	log := filepath.Join(t.TempDir(), "0.log")
	c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{"bomb"}, MaxProcesses: 20, LogPath: log})
	for {
		if text, _ := os.ReadFile(log); strings.Count(string(text), "fork: Resource temporarily unavailable\n") == 20 {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("no limit")
		}
	}
	if n := len(c.table.all(nil)); n != 20 {
		t.Errorf("%d processes", n)
	}
	other := start(t, pod, ContainerConfig{Name: "other", Image: image(programs), Command: []string{"wait"}})
	if err := other.Remove(); err != nil {
		t.Error(err)
	}
	if err := c.Signal(SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, c)
}

func TestPrintsWithoutEnd(t *testing.T) {
	programs := map[string]Program{"yes": func(ctx context.Context, p *Process) int {
		for ctx.Err() == nil {
			_, _ = io.WriteString(p.Stdout, strings.Repeat("y", 100)+"\n")
		}
		return 0
	}}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	dir := t.TempDir()
	log := filepath.Join(dir, "[0].log")
	c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{"yes"}, LogPath: log, LogMaxBytes: 20_000})
	for {
		if files, _ := filepath.Glob(filepath.Join(dir, "*.gz")); len(files) == 3 {
			break
		}
		if t.Context().Err() != nil {
			t.Fatal("never rotated")
		}
	}
	began := time.Now()
	if err := c.Signal(SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, c)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the kill took %v", took)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) > 5 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if info, err := os.Stat(log); err != nil || info.Size() > 20_000 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestLogLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "0.log")
	l, err := openLog(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &logStream{log: l, name: "stdout"}
	for _, text := range []string{"one\ntw", "o\n", strings.Repeat("x", 20_000) + "\n", "end"} {
		if _, err := s.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	s.flush()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n") {
		at, rest, _ := strings.Cut(line, " ")
		if _, err := time.Parse(time.RFC3339Nano, at); err != nil || len(at) != len("2026-11-23T13:42:41.123456789Z") {
			t.Errorf("time %q", at)
		}
		got = append(got, rest)
	}
	want := []string{
		"stdout F one", "stdout F two", "stdout P " + strings.Repeat("x", 16384), "stdout F " + strings.Repeat("x", 20_000-16384),
		"stdout P end",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%d lines", len(got))
	}
}

func TestFilesStayInside(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts := filepath.Join(outside, "hosts")
	if err := os.WriteFile(hosts, []byte("hosts"), 0o600); err != nil {
		t.Fatal(err)
	}
	volume := t.TempDir()
	if err := os.Symlink(secret, filepath.Join(volume, "planted")); err != nil {
		t.Fatal(err)
	}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	c := start(t, pod, ContainerConfig{Image: image(nil), Command: []string{"wait"}, Mounts: []Mount{
		{Source: volume, Target: "/data"},
		{Source: secret, Target: "/one", ReadOnly: true},
		{Source: hosts, Target: "/etc/hosts"},
	}})
	f := c.FS()
	for link, target := range map[string]string{
		"/tmp/abs": secret, "/tmp/up": strings.Repeat("../", 30) + secret[1:], "/tmp/dir": outside, "/tmp/loop": "loop",
		"/data/abs": secret,
	} {
		if err := f.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{
		secret, "/.." + secret, strings.Repeat("/..", 30) + secret, "/tmp/abs", "/tmp/up", "/tmp/dir/secret", "/tmp/loop",
		"/data/abs", "/data/planted", "/data/../.." + secret, "/tmp/../../" + secret,
	} {
		t.Run(name, func(t *testing.T) {
			if data, err := f.ReadFile(name, 100); err == nil {
				t.Errorf("read %q", data)
			}
			_ = f.WriteFile(name, []byte("mine"), 0o600)
			_ = f.Chmod(name, 0o777)
		})
	}
	if data, err := os.ReadFile(secret); err != nil || string(data) != "secret" {
		t.Errorf("secret is %q, %v", data, err)
	}
	if data, err := f.ReadFile("/one", 100); err != nil || string(data) != "secret" {
		t.Errorf("a mounted file: %q, %v", data, err)
	}
	if err := f.WriteFile("/one", nil, 0); !errors.Is(err, EROFS) {
		t.Errorf("writing a read-only mount: %v", err)
	}
	if err := f.Remove("/data"); !errors.Is(err, EBUSY) {
		t.Errorf("removing a mount point: %v", err)
	}
	for _, err := range []error{f.Remove("/etc/hosts"), f.Rename("/etc/hosts", "/tmp/h"), f.Rename("/tmp/up", "/etc/hosts")} {
		if !errors.Is(err, EBUSY) {
			t.Errorf("taking away or replacing a mounted file: %v", err)
		}
	}
	if _, err := os.Stat(hosts); err != nil {
		t.Error(err)
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"/", "/tmp/../..", "/a/./b", "//x", "/tmp/l/../x", "/\x00", "/l/l/l", "..", "/tmp/" + strings.Repeat("a", 300)} {
		f.Add(seed)
	}
	root, err := os.OpenRoot(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = root.Close() })
	files := &FS{root: layer{target: "/", root: root}, quota: &quota{limit: 1 << 20}}
	_ = files.MkdirAll("/tmp/d", 0o755)
	_ = files.Symlink("/tmp", "/l")
	_ = files.Symlink("../../../..", "/tmp/up")
	f.Fuzz(func(t *testing.T, name string) {
		clean, err := files.Resolve(name, true)
		if err != nil {
			return
		}
		if !strings.HasPrefix(clean, "/") || strings.Contains(clean, "/../") || strings.HasSuffix(clean, "/..") {
			t.Errorf("%q resolves to %q", name, clean)
		}
	})
}

func TestDiskLimit(t *testing.T) {
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	c := start(t, pod, ContainerConfig{Image: image(nil), Command: []string{"wait"}, DiskBytes: 100_000})
	f := c.FS()
	if err := f.WriteFile("/tmp/a", make([]byte, 60_000), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteFile("/tmp/b", make([]byte, 60_000), 0o644); !errors.Is(err, ENOSPC) || errnoOf(err).Error() != "No space left on device" {
		t.Errorf("no limit: %v", err)
	}
	if err := f.WriteFile("/tmp/a", make([]byte, 30_000), 0o644); err != nil {
		t.Errorf("a smaller one: %v", err)
	}
	if err := f.Remove("/tmp/b"); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove("/tmp/a"); err != nil {
		t.Fatal(err)
	}
	if used, _ := f.Usage(); used != 0 {
		t.Errorf("%d bytes are still counted", used)
	}
	for i := 0; ; i++ {
		if err := f.WriteFile(fmt.Sprintf("/tmp/%d", i), nil, 0o644); err != nil {
			if !errors.Is(err, ENOSPC) {
				t.Error(err)
			}
			break
		}
		if i > 1000 {
			t.Fatal("empty files are not bounded")
		}
	}
	readOnly := start(t, pod, ContainerConfig{Name: "ro", Image: image(nil), Command: []string{"wait"}, ReadOnlyRoot: true})
	if err := readOnly.FS().WriteFile("/tmp/x", nil, 0o644); !errors.Is(err, EROFS) {
		t.Errorf("a read-only root: %v", err)
	}
}

// echo listens on the address in its argument, says who called, and echoes.
func echo(ctx context.Context, p *Process) int {
	l, err := p.Listen("tcp", p.Args[1])
	if err != nil {
		_, _ = fmt.Fprintln(p.Stderr, err)
		return 1
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			return 0
		}
		_, _ = fmt.Fprintf(conn, "%s %s\n", conn.RemoteAddr().(*net.TCPAddr).IP, conn.LocalAddr())
		_ = conn.Close()
	}
}

func TestNetwork(t *testing.T) {
	r := newRuntime(t)
	programs := map[string]Program{"echo": echo, "dial": func(ctx context.Context, p *Process) int {
		conn, err := p.Dial(ctx, "tcp", p.Args[1])
		if err != nil {
			_, _ = fmt.Fprintln(p.Stdout, err)
			return 1
		}
		_, _ = io.Copy(p.Stdout, conn)
		return 0
	}}
	a, b := newPod(t, r, "10.244.0.5"), newPod(t, r, "10.244.0.6")
	all := start(t, a, ContainerConfig{Image: image(programs), Command: []string{"echo", ":80"}})
	start(t, a, ContainerConfig{Name: "local", Image: image(programs), Command: []string{"echo", "127.0.0.1:81"}})
	client := start(t, b, ContainerConfig{Image: image(programs), Command: []string{"wait"}})
	dial := func(address string) string {
		conn, err := r.Dial(t.Context(), "tcp", address)
		if err != nil {
			return err.Error()
		}
		defer conn.Close()
		if conn.RemoteAddr().String() != address {
			t.Errorf("remote address %s", conn.RemoteAddr())
		}
		data, err := io.ReadAll(conn)
		if err != nil {
			return err.Error()
		}
		return strings.TrimSpace(string(data))
	}
	until := func(want string, f func() string) {
		t.Helper()
		got := ""
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
			if got = f(); got == want {
				return
			}
		}
		t.Errorf("got %q, want %q", got, want)
	}
	forward := func(address string) func() string {
		return func() string {
			conn, err := a.Dial(t.Context(), "tcp", address)
			if err != nil {
				return err.Error()
			}
			defer conn.Close()
			data, _ := io.ReadAll(conn)
			return strings.TrimSpace(string(data))
		}
	}
	inside := func(c *Container, address string) func() string {
		return func() string {
			out, _, _ := run(t, c, "dial", address)
			return strings.TrimSpace(out)
		}
	}
	until("10.244.0.1 10.244.0.5:80", func() string { return dial("10.244.0.5:80") })
	until("127.0.0.1 127.0.0.1:80", inside(all, "localhost:80"))
	until("::1 [::1]:80", inside(all, "[::1]:80"))
	until("10.244.0.5 10.244.0.5:80", inside(all, "10.244.0.5:80"))
	until("10.244.0.6 10.244.0.5:80", inside(client, "10.244.0.5:80"))
	until("127.0.0.1 127.0.0.1:81", inside(all, "127.0.0.1:81"))
	until("127.0.0.1 127.0.0.1:80", forward("localhost:80"))
	until("127.0.0.1 127.0.0.1:81", forward("localhost:81"))
	until("dial tcp 127.0.0.1:9999: connect: connection refused", forward("localhost:9999"))
	until("dial tcp 10.244.0.5:81: connect: connection refused", func() string { return dial("10.244.0.5:81") })
	until("dial tcp 10.244.0.6:9999: connect: connection refused", func() string { return dial("10.244.0.6:9999") })
	until("dial tcp 127.0.0.1:80: connect: connection refused", func() string { return dial("127.0.0.1:80") })
	until("dial tcp 10.244.9.9:80: connect: no route to host", inside(client, "10.244.9.9:80"))
	until("dial tcp 127.0.0.1:80: connect: connection refused", inside(client, "127.0.0.1:80"))
	if _, errs, code := run(t, all, "echo", "0.0.0.0:80"); code != 1 || errs != "listen tcp 0.0.0.0:80: bind: address already in use\n" {
		t.Errorf("a taken port: %d %q", code, errs)
	}
	if _, err := r.Dial(t.Context(), "tcp", "10.244.0.6:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("refused: %v", err)
	}
	if err := all.Signal(SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, all)
	if got := dial("10.244.0.5:80"); got != "dial tcp 10.244.0.5:80: connect: connection refused" {
		t.Errorf("after the end: %s", got)
	}
	if err := a.Remove(); err != nil {
		t.Fatal(err)
	}
	if got := dial("10.244.0.5:80"); got != "dial tcp 10.244.0.5:80: connect: no route to host" {
		t.Errorf("after the pod's end: %s", got)
	}
}

func TestStrangersAreTurnedAway(t *testing.T) {
	r := newRuntime(t)
	pod := newPod(t, r, "10.244.0.5")
	start(t, pod, ContainerConfig{Image: image(map[string]Program{"echo": echo}), Command: []string{"echo", ":80"}})
	var servers []network.Server
	for len(servers) == 0 {
		servers = r.own.Servers()
	}
	conn, err := net.Dial("tcp", servers[0].Real.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if data, _ := io.ReadAll(conn); len(data) > 0 {
		t.Errorf("a stranger was told %q", data)
	}

	// Many of them are turned away sooner: they take the container's files.
	first, err := net.Dial("tcp", servers[0].Real.String())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_ = first.SetReadDeadline(time.Now().Add(network.AdmitTime / 2))
	for range 2 * network.MaxUnclaimed {
		more, err := net.Dial("tcp", servers[0].Real.String())
		if err != nil {
			t.Fatal(err)
		}
		defer more.Close()
	}
	if _, err := first.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the first of many is still held: %v", err)
	}
}

func TestSharedProcessNamespace(t *testing.T) {
	r := newRuntime(t)
	pod, err := r.RunPod(PodConfig{Name: "pod", IP: "10.244.0.5", ShareProcessNamespace: true})
	if err != nil {
		t.Fatal(err)
	}
	a := start(t, pod, ContainerConfig{Image: image(nil), Command: []string{"wait"}})
	b := start(t, pod, ContainerConfig{Name: "b", Image: image(nil), Command: []string{"wait"}})
	if n := len(a.table.all(nil)); n != 3 {
		t.Errorf("%d processes", n)
	}
	if err := a.Signal(SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := wait(t, a); exit.Code != 143 {
		t.Errorf("not PID 1, so TERM ends it: %+v", exit)
	}
	select {
	case <-b.Done():
		t.Error("the other container ended too")
	default:
	}
}

func TestAttach(t *testing.T) {
	programs := map[string]Program{"cat": func(_ context.Context, p *Process) int {
		_, _ = io.Copy(p.Stdout, p.Stdin)
		return 0
	}}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{"cat"}, Stdin: true})
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Attach(ctx, ExecConfig{Stdin: inR, Stdout: outW}) }()
	if _, err := io.WriteString(inW, "hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(outR, got); err != nil || string(got) != "hello" {
		t.Errorf("%q %v", got, err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("detached: %v", err)
	}
	_ = inW.Close()
	select {
	case <-c.Done():
		t.Error("detaching ended the container")
	default:
	}
}

func TestAttachOnce(t *testing.T) {
	programs := map[string]Program{"cat": func(_ context.Context, p *Process) int {
		_, _ = io.Copy(p.Stdout, p.Stdin)
		return 0
	}}
	for name, tty := range map[string]bool{"pipe": false, "terminal": true} {
		t.Run(name, func(t *testing.T) {
			pod := newPod(t, newRuntime(t), "10.244.0.5")
			c := start(t, pod, ContainerConfig{
				Image: image(programs), Command: []string{"cat"}, Stdin: true, StdinOnce: true, TTY: tty,
			})
			var out bytes.Buffer
			err := c.Attach(t.Context(), ExecConfig{Stdin: strings.NewReader("hello\n"), Stdout: &out})
			if err != nil || !strings.Contains(out.String(), "hello") {
				t.Errorf("%v %q", err, out.String())
			}
			if exit := wait(t, c); exit.Code != 0 {
				t.Errorf("%+v", exit)
			}
		})
	}
}

func TestTerminationMessage(t *testing.T) {
	programs := map[string]Program{"last": func(_ context.Context, p *Process) int {
		if err := p.FS().WriteFile("/dev/termination-log", []byte("0123456789"), 0o644); err != nil {
			return 9
		}
		return 1
	}}
	pod := newPod(t, newRuntime(t), "10.244.0.5")
	c := start(t, pod, ContainerConfig{Image: image(programs), Command: []string{"last"}})
	wait(t, c)
	if data, err := c.ReadFile("/dev/termination-log", 4); err != nil || string(data) != "6789" {
		t.Errorf("%q %v", data, err)
	}
	if _, err := c.ReadFile("/none", 4); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
