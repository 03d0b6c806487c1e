package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/shell/posix"
	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// shell is one shell process: an interpreter whose every touch of the system goes to the container. Its fields belong
// to the goroutine of its process; what the interpreter runs in subshells of its own (command substitution) runs on
// that goroutine too.
type shell struct {
	p       *sandbox.Process
	runner  *interp.Runner
	env     *environ
	pid     int         // $$: a subshell keeps its parent's
	name    string      // $0, for messages
	script  bool        // runs a file: messages have line numbers
	line    int         // how many lines stand above what is run
	reading int         // lines of the script that have been read
	single  bool        // what runs is the last command of the shell, which may take over its process
	ended   func() bool // reports whether a script given with -c has been read to its end; nil: there is none
	inputs  map[*os.File]io.Reader

	entered int // functions and other texts so far
	names   int // directory entries that the current command has looked at
	spent   int // bytes assigned since all variables were added up

	options     []string // set -e and the like, for subshells
	pipefail    bool
	atExit      bool // there is or was a trap for EXIT
	jobs        []*sandbox.Process
	background  int    // $!
	saying      string // what messages about the current command begin with
	unset       bool   // the current command has met a parameter that is not set
	returns     int    // the status of a return outside of functions
	onExit      string // the text of the trap for EXIT
	noClobber   bool
	aliases     map[string]bool // the names
	fds         [10]descriptor
	saved       [10][]descriptor
	traps       map[sandbox.Signal]string
	signals     <-chan sandbox.Signal
	pending     []sandbox.Signal
	interactive bool
}

// Table returns, by name, the shell and the programs that are its builtins.
func Table() map[string]sandbox.Program {
	return map[string]sandbox.Program{
		"sh": run, "ash": run,
		"echo": viaShell, "printf": viaShell, "test": viaShell, "[": viaShell,
	}
}

// run is sh: -c, a script file, standard input, or a prompt on a terminal. Its complaints begin with the name it was called by.
func run(ctx context.Context, p *sandbox.Process) int {
	sh := &shell{p: p, name: p.Args[0], pid: p.PID()}
	sh.adopt()
	return sh.live(ctx, func() int {
		args, command, code := sh.flags(p.Args[1:])
		if code != 0 {
			return code
		}
		switch {
		case command && len(args) == 0:
			fmt.Fprintln(p.Stderr, "sh: -c requires an argument")
			return 2
		case command:
			var params []string
			if len(args) > 1 {
				sh.name, params = args[1], args[2:]
			}
			text := bufio.NewReader(strings.NewReader(args[0]))
			sh.ended = func() bool {
				_, err := text.Peek(1)
				return err != nil
			}
			return sh.runLines(ctx, params, posix.LineReader{R: text})
		case len(args) > 0:
			file, err := sh.scriptFile(args[0])
			if err != nil {
				fmt.Fprintf(p.Stderr, "sh: can't open '%s': %s\n", args[0], tools.Reason(err))
				return 2
			}
			defer file.Close()
			sh.name, sh.script = args[0], true
			return sh.runLines(ctx, args[1:], posix.LineReader{R: bufio.NewReader(waiting{sh, file})})
		case p.Terminal() != nil:
			if err := sh.start(environmentOf(p.Env), p.Dir, nil, nil); err != nil {
				sh.complain(err)
				return 2
			}
			sh.interactive = true
			return sh.prompt(ctx)
		}
		return sh.runLines(ctx, nil, posix.LineReader{R: bufio.NewReaderSize(p.Stdin, inputBytes)})
	})
}

// inputBytes is how much of its standard input a shell takes at once, as BusyBox with musl: a command in a short script
// does not get the rest of it.
const inputBytes = 1 << 10

// flags reads the options before the operands.
func (sh *shell) flags(args []string) (operands []string, command bool, code int) {
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			break
		}
		for _, f := range flag[1:] {
			switch f {
			case 'c':
				command = true
			case 'i':
				sh.interactive = true
			case 'l', 's': // the images have no profile; standard input is the default
			case 'C':
				sh.noClobber = flag[0] == '-'
			case 'e', 'u', 'x', 'f', 'a', 'n':
				sh.options = append(sh.options, flag[:1]+string(f))
			case 'o':
				if len(args) > 0 {
					sh.options = append(sh.options, flag[:1]+"o", args[0])
					sh.pipefail = sh.pipefail || args[0] == "pipefail" && flag[0] == '-'
					args = args[1:]
				}
			default:
				fmt.Fprintf(sh.p.Stderr, "sh: illegal option -%c\n", f)
				return nil, false, 2
			}
		}
	}
	return args, command, 0
}

// live runs what a shell does, and ends as a real one would when that dies.
func (sh *shell) live(ctx context.Context, f func() int) int {
	defer sh.closeInputs()
	defer sh.closeDescriptors()
	code, err := contain(f)
	if err != nil {
		return sh.status(ctx, err)
	}
	return code
}

func (sh *shell) runLines(ctx context.Context, params []string, lines io.Reader) int {
	if err := sh.start(environmentOf(sh.p.Env), sh.p.Dir, params, nil); err != nil {
		sh.complain(err)
		return 2
	}
	return sh.runScript(ctx, lines)
}

// viaShell is a program that does what the shell's builtin of that name does.
func viaShell(ctx context.Context, p *sandbox.Process) int {
	name := path.Base(p.Args[0])
	sh := &shell{p: p, name: name, pid: p.PID()}
	return sh.live(ctx, func() int {
		hc := interp.HandlerContext{Dir: p.Dir, Stdout: p.Stdout, Stderr: p.Stderr}
		return sh.status(ctx, sh.builtin(ctx, hc, name, p.Args[1:]))
	})
}

// start makes the interpreter.
func (sh *shell) start(vars map[string]expand.Variable, dir string, params []string, funcs map[string]*syntax.Stmt) error {
	sh.env = &environ{shell: sh, vars: vars}
	sh.saying = sh.name + ": "
	options := append(slices.Clone(sh.options), "--")
	runner, err := interp.New(
		interp.Env(sh.env),
		interp.Dir("/"), // checked on the host, so the real one is set below
		interp.StdIO(nil, sh.p.Stdout, complaints{sh}),
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

// status is the exit code of what the interpreter ran.
func (sh *shell) status(ctx context.Context, err error) int {
	var exit interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit == 1 && sh.unset {
			return 2
		}
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

// complain prints why a script could not be read.
func (sh *shell) complain(err error) {
	var why refusal
	switch {
	case !errors.As(err, &why):
		fmt.Fprintf(sh.p.Stderr, "%s: %v\n", sh.name, err)
	case sh.script && sh.reading > 0:
		fmt.Fprintf(sh.p.Stderr, "%s: line %d: %s\n", sh.name, sh.reading, why.message())
	default:
		fmt.Fprintf(sh.p.Stderr, "%s: %s\n", sh.name, why.message())
	}
}
