package sandbox

import (
	"context"
	"io"
	"io/fs"
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
	Files          map[int]Stream // the descriptors from 3 on, by number
	Umask          fs.FileMode    // what the files that OpenFile makes do not get; children begin with it

	container *Container
	table     *table
	pid       int
	started   time.Time
	streams   []any     // what it began with, held until its end: 0, 1, 2, and the others
	terminal  *Terminal // the controlling terminal; nil: none
	ctx       context.Context
	cancel    context.CancelFunc
	done      chan struct{} // closed by finish

	parent *Process // guarded by table.mu

	mu       sync.Mutex
	name     []string // what ps shows
	exe      string   // the file of its program
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

// SetName changes what ps shows, as programs do that write to their argv.
func (p *Process) SetName(args ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name = args
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
