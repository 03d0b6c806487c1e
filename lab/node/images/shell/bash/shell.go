package bash

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// version is the bash that this one is held against, that of Debian 12.
const version = "5.2.15(1)-release"

// shell is one shell process. Its fields belong to the goroutine of its process.
type shell struct {
	p    *sandbox.Process
	ctx  context.Context // ends the command that runs
	name string          // $0
	pid  int             // $$: a subshell keeps its parent's
	dir  string

	scopes   []*scope           // the first is that of global variables
	held     int                // bytes of all variables
	builtins map[string]builtin // is never changed
	funcs    map[string]*function
	params   []string
	aliases  map[string]string
	aliasing map[string]bool   // whose text is being run
	hashed   map[string]string // where programs were found
	fds      map[int]*stream
	dirs     []string // pushd's, without the current one
	options  map[byte]bool
	shopts   map[string]bool

	status     int
	substitute int    // the status of the last command substitution
	background int    // $!
	last       string // $_
	jobs       []*job
	pipeStatus []int

	text       *text        // what is run
	source     unit         // … and the command of it that runs
	script     int          // the length of -c's text
	line       int          // in it
	command    *syntax.Stmt // BASH_COMMAND
	running    string       // the builtin that runs
	frames     []frame
	level      int          // BASH_SUBSHELL
	traceLevel int          // command substitutions, evals and traps around the command
	loops      int          // loops around the current command, in this function
	breaks     int          // loops that break is about to leave
	next       bool         // … and go on with the outermost of them
	returns    bool         // return is on its way
	trusted    int          // conditions around the current command: set -e does not look
	tail       *syntax.Stmt // the last command of the shell, which may take over its process

	traps    map[string]string // by name: EXIT, ERR, DEBUG, RETURN, SIGTERM
	trapping string            // the trap that runs
	signals  <-chan sandbox.Signal
	pending  []sandbox.Signal

	began       time.Time // SECONDS
	random      uint32
	getoptsAt   int // in the current argument
	interactive bool
	oneCommand  bool // -c
	fromFile    bool // a script's
	login       bool

	depth        int
	expressions  int     // inside each other
	expanded     int     // bytes that the words of the current command take
	names        int     // directory entries that its patterns have looked at
	traces       *stream // where set -x prints; nil: to standard error
	substitution *job    // the last process substitution
	substitutes  []int   // descriptors of process substitutions
	patterns     map[string]*matcher
	texts        map[syntax.Node]*syntax.Word
}

// text is something that is read and run: a script, eval's argument, a trap.
type text struct {
	source string // "" for the script itself
	above  int    // lines above it
}

// function is a function with where it was defined.
type function struct {
	body     *syntax.Stmt
	text     *text
	source   unit
	exported bool
}

// frame is a function, or a sourced file, that runs.
type frame struct {
	name, source string
	line         int // of the call
	params       []string
}

// job is a command in the background.
type job struct {
	process *sandbox.Process
	text    string
	waited  bool
	foreign bool // a shell above has started it
}

// fork is the shell that a subshell begins as: it shares nothing that either of them changes. Its process and
// descriptors are set when it runs.
func (sh *shell) fork() *shell {
	child := *sh
	child.scopes = make([]*scope, len(sh.scopes))
	for i, s := range sh.scopes {
		child.scopes[i] = s.clone()
	}
	child.funcs, child.aliases, child.hashed = maps.Clone(sh.funcs), maps.Clone(sh.aliases), maps.Clone(sh.hashed)
	child.options, child.shopts = maps.Clone(sh.options), maps.Clone(sh.shopts)
	child.params, child.dirs = slices.Clone(sh.params), slices.Clone(sh.dirs)
	child.frames, child.pipeStatus = slices.Clone(sh.frames), slices.Clone(sh.pipeStatus)
	child.fds, child.jobs, child.patterns, child.texts, child.substitutes = nil, nil, nil, nil, nil
	child.traps = map[string]string{}
	for name, text := range sh.traps {
		if text == "" || name == "ERR" && sh.options['E'] || (name == "DEBUG" || name == "RETURN") && sh.options['T'] {
			child.traps[name] = text
		}
	}
	child.trapping, child.signals, child.pending = "", nil, nil
	child.level++
	child.depth, child.tail, child.traces = 0, nil, nil
	for _, j := range sh.jobs {
		child.jobs = append(child.jobs, &job{process: j.process, text: j.text, waited: j.waited, foreign: true})
	}
	child.interactive = false
	child.random = sh.random*1103515245 + 12345
	return &child
}

// program is the process of a subshell, which does what body does.
func (sh *shell) program(body func(child *shell)) sandbox.Program {
	child := sh.fork()
	return func(ctx context.Context, p *sandbox.Process) int {
		child.p, child.ctx = p, ctx
		child.adopt()
		return child.live(func() { body(child) })
	}
}

// live runs what a shell does, with its EXIT trap, and returns its exit code.
func (sh *shell) live(body func()) int {
	defer sh.closeAll()
	code, crashed := sh.guard(body)
	if crashed {
		return code
	}
	if text := sh.traps["EXIT"]; text != "" {
		delete(sh.traps, "EXIT")
		sh.depth, sh.trusted, sh.loops, sh.breaks, sh.returns = 0, 0, 0, 0, false
		sh.status = code
		code, _ = sh.guard(func() { sh.runTrap("EXIT", text) })
	}
	return code
}

// guard runs what may leave the shell, and returns its status. A crash is an end without traps.
func (sh *shell) guard(body func()) (code int, crashed bool) {
	defer func() {
		switch r := recover().(type) {
		case nil, leave, discard:
			code = sh.status & 0xff
		case replaced:
			code, crashed = r.code, true
		case fatal:
			code, crashed = sh.crash(r.err), true
		default:
			panic(r)
		}
	}()
	body()
	return sh.status & 0xff, false
}

// crash is the end of a shell that cannot go on.
func (sh *shell) crash(err error) int {
	switch {
	case errors.Is(err, errTooDeep):
		sh.complain("Segmentation fault\n")
		return 139
	case errors.Is(err, errNoMemory):
		sh.complain(sh.prefix() + "xrealloc: cannot allocate memory\n")
		return 2
	}
	return 130 // killed
}

func (sh *shell) complain(text string) {
	if s := sh.fds[2]; s != nil && s.out != nil {
		_, _ = s.out.Write([]byte(text))
	}
}

// jumping reports whether what follows the current command is not run.
func (sh *shell) jumping() bool { return sh.breaks > 0 || sh.returns }

// rest is the environment of programs.
func (sh *shell) environment() []string {
	seen := map[string]bool{}
	var list []string
	for _, s := range slices.Backward(sh.scopes) {
		for name, v := range s.vars {
			if seen[name] {
				continue
			}
			seen[name] = true
			if v.exported && v.set && v.kind == scalar && !v.reference {
				list = append(list, name+"="+v.str)
			}
		}
	}
	for name, f := range sh.funcs {
		if f.exported {
			list = append(list, "BASH_FUNC_"+name+"%%=() "+f.print(""))
		}
	}
	slices.Sort(list)
	return list
}
