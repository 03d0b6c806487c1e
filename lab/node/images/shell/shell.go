package shell

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
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

// Table returns, by name, the shell and the programs that are its builtins.
func Table() map[string]sandbox.Program {
	return map[string]sandbox.Program{
		"sh": run, "ash": run,
		"echo": viaShell("echo"), "printf": viaShell("printf"), "test": viaShell("test"), "[": viaShell("["),
	}
}

// run is sh: -c, a script file, standard input, or a prompt on a terminal.
func run(ctx context.Context, p *sandbox.Process) int {
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
			fmt.Fprintf(p.Stderr, "sh: can't open '%s': %s\n", args[0], tools.Reason(err))
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

// viaShell is a program that does what the shell's builtin of that name does.
func viaShell(builtin string) sandbox.Program {
	return func(ctx context.Context, p *sandbox.Process) int {
		sh := &shell{p: p, parts: &parts{}, name: builtin, pid: p.PID()}
		if err := sh.start(environmentOf(p.Env), p.Dir, p.Args[1:], nil); err != nil {
			fmt.Fprintf(p.Stderr, "%s: %v\n", builtin, err)
			return 1
		}
		return sh.runText(ctx, builtin+` "$@"`)
	}
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
