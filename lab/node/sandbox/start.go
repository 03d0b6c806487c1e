package sandbox

import (
	"context"
	"fmt"
	"io"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Command says what to start. Nil streams are inherited.
type Command struct {
	Path           string   // with a slash: a path; without: looked up in PATH
	Args           []string // with the program's own name first; nil: just Path
	Env            []string // nil: inherited
	Dir            string   // empty: inherited
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Files are the descriptors from 3 on, by number. Nil: inherited.
	Files map[int]Stream
	// Program is run instead of what Path names: a subshell, which in Linux would be a fork without exec.
	Program Program
}

// Stream is what a descriptor is open to: for reading, for writing, or both.
type Stream struct {
	In  io.Reader
	Out io.Writer
}

// killGrace is how long a killed program may take to return before its process is declared dead without it.
const killGrace = 2 * time.Second

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
	if cmd.Files == nil {
		cmd.Files = p.Files
	}
	return p.container.start(cmd, p, p.terminal)
}

// Exec replaces the program of this process, as execve does: same ID, handlers reset. It returns when the new program
// has ended, with its exit code, which the caller must return at once.
func (p *Process) Exec(cmd Command) (int, error) {
	file, args, err := p.container.find(cmd, p.Dir)
	if err != nil {
		return 0, err
	}
	p.mu.Lock()
	p.handlers = nil
	p.name, p.exe = args, file.path
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
	if cmd.Files != nil {
		p.Files, _ = p.take(cmd.Files)
	}
	return file.program(p.ctx, p), nil
}

// take makes descriptors those of this process. It also returns what is below them.
func (p *Process) take(files map[int]Stream) (own map[int]Stream, below []any) {
	own = make(map[int]Stream, len(files))
	for n, s := range files {
		if s.In != nil {
			in := unwrapReader(s.In)
			s.In, below = &stdin{p, in}, append(below, in)
		}
		if s.Out != nil {
			out := unwrapWriter(s.Out)
			if !slices.Contains(below, any(out)) {
				below = append(below, out)
			}
			s.Out = &stdout{p, out}
		}
		own[n] = s
	}
	return own, below
}

// usualUmask is that of a container's main program and of what is executed in it.
const usualUmask = 0o022

// start makes a process of the container. parent is nil for the main program and for what the node executes.
func (c *Container) start(cmd Command, parent *Process, term *Terminal) (*Process, error) {
	file, args := executableFile{program: cmd.Program}, cmd.Args
	if cmd.Program == nil {
		var err error
		if file, args, err = c.find(cmd, cmd.Dir); err != nil {
			return nil, err
		}
	} else if parent != nil {
		file.path = parent.executable()
	}
	p := &Process{
		Args: args, Env: cmd.Env, Dir: cmd.Dir,
		container: c, table: c.table, parent: parent, terminal: term,
		started: time.Now(), done: make(chan struct{}), name: args, exe: file.path,
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	in, out, errs := unwrapReader(cmd.Stdin), unwrapWriter(cmd.Stdout), unwrapWriter(cmd.Stderr)
	p.Stdin, p.Stdout, p.Stderr = &stdin{p, in}, &stdout{p, out}, &stdout{p, errs}
	files, below := p.take(cmd.Files)
	p.Files, p.streams = files, append([]any{in, out, errs}, below...)
	p.Umask = usualUmask
	if parent != nil {
		p.Umask = parent.Umask
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
	go func() { returned <- p.run(file.program) }()
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
