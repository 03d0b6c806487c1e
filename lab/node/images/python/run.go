package python

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"healthlab/lab/node/sandbox"
)

// latest is the version of a python whose image's tag tells none.
const latest = "3.14.3"

func version(p *sandbox.Process) string {
	if v := p.Getenv("PYTHON_VERSION"); v != "" {
		return v
	}
	return latest
}

// maxProgram is how long a program may be.
const maxProgram = 256 << 10

// Run is the program python.
func Run(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	unbuffered := p.Getenv("PYTHONUNBUFFERED") != "" || p.OnTerminal()
	for ; len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-"; args = args[1:] {
		option := args[0]
		switch option {
		case "-V", "--version", "-VV":
			fmt.Fprintf(p.Stdout, "Python %s\n", version(p))
			return 0
		case "-u":
			unbuffered = true
			continue
		case "-B", "-E", "-I", "-s", "-S", "-O", "-OO", "-q", "-b":
			continue
		case "-h", "--help":
			fmt.Fprint(p.Stdout, "usage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...\n\nhealthlab's python knows -m http.server, -c, -V and files.\n")
			return 0
		case "-W", "-X":
			args = args[min(1, len(args)-1):]
			continue
		case "-c", "-m":
			if len(args) < 2 {
				fmt.Fprintf(p.Stderr, "Argument expected for the %s option\nusage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", option)
				return 2
			}
			if option == "-c" {
				return execute(ctx, p, unbuffered, "<string>", args[1], append([]string{"-c"}, args[2:]...))
			}
			if args[1] == "http.server" {
				return serveFiles(ctx, p, unbuffered, args[2:])
			}
			fmt.Fprintf(p.Stderr, "%s: No module named %s (healthlab's python has -m http.server)\n", executable(p), args[1])
			return 1
		}
		fmt.Fprintf(p.Stderr, "unknown option %s\nusage: python [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n", option)
		return 2
	}
	if len(args) > 0 && args[0] != "-" {
		data, err := p.FS().ReadFile(p.Path(args[0]), maxProgram)
		if err != nil {
			fmt.Fprintf(p.Stderr, "%s: can't open file '%s': [Errno 2] No such file or directory\n", executable(p), path.Clean(p.Path(args[0])))
			return 2
		}
		return execute(ctx, p, unbuffered, args[0], string(data), args)
	}
	if p.Terminal() != nil {
		fmt.Fprintln(p.Stderr, "python: the prompt is not built into healthlab: use python -c, or a file")
		return 1
	}
	data, _ := io.ReadAll(io.LimitReader(p.Stdin, maxProgram)) // what cannot be read is not there
	return execute(ctx, p, unbuffered, "<stdin>", string(data), []string{"-"})
}

func executable(p *sandbox.Process) string { return "/usr/local/bin/" + path.Base(p.Args[0]) }

// exit is sys.exit.
type exit struct{ code int }

func (e *exit) Error() string { return fmt.Sprintf("exit %d", e.code) }

// exception is an error with Python's name.
type exception struct{ name, text string }

func (e *exception) Error() string {
	if e.text == "" {
		return e.name
	}
	return e.name + ": " + e.text
}

func raise(name, format string, args ...any) error {
	return &exception{name: name, text: fmt.Sprintf(format, args...)}
}

// interpreter is one program that runs.
type interpreter struct {
	p     *sandbox.Process
	ctx   context.Context
	argv  []string
	where string
	out   *bufio.Writer
	eager bool       // out is flushed at once
	turn  sync.Mutex // held by the goroutine that runs the program
}

// bufferBytes is what Python gathers of its output.
const bufferBytes = 8192

// say writes to the standard output.
func (in *interpreter) say(text string) {
	_, _ = in.out.WriteString(text) // who cannot write is told by SIGPIPE
	if in.eager {
		in.flush()
	}
}

func (in *interpreter) flush() { _ = in.out.Flush() } // as above

// rest gives the turn up while f waits.
func (in *interpreter) rest(f func()) {
	in.turn.Unlock()
	defer in.turn.Lock()
	f()
}

// thread is one goroutine of the program.
func (in *interpreter) thread(ctx context.Context) *starlark.Thread {
	t := &starlark.Thread{Name: in.where}
	context.AfterFunc(ctx, func() { t.Cancel("the process has ended") })
	return t
}

// execute runs a program.
func execute(ctx context.Context, p *sandbox.Process, unbuffered bool, where, text string, argv []string) int {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	in := &interpreter{p: p, ctx: inner, argv: argv, where: where, out: bufio.NewWriterSize(p.Stdout, bufferBytes), eager: unbuffered}
	interrupts := p.Notify(sandbox.SIGINT)
	interrupted := make(chan struct{})
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		select {
		case <-interrupts:
			close(interrupted)
			cancel()
		case <-inner.Done():
		}
	})
	in.turn.Lock()
	defer in.turn.Unlock()
	names := in.names() //nolint:contextcheck // the interpreter has it
	rewritten, err := rewrite(text, names)
	if err == nil {
		options := &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}
		_, err = starlark.ExecFileOptions(options, in.thread(inner), where, rewritten, names)
	}
	select {
	case <-interrupted:
		in.flush()
		fmt.Fprintln(p.Stderr, "KeyboardInterrupt")
		return 128 + int(sandbox.SIGINT)
	default:
	}
	if ctx.Err() == nil {
		in.flush()
	}
	return in.ended(err)
}

// ended tells why a program has ended and returns its exit code.
func (in *interpreter) ended(err error) int {
	var left *exit
	var thrown *exception
	var unknown *syntaxError
	var unresolved resolve.ErrorList
	var failed *starlark.EvalError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &left):
		return left.code
	case in.ctx.Err() != nil:
		return 1
	case errors.As(err, &unknown):
		fmt.Fprintf(in.p.Stderr, "  File \"%s\", line %d\n    %s\n%s\n", in.where, unknown.line, unknown.text, unknown.why)
	case errors.As(err, &failed):
		fmt.Fprintln(in.p.Stderr, "Traceback (most recent call last):")
		for _, frame := range failed.CallStack {
			if frame.Pos.Filename() == in.where {
				fmt.Fprintf(in.p.Stderr, "  File \"%s\", line %d, in %s\n", in.where, frame.Pos.Line, strings.Replace(frame.Name, "<toplevel>", "<module>", 1))
			}
		}
		if errors.As(err, &thrown) {
			fmt.Fprintln(in.p.Stderr, thrown)
		} else {
			fmt.Fprintf(in.p.Stderr, "RuntimeError: healthlab's python: %v\n", failed.Unwrap())
		}
	case errors.As(err, &unresolved) && strings.HasPrefix(unresolved[0].Msg, "undefined: "):
		name, _, _ := strings.Cut(strings.TrimPrefix(unresolved[0].Msg, "undefined: "), " ")
		fmt.Fprintf(in.p.Stderr, "Traceback (most recent call last):\n  File \"%s\", line %d\nNameError: name '%s' is not defined\n", in.where, unresolved[0].Pos.Line, name)
	case errors.As(err, &thrown):
		fmt.Fprintf(in.p.Stderr, "Traceback (most recent call last):\n  File \"%s\", in <module>\n%v\n", in.where, thrown)
	default:
		fmt.Fprintf(in.p.Stderr, "SyntaxError: healthlab's python does not know this: %v\n", err)
	}
	return 1
}
