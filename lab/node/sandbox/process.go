package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Process is a running program with what Linux would give it: an ID, arguments, an environment, a working directory,
// streams, signals, files and a network. The exported fields belong to the program's goroutine.
type Process struct {
	Args           []string
	Env            []string // KEY=VALUE
	Dir            string   // working directory, absolute
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	container *Container
	table     *table
	pid       int
	started   time.Time
	streams   [3]any    // what it began with, held until its end
	terminal  *Terminal // the controlling terminal; nil: none
	ctx       context.Context
	cancel    context.CancelFunc
	done      chan struct{} // closed by finish

	parent *Process // guarded by table.mu

	mu       sync.Mutex
	name     []string // what ps shows
	handlers map[Signal]chan<- Signal
	ignored  map[Signal]bool
	resumed  chan struct{} // not nil while stopped; closed by SIGCONT
	closers  map[io.Closer]struct{}
	exit     status
	finished bool
}

// status is how a process ended.
type status struct {
	code   int
	signal Signal
}

// exitCode is what a shell sees.
func (s status) exitCode() int {
	if s.signal != 0 {
		return 128 + int(s.signal)
	}
	return s.code
}

// Command says what to start. Nil streams are inherited.
type Command struct {
	Path           string   // with a slash: a path; without: looked up in PATH
	Args           []string // with the program's own name first; nil: just Path
	Env            []string // nil: inherited
	Dir            string   // empty: inherited
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Program is run instead of what Path names: a subshell, which in Linux would be a fork without exec.
	Program Program
}

// killGrace is how long a killed program may take to return before its process is declared dead without it.
const killGrace = 2 * time.Second

// PID returns the process's ID in its PID namespace.
func (p *Process) PID() int { return p.pid }

// PPID returns the parent's ID, or 0 when the parent is outside the namespace.
func (p *Process) PPID() int {
	p.table.mu.Lock()
	defer p.table.mu.Unlock()
	if p.parent == nil {
		return 0
	}
	return p.parent.pid
}

// FS returns the container's files.
func (p *Process) FS() *FS { return p.container.fs }

// Path makes a path absolute against the working directory.
func (p *Process) Path(name string) string {
	if rest, ok := strings.CutPrefix(name, "/proc/self"); ok && (rest == "" || rest[0] == '/') {
		return "/proc/" + strconv.Itoa(p.pid) + rest
	}
	if name == "" || strings.HasPrefix(name, "/") {
		return name
	}
	return strings.TrimSuffix(p.Dir, "/") + "/" + name
}

// Getenv returns a variable of the environment, or "".
func (p *Process) Getenv(key string) string { return getenv(p.Env, key) }

func getenv(env []string, key string) string {
	for _, kv := range slices.Backward(env) {
		if k, v, ok := strings.Cut(kv, "="); ok && k == key {
			return v
		}
	}
	return ""
}

// Hostname returns the pod's hostname.
func (p *Process) Hostname() string { return p.container.pod.cfg.Hostname }

// PodIP returns the pod's address.
func (p *Process) PodIP() string { return p.container.pod.cfg.IP }

// Uptime returns how long the container's PID namespace exists.
func (p *Process) Uptime() time.Duration { return time.Since(p.table.boot) }

// Terminal returns the controlling terminal, or nil.
func (p *Process) Terminal() *Terminal { return p.terminal }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// ExitCode is what a shell sees of the ended process: 128+n after signal n. It is valid after Done.
func (p *Process) ExitCode() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exit.exitCode()
}

// ExitSignal is the signal that ended the process, or zero. It is valid after Done.
func (p *Process) ExitSignal() Signal {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exit.signal
}

// Start starts a child process. The error is a *StartError when there is no such program, and EAGAIN when the
// container has as many processes as it may have.
func (p *Process) Start(cmd Command) (*Process, error) {
	if cmd.Env == nil {
		cmd.Env = p.Env
	}
	if cmd.Dir == "" {
		cmd.Dir = p.Dir
	}
	if cmd.Stdin == nil {
		cmd.Stdin = p.Stdin
	}
	if cmd.Stdout == nil {
		cmd.Stdout = p.Stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = p.Stderr
	}
	return p.container.start(cmd, p, p.terminal)
}

// Exec replaces the program of this process, as execve does: same ID, handlers reset. It returns when the new program
// has ended, with its exit code, which the caller must return at once.
func (p *Process) Exec(cmd Command) (int, error) {
	program, args, err := p.container.find(cmd, p.Dir)
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.handlers = nil
	p.name = args
	p.mu.Unlock()
	p.Args = args
	if cmd.Env != nil {
		p.Env = cmd.Env
	}
	if cmd.Dir != "" {
		p.Dir = cmd.Dir
	}
	if cmd.Stdin != nil && cmd.Stdin != p.Stdin {
		p.Stdin = &stdin{p, unwrapReader(cmd.Stdin)}
	}
	if cmd.Stdout != nil && cmd.Stdout != p.Stdout {
		p.Stdout = &stdout{p, unwrapWriter(cmd.Stdout)}
	}
	if cmd.Stderr != nil && cmd.Stderr != p.Stderr {
		p.Stderr = &stdout{p, unwrapWriter(cmd.Stderr)}
	}
	return program(p.ctx, p), nil
}

// start makes a process of the container. parent is nil for the main program and for what the node executes.
func (c *Container) start(cmd Command, parent *Process, term *Terminal) (*Process, error) {
	program, args := cmd.Program, cmd.Args
	if program == nil {
		var err error
		if program, args, err = c.find(cmd, cmd.Dir); err != nil {
			return nil, err
		}
	}
	p := &Process{
		Args: args, Env: cmd.Env, Dir: cmd.Dir,
		container: c, table: c.table, parent: parent, terminal: term,
		started: time.Now(), done: make(chan struct{}), name: args,
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	in, out, errs := unwrapReader(cmd.Stdin), unwrapWriter(cmd.Stdout), unwrapWriter(cmd.Stderr)
	p.Stdin, p.Stdout, p.Stderr = &stdin{p, in}, &stdout{p, out}, &stdout{p, errs}
	p.streams = [3]any{in, out, errs}
	if parent != nil {
		parent.mu.Lock()
		for sig := range parent.ignored {
			if p.ignored == nil {
				p.ignored = map[Signal]bool{}
			}
			p.ignored[sig] = true
		}
		parent.mu.Unlock()
	}
	if err := c.table.add(p); err != nil {
		p.cancel()
		return nil, err
	}
	for _, s := range p.streams {
		if h, ok := s.(holder); ok {
			h.retain()
		}
	}
	returned := make(chan int, 1)
	go func() { returned <- p.run(program) }()
	go p.supervise(returned)
	return p, nil
}

// run calls the program and turns a panic into what a Go program does.
func (p *Process) run(program Program) (code int) {
	defer func() {
		if r := recover(); r != nil {
			stack, _, _ := strings.Cut(string(debug.Stack()), "\nruntime/debug.Stack")
			_, _ = fmt.Fprintf(p.Stderr, "panic: %v\n\n%s [running]:\n%s: the program %s panicked\n",
				r, strings.SplitN(stack, " [", 2)[0], p.container.cfg.Image.Name, path.Base(p.Args[0]))
			code = 2
		}
	}()
	return program(p.ctx, p)
}

// supervise owns the end of a process: it waits for the program to return, or no longer than killGrace once it was
// killed, and then takes away everything that the process held.
func (p *Process) supervise(returned <-chan int) {
	var code int
	select {
	case code = <-returned:
	case <-p.ctx.Done():
		p.closeAll()
		grace := time.NewTimer(killGrace)
		defer grace.Stop()
		select {
		case code = <-returned:
		case <-grace.C:
		}
	}
	p.mu.Lock()
	if p.exit.signal == 0 {
		p.exit.code = code & 0xff
	}
	p.finished = true
	p.mu.Unlock()
	p.cancel()
	p.closeAll()
	p.table.remove(p)
	for _, s := range p.streams {
		if h, ok := s.(holder); ok {
			h.release()
		}
	}
	close(p.done)
}

// own makes the process the owner of something that its end closes.
func (p *Process) own(c io.Closer) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished || p.ctx.Err() != nil {
		return false
	}
	if p.closers == nil {
		p.closers = map[io.Closer]struct{}{}
	}
	p.closers[c] = struct{}{}
	return true
}

func (p *Process) disown(c io.Closer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.closers, c)
}

func (p *Process) closeAll() {
	p.mu.Lock()
	closers := p.closers
	p.closers = nil
	p.mu.Unlock()
	for c := range closers {
		_ = c.Close()
	}
}

// SetName changes what ps shows, as programs do that write to their argv.
func (p *Process) SetName(args ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name = args
}

// find returns the program that a command names and its arguments. A file that starts with #! runs its interpreter.
func (c *Container) find(cmd Command, dir string) (Program, []string, error) {
	args := cmd.Args
	if len(args) == 0 {
		args = []string{cmd.Path}
	}
	if n := argBytes(args, cmd.Env); n > maxArgBytes {
		return nil, nil, c.startError(cmd.Path, 126, E2BIG, false)
	}
	name, err := c.lookup(cmd.Path, getenv(cmd.Env, "PATH"), dir)
	if err != nil {
		return nil, nil, err
	}
	for range 4 { // interpreters of interpreters, as Linux bounds them
		clean, err := c.fs.Resolve(name, true)
		if err != nil {
			return nil, nil, c.startError(cmd.Path, 127, errnoOf(err), false)
		}
		head, err := c.fs.ReadFile(clean, 256)
		if err != nil {
			return nil, nil, c.startError(cmd.Path, 126, errnoOf(err), false)
		}
		if path, ok := strings.CutPrefix(string(head), programMark); ok {
			if program := c.cfg.Image.Programs[strings.TrimSpace(path)]; program != nil {
				return program, args, nil
			}
		}
		line, ok := strings.CutPrefix(string(head), "#!")
		if !ok {
			return nil, nil, c.startError(cmd.Path, 126, ENOEXEC, false)
		}
		line, _, _ = strings.Cut(line, "\n")
		interpreter, option, _ := strings.Cut(strings.TrimSpace(line), " ")
		next := []string{interpreter}
		if option = strings.TrimSpace(option); option != "" {
			next = append(next, option)
		}
		args = append(append(next, name), args[1:]...)
		name = interpreter
	}
	return nil, nil, c.startError(cmd.Path, 126, ELOOP, false)
}

// programMark begins the files that stand for programs, so that a copy of such a file is that program too.
const programMark = "\x7fhealthlab program "

// maxArgBytes bounds the arguments and the environment of one program, as ARG_MAX does at the usual stack limit.
const maxArgBytes = 2 << 20

func argBytes(lists ...[]string) (n int) {
	for _, list := range lists {
		for _, s := range list {
			n += len(s) + 1
		}
	}
	return n
}

// lookup finds an executable as execvp does.
func (c *Container) lookup(name, search, dir string) (string, error) {
	if name == "" {
		return "", c.startError(name, 127, ENOENT, true)
	}
	if strings.Contains(name, "/") {
		if !strings.HasPrefix(name, "/") {
			name = path.Join(dir, name)
		}
		return name, c.executable(name)
	}
	if search == "" {
		search = defaultPath
	}
	denied := error(nil)
	for elem := range strings.SplitSeq(search, ":") {
		if elem == "" {
			elem = dir
		}
		candidate := path.Join(elem, name)
		err := c.executable(candidate)
		if err == nil {
			return candidate, nil
		}
		if e := new(StartError); errors.As(err, &e) && e.Code == 126 && denied == nil {
			if info, err := c.fs.Stat(candidate); err == nil && !info.IsDir() {
				denied = e
			}
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", c.startError(name, 127, ENOENT, true)
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// LookPath finds an executable by the process's PATH.
func (p *Process) LookPath(name string) (string, error) {
	return p.container.lookup(name, p.Getenv("PATH"), p.Dir)
}

func (c *Container) executable(name string) error {
	info, err := c.fs.Stat(name)
	switch {
	case err != nil && errnoOf(err) == EACCES:
		return c.startError(name, 126, EACCES, false)
	case err != nil:
		return c.startError(name, 127, errnoOf(err), false)
	case info.IsDir():
		return c.startError(name, 126, EACCES, false)
	case !executableMode(info):
		return c.startError(name, 126, EACCES, false)
	}
	return nil
}

// startError has the text of runc 1.1, which users see in events.
func (c *Container) startError(name string, code int, why Errno, searched bool) error {
	reason := fmt.Sprintf("stat %s: %s", name, strings.ToLower(string(why)))
	switch {
	case searched:
		reason = "executable file not found in $PATH"
	case code == 126:
		reason = strings.ToLower(string(why))
	}
	cause := fmt.Sprintf("exec: %q: %s", name, reason)
	if why == ENOEXEC {
		cause = fmt.Sprintf("exec %s: %s", name, reason)
	}
	return &StartError{Path: name, Code: code, Cause: cause, Text: cause, Errno: why}
}
