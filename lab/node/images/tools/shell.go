package tools

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// shell is one shell process: an interpreter whose every touch of the system goes to the container. Its fields belong
// to the goroutine of its process; what the interpreter runs in subshells of its own (command substitution) runs on
// that goroutine too.
type shell struct {
	p      *sandbox.Process
	parts  *parts
	runner *interp.Runner
	env    *environ
	pid    int    // $$: a subshell keeps its parent's
	calls  int    // simple commands so far
	name   string // $0, for messages
	script bool   // runs a file: messages have line numbers
	single bool   // the whole shell is one command, which may take over its process

	options     []string // set -e and the like, for subshells
	jobs        []*sandbox.Process
	background  int // $!
	traps       map[sandbox.Signal]string
	signals     <-chan sandbox.Signal
	pending     []sandbox.Signal
	interactive bool
}

// Shell is sh: -c, a script file, standard input, or a prompt on a terminal.
func Shell(ctx context.Context, p *sandbox.Process) int {
	sh := &shell{p: p, parts: &parts{}, name: "sh", pid: p.PID()}
	args := p.Args[1:]
	command := false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			break
		}
		if flag == "-o" || flag == "+o" {
			if len(args) > 0 {
				sh.options = append(sh.options, flag, args[0])
				args = args[1:]
			}
			continue
		}
		for _, f := range flag[1:] {
			switch f {
			case 'c':
				command = true
			case 'i':
				sh.interactive = true
			case 'l', 's': // the images have no profile; standard input is the default
			case 'e', 'u', 'x', 'f', 'a', 'n':
				sh.options = append(sh.options, flag[:1]+string(f))
			default:
				fmt.Fprintf(p.Stderr, "sh: illegal option -%c\n", f)
				return 2
			}
		}
	}
	var params []string
	var script string
	switch {
	case command:
		if len(args) == 0 {
			fmt.Fprintln(p.Stderr, "sh: -c requires an argument")
			return 2
		}
		script = args[0]
		if len(args) > 1 {
			sh.name, params = args[1], args[2:]
		}
	case len(args) > 0:
		sh.name, sh.script, params = args[0], true, args[1:]
		data, err := p.FS().ReadFile(p.Path(args[0]), 8<<20)
		if err != nil {
			fmt.Fprintf(p.Stderr, "sh: can't open '%s': %s\n", args[0], Reason(err))
			return 2
		}
		script = string(data)
	default:
		if err := sh.start(environmentOf(p.Env), p.Dir, nil, nil); err != nil {
			fmt.Fprintf(p.Stderr, "sh: %v\n", err)
			return 2
		}
		if p.Terminal() != nil {
			sh.interactive = true
			return sh.prompt(ctx)
		}
		return sh.lines(ctx)
	}
	if err := sh.start(environmentOf(p.Env), p.Dir, params, nil); err != nil {
		fmt.Fprintf(p.Stderr, "sh: %v\n", err)
		return 2
	}
	return sh.runText(ctx, script)
}

// start makes the interpreter.
func (sh *shell) start(vars map[string]expand.Variable, dir string, params []string, funcs map[string]*syntax.Stmt) error {
	sh.env = &environ{shell: sh, vars: vars}
	options := append(slices.Clone(sh.options), "--")
	runner, err := interp.New(
		interp.Env(sh.env),
		interp.Dir("/"), // checked on the host, so the real one is set below
		interp.StdIO(nil, sh.p.Stdout, sh.p.Stderr),
		interp.Params(append(options, params...)...),
		interp.CallHandler(sh.call),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return sh.exec }),
		interp.OpenHandler(sh.open),
		interp.ReadDirHandler2(sh.readDir),
		interp.StatHandler(sh.stat),
		interp.AccessHandler(sh.access),
	)
	if err != nil {
		return err
	}
	runner.Dir = dir
	runner.Reset()
	sh.env.begun = true
	if funcs != nil {
		runner.Funcs = funcs
	}
	sh.runner = runner
	return nil
}

// runText runs a whole script.
func (sh *shell) runText(ctx context.Context, script string) int {
	file, err := sh.parts.parse(script, sh.name)
	if err != nil {
		fmt.Fprintf(sh.p.Stderr, "%s: %s\n", sh.name, syntaxMessage(err))
		return 2
	}
	code := sh.status(ctx, sh.runner.Run(ctx, file))
	if len(sh.trapped()) > 0 && !sh.runner.Exited() {
		code = sh.status(ctx, sh.runTraps(ctx))
	}
	return code
}

// lines runs commands from standard input as they come.
func (sh *shell) lines(ctx context.Context) int {
	code := 0
	in := bufio.NewReaderSize(oneByte{sh.p.Stdin}, 16)
	pending := ""
	for ctx.Err() == nil {
		line, err := in.ReadString('\n')
		pending += line
		if strings.TrimSpace(pending) != "" {
			var done bool
			if code, done = sh.runLine(ctx, &pending, err != nil, code); done {
				return code
			}
		}
		if err != nil {
			return code
		}
	}
	return code
}

// oneByte reads no further than asked, so that commands find the rest of standard input.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.r.Read(b[:min(1, len(b))]) }

// runLine runs what was typed if it is complete. last says that nothing more will come.
func (sh *shell) runLine(ctx context.Context, pending *string, last bool, code int) (newCode int, done bool) {
	file, err := sh.parts.parse(*pending, "sh")
	switch {
	case err != nil && syntax.IsIncomplete(err) && !last:
		return code, false
	case err != nil:
		*pending = ""
		fmt.Fprintf(sh.p.Stderr, "sh: %s\n", syntaxMessage(err))
		return 2, !sh.interactive
	}
	*pending = ""
	for _, st := range file.Stmts {
		code = sh.status(ctx, sh.runner.Run(ctx, st))
		if sh.runner.Exited() || ctx.Err() != nil {
			return code, true
		}
		sh.reportJobs()
	}
	return code, false
}

// prompt is the shell on a terminal.
func (sh *shell) prompt(ctx context.Context) int {
	sh.p.Ignore(sandbox.SIGTERM, sandbox.SIGQUIT, sandbox.SIGTSTP)
	interrupts := sh.p.Notify(sandbox.SIGINT)
	term := sh.p.Terminal()
	code, pending := 0, ""
	for ctx.Err() == nil {
		prompt := sh.ps1()
		if pending != "" {
			prompt = "> "
		}
		drain(interrupts)
		line, err := term.ReadLine(ctx, prompt)
		switch {
		case errors.Is(err, sandbox.ErrInterrupt):
			code, pending = 130, ""
			continue
		case err != nil:
			if ctx.Err() == nil {
				fmt.Fprintln(sh.p.Stdout)
			}
			return code
		}
		pending += line + "\n"
		if strings.TrimSpace(pending) == "" {
			pending = ""
			continue
		}
		runCtx, cancel := context.WithCancel(ctx)
		var watching sync.WaitGroup
		interrupted := false // read after Wait
		watching.Go(func() {
			select {
			case <-interrupts:
				interrupted = true
				cancel()
			case <-runCtx.Done():
			}
		})
		var done bool
		code, done = sh.runLine(runCtx, &pending, false, code)
		cancel()
		watching.Wait()
		select {
		case <-interrupts: // it ended the command before it was noticed here
			interrupted = true
		default:
		}
		if interrupted && ctx.Err() == nil {
			fmt.Fprintln(sh.p.Stdout)
			code, pending, done = 130, "", false
		}
		if done {
			return code
		}
	}
	return code
}

func drain(ch <-chan sandbox.Signal) {
	for {
		select {
		case <-ch:
		default:
			return
		}
	}
}

// ps1 is busybox's prompt.
func (sh *shell) ps1() string {
	dir := sh.runner.Dir
	home := sh.p.Getenv("HOME")
	if home != "" && home != "/" && (dir == home || strings.HasPrefix(dir, home+"/")) {
		dir = "~" + dir[len(home):]
	}
	if v := sh.runner.Vars["PS1"]; v.IsSet() && v.Str != "" {
		return strings.NewReplacer(`\w`, dir, `\h`, sh.p.Hostname(), `\u`, "root", `\$`, "#").Replace(v.Str)
	}
	return dir + " # "
}

// status is the exit code of what the interpreter ran.
func (sh *shell) status(ctx context.Context, err error) int {
	var exit interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil:
		return 130
	case errors.Is(err, errTooDeep):
		fmt.Fprintln(sh.p.Stderr, "Segmentation fault")
		return 139
	case errors.Is(err, errNoMemory):
		fmt.Fprintf(sh.p.Stderr, "%s: out of memory\n", sh.name)
		return 2
	}
	fmt.Fprintf(sh.p.Stderr, "%s: %v\n", sh.name, err)
	return 2
}

func syntaxMessage(err error) string {
	var parse syntax.ParseError
	if errors.As(err, &parse) {
		return fmt.Sprintf("line %d: syntax error: %s", parse.Pos.Line(), parse.Text)
	}
	return err.Error()
}

// errTooDeep ends a shell whose functions call themselves without end; a real one dies of its stack.
var errTooDeep = errors.New("functions nested too deeply")

// errNoMemory ends a shell that holds too much.
var errNoMemory = errors.New("out of memory")

// maxFrames is how many Go frames a shell's stack may have. The largest real scripts stay far below; Go's own limit,
// which would end the whole process, is some hundred times higher.
const maxFrames = 10_000

// tooDeepStack reports whether the calling goroutine's stack has more than maxFrames frames.
func tooDeepStack() bool {
	var pc [1]uintptr
	return runtime.Callers(maxFrames, pc[:]) > 0
}

// child is a subshell in a process of its own, which runs one statement.
type child struct {
	vars   map[string]expand.Variable
	dir    string
	params []string
	funcs  map[string]*syntax.Stmt
	stmt   *syntax.Stmt
	shell  shell // what else it inherits
}

// subshell copies what a fork would.
func (sh *shell) subshell(hc interp.HandlerContext, stmt *syntax.Stmt) *child {
	vars := map[string]expand.Variable{}
	hc.Env.Each(func(name string, v expand.Variable) bool {
		if v.IsSet() {
			vars[name] = v
		} else {
			delete(vars, name)
		}
		return true
	})
	return &child{
		vars: vars, dir: containerPath(hc.Dir), params: slices.Clone(sh.runner.Params),
		funcs: maps.Clone(sh.runner.Funcs), stmt: stmt,
		shell: shell{
			parts: sh.parts, name: sh.name, script: sh.script, options: slices.Clone(sh.options), pid: sh.pid,
			background: sh.background,
		},
	}
}

func (c *child) run(ctx context.Context, p *sandbox.Process) int {
	sh := &c.shell
	sh.p = p
	_, simple := c.stmt.Cmd.(*syntax.CallExpr)
	sh.single = simple && !c.stmt.Negated
	if err := sh.start(c.vars, c.dir, c.params, c.funcs); err != nil {
		fmt.Fprintf(p.Stderr, "sh: %v\n", err)
		return 2
	}
	return sh.status(ctx, sh.runner.Run(ctx, c.stmt))
}

// environ is the variables a shell begins with, and those of its process.
type environ struct {
	shell *shell
	vars  map[string]expand.Variable
	begun bool // the interpreter has asked for its own settings
}

// Get returns a variable.
func (e *environ) Get(name string) expand.Variable {
	text := func(s string) expand.Variable { return expand.Variable{Set: true, Kind: expand.String, Str: s} }
	switch name {
	case pidVariable:
		return text(strconv.Itoa(e.shell.pid))
	case parentVariable:
		return text(strconv.Itoa(e.shell.p.PPID()))
	case backgroundVariable:
		if e.shell.background == 0 {
			return expand.Variable{}
		}
		return text(strconv.Itoa(e.shell.background))
	case "UID", "EUID", "GID":
		return text("0")
	case "TMPDIR":
		if !e.begun {
			// Files of this directory the interpreter would open on the host, so it is one that cannot exist.
			return text("/dev/null/healthlab")
		}
	}
	return e.vars[name]
}

// Each calls f with every variable.
func (e *environ) Each(f func(name string, v expand.Variable) bool) {
	for name, v := range e.vars {
		if !f(name, v) {
			return
		}
	}
}

// environmentOf turns KEY=VALUE into exported variables.
func environmentOf(env []string) map[string]expand.Variable {
	vars := map[string]expand.Variable{"HOME": {Set: true, Kind: expand.String, Str: "/"}}
	for _, kv := range env {
		if name, value, ok := strings.Cut(kv, "="); ok && syntax.ValidName(name) {
			vars[name] = expand.Variable{Set: true, Exported: true, Kind: expand.String, Str: value}
		}
	}
	return vars
}

// exported is the environment for a program.
func exported(env expand.Environ) []string {
	values := map[string]string{}
	env.Each(func(name string, v expand.Variable) bool {
		delete(values, name)
		if v.IsSet() && v.Exported && v.Kind == expand.String {
			values[name] = v.Str
		}
		return true
	})
	list := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+"="+values[name])
	}
	return list
}

// containerPath undoes what package filepath makes of a container's path on Windows.
func containerPath(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	if len(name) > 1 && name[1] == ':' {
		name = name[2:]
	}
	return path.Clean("/" + name)
}
