package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Container is one container: a root directory, processes, and a log.
type Container struct {
	id    string
	cfg   ContainerConfig
	pod   *Pod
	dir   string // holds the root directory
	fs    *FS
	table *table

	ctx     context.Context // ends when the container has ended
	cancel  context.CancelFunc
	log     *containerLog
	streams [2]*logStream
	out     *fanout
	errs    *fanout
	stdin   *pipeWriter // with Stdin and without TTY
	term    *Terminal   // with TTY

	main    *Process // PID 1, set by Start; guarded by table.mu with closing
	closing bool     // no process may be started any more

	done chan struct{}

	mu      sync.Mutex
	started bool
	removed bool
	exit    Exit
}

func (c *Container) maxProcesses() int {
	if c.cfg.MaxProcesses > 0 {
		return c.cfg.MaxProcesses
	}
	return 128
}

// newContainer makes the root directory.
func (p *Pod) newContainer(cfg ContainerConfig) (*Container, error) {
	if cfg.ID == "" {
		cfg.ID = newID()
	}
	c := &Container{id: cfg.ID, cfg: cfg, pod: p, table: p.table, done: make(chan struct{})}
	switch {
	case c.table != nil:
	case cfg.ProcessesOf != "":
		of := p.Container(cfg.ProcessesOf)
		if of == nil {
			return nil, fmt.Errorf("sandbox: container %s: there is no container %s", cfg.Name, cfg.ProcessesOf)
		}
		c.table = of.table
	default:
		c.table = newTable()
	}
	c.dir = filepath.Join(p.runtime.dir, c.id)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	if err := c.makeRoot(); err != nil {
		return nil, fmt.Errorf("sandbox: container %s: %w", cfg.Name, errors.Join(err, c.discard()))
	}
	var err error
	if c.log, err = openLog(c.ctx, cfg.LogPath, cfg.LogMaxBytes); err != nil {
		return nil, fmt.Errorf("sandbox: container %s: %w", cfg.Name, errors.Join(err, c.discard()))
	}
	return c, nil
}

// makeRoot writes the image's files and opens the mounts.
func (c *Container) makeRoot() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return err
	}
	limit := c.cfg.DiskBytes
	if limit <= 0 {
		limit = 64 << 20
	}
	// What comes from the image is no writing of the container's.
	c.fs = &FS{root: layer{target: "/", root: root}, quota: &quota{limit: 1 << 40}}
	if err := c.writeImage(); err != nil {
		return err
	}
	mounts := slices.Clone(c.cfg.Mounts)
	sort.SliceStable(mounts, func(i, j int) bool { return len(mounts[i].Target) < len(mounts[j].Target) })
	for _, m := range mounts {
		if err := c.mount(m); err != nil {
			return fmt.Errorf("mount %s: %w", m.Target, err)
		}
	}
	if dir := c.dirOf(); dir != "/" {
		if err := c.fs.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	c.fs.root.readOnly = c.cfg.ReadOnlyRoot
	c.fs.quota = &quota{limit: limit}
	c.fs.virtual = c.virtual
	return nil
}

// writeImage fills the root directory. Nothing is there yet, so no link needs to be followed.
func (c *Container) writeImage() error {
	all := map[string]ImageFile{
		"/etc/hostname": {Data: []byte(c.pod.cfg.Hostname + "\n")},
		"/etc/hosts": {Data: []byte("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n" +
			"::1\tlocalhost ip6-localhost ip6-loopback\n" + c.pod.cfg.IP + "\t" + c.pod.cfg.Hostname + "\n")},
		"/etc/resolv.conf": {Data: []byte("search " + c.pod.cfg.Namespace +
			".svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n")},
	}
	for _, dir := range []string{"/tmp", "/dev", "/proc", "/root", "/var/log", "/run", "/usr/bin", "/sys"} {
		all[dir] = ImageFile{Mode: fs.ModeDir}
	}
	maps.Copy(all, c.cfg.Image.Files)
	for name := range c.cfg.Image.Programs {
		all[name] = ImageFile{Data: []byte(programMark + name + "\n"), Mode: 0o755}
	}
	maps.Copy(all, c.cfg.Files)
	made := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if err := c.writeFile(name, all[name], made); err != nil {
			return err
		}
	}
	return nil
}

func (c *Container) writeFile(name string, file ImageFile, made map[string]bool) error {
	root := c.fs.root.root
	inside := filepath.FromSlash(strings.TrimPrefix(path.Clean(name), "/"))
	dir := inside
	if file.Mode&fs.ModeDir == 0 {
		dir = filepath.Dir(inside)
	}
	if !made[dir] {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		made[dir] = true
	}
	mode := file.Mode.Perm()
	switch {
	case file.Mode&fs.ModeDir != 0:
		return nil
	case file.Mode&fs.ModeSymlink != 0:
		return root.Symlink(string(file.Data), inside)
	case mode == 0:
		mode = 0o644
	}
	return root.WriteFile(inside, file.Data, mode)
}

// mount opens a source and makes its target, so that ls shows it.
func (c *Container) mount(m Mount) error {
	target := path.Clean("/" + m.Target)
	// Inside a read-only mount the directories can only exist already or stay invisible.
	if err := c.fs.MkdirAll(path.Dir(target), 0o755); err != nil && errnoOf(err) != EROFS {
		return err
	}
	target, err := c.fs.Resolve(target, true)
	if err != nil {
		return err
	}
	m.Target = target
	l, err := openLayer(m)
	if err != nil {
		return errnoOf(err)
	}
	if m.MemoryBytes > 0 {
		l.quota = &quota{limit: m.MemoryBytes, charge: c.cfg.ChargeMemory}
	}
	if l.file == "" {
		err = c.fs.MkdirAll(target, 0o755)
	} else if err = c.fs.MkdirAll(path.Dir(target), 0o755); err == nil {
		if _, missing := c.fs.Lstat(target); missing != nil {
			err = c.fs.WriteFile(target, nil, 0o644)
		}
	}
	if err != nil && errnoOf(err) != EROFS { // inside a read-only mount it can only exist or be invisible
		return errors.Join(err, l.root.Close())
	}
	c.fs.addMount(l)
	return nil
}

// ID returns 64 hex digits.
func (c *Container) ID() string { return c.id }

// FS returns the container's files.
func (c *Container) FS() *FS { return c.fs }

// Done is closed when the container has ended: all its processes are gone and its log is complete.
func (c *Container) Done() <-chan struct{} { return c.done }

// Exit is how the container ended. It is valid after Done.
func (c *Container) Exit() Exit {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.exit
}

func (c *Container) dirOf() string {
	switch {
	case c.cfg.Dir != "":
		return path.Clean("/" + c.cfg.Dir)
	case c.cfg.Image.Dir != "":
		return path.Clean("/" + c.cfg.Image.Dir)
	}
	return "/"
}

// env is the environment of every process that the node starts in the container.
func (c *Container) env(more []string) []string {
	env := []string{"PATH=" + defaultPath, "HOSTNAME=" + c.pod.cfg.Hostname}
	if c.cfg.TTY {
		env = append(env, "TERM=xterm")
	}
	env = append(env, c.cfg.Image.Env...)
	env = append(env, c.cfg.Env...)
	env = append(env, more...)
	if getenv(env, "HOME") == "" {
		env = append(env, "HOME=/root")
	}
	last := map[string]int{}
	for i, kv := range env {
		last[keyOf(kv)] = i
	}
	merged := env[:0]
	for i, kv := range env {
		if last[keyOf(kv)] == i {
			merged = append(merged, kv)
		}
	}
	return merged
}

// argv is the command line of the main program, by the rules of the pod API's command and args.
func (c *Container) argv() []string {
	entrypoint, args := c.cfg.Command, c.cfg.Args
	if len(entrypoint) == 0 {
		entrypoint = c.cfg.Image.Entrypoint
		if len(args) == 0 {
			args = c.cfg.Image.Cmd
		}
	}
	return slices.Concat(entrypoint, args)
}

// Start runs the main program. It returns a *StartError when the command cannot be started; the container has then
// ended with reason StartError.
func (c *Container) Start(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.started:
		return fmt.Errorf("sandbox: container %s was started before", c.cfg.Name)
	case ctx.Err() != nil:
		return fmt.Errorf("sandbox: start container %s: %w", c.cfg.Name, ctx.Err())
	}
	c.started = true
	c.exit.StartedAt = time.Now()
	c.streams = [2]*logStream{{log: c.log, name: "stdout"}, {log: c.log, name: "stderr"}}
	c.out, c.errs = &fanout{log: c.streams[0]}, &fanout{log: c.streams[1]}
	cmd := Command{
		Args: c.argv(), Env: c.env(nil), Dir: c.dirOf(),
		Stdin: empty{}, Stdout: c.out, Stderr: c.errs,
	}
	if len(cmd.Args) > 0 {
		cmd.Path = cmd.Args[0]
	}
	var in *pipeReader
	switch {
	case c.cfg.TTY:
		c.term = newTerminal(c.out)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = c.term, c.term, c.term
	case c.cfg.Stdin:
		in, c.stdin = newPipe()
		cmd.Stdin = in
	}
	main, err := c.start(cmd, nil, c.term)
	if in != nil {
		in.release()
	}
	if err != nil {
		err = createError(err)
		c.end(Exit{Code: 128, Reason: ReasonStartError, Message: err.Error(), FinishedAt: time.Now()})
		return err
	}
	c.table.mu.Lock()
	c.main = main
	c.table.mu.Unlock()
	go c.reap(main)
	return nil
}

// createError is what containerd reports when a main program cannot be started.
func createError(err error) error {
	start := &StartError{Code: 128, Cause: err.Error()}
	errors.As(err, &start)
	return &StartError{Path: start.Path, Code: start.Code, Cause: start.Cause, Errno: start.Errno, Text: "failed to " +
		"create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: " +
		"unable to start container process: " + start.Cause + ": unknown"}
}

// reap waits for the main program, ends all other processes as the kernel does, and ends the container.
func (c *Container) reap(main *Process) {
	<-main.done
	c.killAll()
	finished := time.Now()
	main.mu.Lock()
	st := main.exit
	main.mu.Unlock()
	exit := Exit{Code: st.exitCode(), Signal: st.signal, Reason: ReasonCompleted, FinishedAt: finished}
	if exit.Code != 0 {
		exit.Reason = ReasonError
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	exit.StartedAt = c.exit.StartedAt
	c.end(exit)
}

// end records how the container ended; c.mu is held.
func (c *Container) end(exit Exit) {
	for _, s := range c.streams {
		if s != nil {
			s.flush()
		}
	}
	_ = c.log.Close()
	if c.term != nil {
		c.term.close()
	}
	c.cancel()
	c.exit = exit
	close(c.done)
}

// killAll kills every process and waits until they are gone.
func (c *Container) killAll() {
	c.table.mu.Lock()
	c.closing = true
	c.table.mu.Unlock()
	processes := c.table.all(c)
	for _, p := range processes {
		p.deliver(SIGKILL, nil)
	}
	for _, p := range processes {
		<-p.done
	}
}

// Signal sends a signal to the main program, as a container runtime does from outside: SIGKILL always ends the
// container. The error is for a container that does not run.
func (c *Container) Signal(sig Signal) error {
	c.table.mu.Lock()
	main := c.main
	c.table.mu.Unlock()
	if main == nil {
		return fmt.Errorf("sandbox: container %s is not running", c.cfg.Name)
	}
	select {
	case <-main.done:
		return fmt.Errorf("sandbox: container %s is not running", c.cfg.Name)
	default:
	}
	main.deliver(sig, nil)
	return nil
}

// ReadFile reads the last max bytes of a file of the container, also after its end: the termination message, for
// example.
func (c *Container) ReadFile(name string, max int64) ([]byte, error) {
	file, err := c.fs.Open(path.Clean("/" + name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, pathError("read", name, EISDIR)
	case info.Size() > max:
		if _, err := file.Seek(-max, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(file, max))
}

// Remove kills the container if it runs, waits, and removes its root directory. The log stays.
func (c *Container) Remove() error {
	c.mu.Lock()
	if c.removed {
		c.mu.Unlock()
		return nil
	}
	running := c.started
	c.started, c.removed = true, true
	c.mu.Unlock()
	if running {
		c.killAll()
		<-c.done
	} else {
		close(c.done)
	}
	c.pod.mu.Lock()
	delete(c.pod.containers, c.id)
	c.pod.mu.Unlock()
	return c.discard()
}

// discard removes the root directory.
func (c *Container) discard() error {
	c.cancel()
	if c.log != nil {
		_ = c.log.Close()
	}
	if c.fs != nil {
		c.fs.close()
	}
	return RemoveAll(c.dir)
}

// keyOf is the name in KEY=VALUE.
func keyOf(kv string) string {
	name, _, _ := strings.Cut(kv, "=")
	return name
}
