package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// Commands that the shell implements itself under a name of its own, because the interpreter has builtins of the same
// name that know nothing of containers.
const (
	builtinPrefix  = "__healthlab_builtin_"
	inPlaceCommand = "__healthlab_exec"
)

// substitutionBytes bounds what a command substitution collects.
const substitutionBytes = 16 << 20

// call is called before every simple command. It runs the traps of signals that have come, and sends what the
// interpreter would do on the host to the shell's own commands.
func (sh *shell) call(ctx context.Context, args []string) ([]string, error) {
	if err := sh.p.Wait(); err != nil {
		return nil, err
	}
	if sh.calls++; sh.calls%64 == 0 && tooDeepStack() { // measuring a deep stack is slow
		return nil, errTooDeep
	}
	if size(args...) > maxMemory || sh.calls%1024 == 0 && holdsTooMuch(interp.HandlerCtx(ctx).Env) {
		return nil, errNoMemory
	}
	if args[0] == sizeCommand {
		return sh.measure(interp.HandlerCtx(ctx).Env, args[1], args[2:])
	}
	if code := sh.takeTraps(); code != "" {
		words := make([]string, len(args))
		for i, a := range args {
			quoted, err := syntax.Quote(a, syntax.LangBash)
			if err != nil {
				quoted = "''"
			}
			words[i] = quoted
		}
		return sh.eval(code + "\n" + strings.Join(words, " ")), nil
	}
	switch args[0] {
	case "eval":
		return sh.eval(strings.Join(args[1:], " ")), nil
	case ".", "source":
		return sh.source(interp.HandlerCtx(ctx), args), nil
	case "set":
		if len(args) > 1 && (args[1][0:min(1, len(args[1]))] == "-" || strings.HasPrefix(args[1], "+")) && args[1] != "--" {
			sh.options = append(sh.options, args[1:2]...)
			if args[1] == "-o" || args[1] == "+o" {
				sh.options = append(sh.options, args[2:min(3, len(args))]...)
			}
		}
	case "exec":
		if len(args) > 1 && sh.runner.Funcs[args[1]] == nil {
			return append([]string{"exec", inPlaceCommand}, args[1:]...), nil
		}
	case "trap":
		if n := len(args); n == 3 && (args[2] == "EXIT" || args[2] == "0" || args[2] == "ERR") {
			if args[2] == "0" {
				args[2] = "EXIT"
			}
			return sh.trapText(args), nil
		}
		return own(args), nil
	case "read":
		if interp.HandlerCtx(ctx).Stdin == nil {
			return sh.read(args), nil
		}
	case "command":
		if len(args) > 1 && (args[1] == "-v" || args[1] == "-V") {
			return own(args), nil
		}
	case "pwd":
		return []string{"pwd"}, nil
	case "kill", "wait", "jobs", "fg", "bg", "umask", "ulimit", "type", "hash", "history", "times":
		return own(args), nil
	case "logout":
		return append([]string{"exit"}, args[1:]...), nil
	case "help", "shopt", "bind", "caller", "compgen", "complete", "compopt", "enable", "disown", "suspend", "newgrp", "fc":
		return []string{builtinPrefix + "missing", args[0]}, nil
	}
	return args, nil
}

// What a shell may hold: in one variable or the words of one command, and in all variables together. More than that no
// real script has, and a string that doubles would otherwise take all of the process's memory.
const (
	maxMemory    = 4 << 20
	maxVariables = 64 << 20
)

// measure looks at variables that have been assigned to, and gives the assignment's status back.
func (sh *shell) measure(env expand.Environ, status string, names []string) ([]string, error) {
	for _, name := range names {
		if v := env.Get(name); size(v.Str)+size(v.List...) > maxMemory {
			return nil, errNoMemory
		}
	}
	return []string{builtinPrefix + "status", status}, nil
}

// holdsTooMuch adds up all variables, which takes long.
func holdsTooMuch(env expand.Environ) bool {
	const each = 256 // what a variable takes besides its value
	total := 0
	env.Each(func(name string, v expand.Variable) bool {
		total += each + size(name, v.Str) + size(v.List...)
		return total <= maxVariables
	})
	return total > maxVariables
}

// size is about how many bytes strings take.
func size(texts ...string) int {
	n := 0
	for _, s := range texts {
		n += len(s) + 16
	}
	return n
}

func own(args []string) []string {
	return append([]string{builtinPrefix + args[0]}, args[1:]...)
}

// eval is an eval of a rewritten script.
func (sh *shell) eval(script string) []string {
	file, err := sh.parts.parse(script, sh.name)
	if err != nil {
		return []string{builtinPrefix + "fail", sh.name + ": eval: " + syntaxMessage(err)}
	}
	text, err := print(file)
	if err != nil {
		return []string{builtinPrefix + "fail", sh.name + ": eval: " + err.Error()}
	}
	return []string{"eval", text}
}

// trapText rewrites the command of an EXIT or ERR trap, which the interpreter runs itself.
func (sh *shell) trapText(args []string) []string {
	if args[1] == "-" || args[1] == "" {
		return args
	}
	if rewritten := sh.eval(args[1]); rewritten[0] == "eval" {
		return []string{"trap", rewritten[1], args[2]}
	}
	return args
}

func (sh *shell) source(hc interp.HandlerContext, args []string) []string {
	if len(args) < 2 {
		return []string{builtinPrefix + "fail", sh.name + ": .: filename argument required"}
	}
	name := args[1]
	if !strings.HasPrefix(name, "/") {
		name = containerPath(hc.Dir) + "/" + name
	}
	data, err := sh.p.FS().ReadFile(name, 8<<20)
	if err != nil {
		return []string{builtinPrefix + "fail", fmt.Sprintf("%s: .: can't open '%s': %s", sh.name, args[1], Reason(err))}
	}
	return sh.eval(string(data))
}

// read reads a line of the process's own input, which the interpreter does not have, and hands it to its read.
func (sh *shell) read(args []string) []string {
	line, err := readLine(sh.p.Stdin)
	words := make([]string, len(args))
	for i, a := range args {
		words[i], _ = syntax.Quote(a, syntax.LangBash)
	}
	input := line
	if err == nil {
		input += "\n"
	}
	quoted, qerr := syntax.Quote(strings.ReplaceAll(line, "\x00", ""), syntax.LangBash)
	if qerr != nil {
		return []string{builtinPrefix + "fail", sh.name + ": read: invalid input"}
	}
	script := strings.Join(words, " ")
	if input == "" {
		return []string{"eval", script + " </dev/null"}
	}
	script += " <<<" + quoted
	if err != nil {
		script += "; false"
	}
	return []string{"eval", script}
}

func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for {
		n, err := r.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n':
			return string(line), nil
		case n == 1:
			line = append(line, b[0])
		case err != nil:
			return string(line), err
		}
		if len(line) > 1<<20 {
			return string(line), io.ErrShortBuffer
		}
	}
}

// exec runs what is neither a function nor a builtin of the interpreter.
func (sh *shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	switch {
	case args[0] == pipeCommand && len(args) == 2:
		return sh.pipeline(ctx, hc, sh.parts.get(args[1]))
	case args[0] == backgroundCommand && len(args) == 2:
		return sh.startBackground(ctx, hc, sh.parts.get(args[1]))
	case args[0] == inPlaceCommand && len(args) > 1:
		return sh.run(ctx, hc, args[1:], true)
	}
	if name, ok := strings.CutPrefix(args[0], builtinPrefix); ok {
		return sh.builtin(ctx, hc, name, args[1:])
	}
	return sh.run(ctx, hc, args, sh.single)
}

// run runs a program: in a process of its own, or in place of the shell.
func (sh *shell) run(ctx context.Context, hc interp.HandlerContext, args []string, inPlace bool) error {
	cmd := sandbox.Command{
		Path: args[0], Args: args, Env: exported(hc.Env), Dir: containerPath(hc.Dir),
		Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr,
	}
	if cmd.Stdin == nil {
		cmd.Stdin = sh.p.Stdin
	}
	end := sh.collect(&cmd)
	defer end()
	if inPlace && cmd.Stdout == hc.Stdout {
		code, err := sh.p.Exec(cmd)
		if err != nil {
			return sh.startFailed(hc, args[0], err)
		}
		return exitStatus(code)
	}
	process, err := sh.p.Start(cmd)
	if err != nil {
		return sh.startFailed(hc, args[0], err)
	}
	return sh.await(ctx, hc, process)
}

// await waits for a child in the foreground.
func (sh *shell) await(ctx context.Context, hc interp.HandlerContext, process *sandbox.Process) error {
	select {
	case <-process.Done():
	case <-ctx.Done():
		if sh.interactive { // Ctrl-C, which a process that has just been started may have missed
			_ = sh.p.Kill(-process.PID(), sandbox.SIGINT)
		}
		return ctx.Err()
	}
	switch sig := process.ExitSignal(); sig {
	case 0, sandbox.SIGINT, sandbox.SIGPIPE:
	default:
		fmt.Fprintln(hc.Stderr, sig.Description())
	}
	return exitStatus(process.ExitCode())
}

func exitStatus(code int) error {
	if code &= 0xff; code != 0 {
		return interp.ExitStatus(code)
	}
	return nil
}

// startFailed prints why a program could not be started, as busybox does.
func (sh *shell) startFailed(hc interp.HandlerContext, name string, err error) error {
	prefix := sh.name + ": "
	if sh.script {
		prefix += fmt.Sprintf("line %d: ", hc.Pos.Line())
	}
	var start *sandbox.StartError
	if !errors.As(err, &start) {
		fmt.Fprintf(hc.Stderr, "%scan't fork: %s\n", prefix, Reason(err))
		return interp.ExitStatus(2)
	}
	switch start.Code {
	case 127:
		fmt.Fprintf(hc.Stderr, "%s%s: not found\n", prefix, name)
	default:
		fmt.Fprintf(hc.Stderr, "%s%s: %s\n", prefix, name, start.Errno)
	}
	return interp.ExitStatus(uint8(start.Code))
}

// collected is the output of a command substitution. The interpreter's buffer is not made for several writers and
// must not be written to once the substitution is over, when a child in the background may still write.
type collected struct {
	mu    sync.Mutex
	to    io.Writer
	bytes int
}

func (c *collected) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to == nil || c.bytes+len(b) > substitutionBytes {
		return 0, sandbox.EPIPE
	}
	c.bytes += len(b)
	return c.to.Write(b)
}

func (c *collected) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to = nil
}

// collect replaces output that goes to a buffer of the interpreter. The caller calls end when the command is over.
func (sh *shell) collect(cmd *sandbox.Command) (end func()) {
	foreign := func(w io.Writer) bool {
		if _, file := w.(*sandbox.File); file {
			return false
		}
		return w != sh.p.Stdout && w != sh.p.Stderr
	}
	var buffers []*collected
	replace := func(w io.Writer) io.Writer {
		c := &collected{to: w}
		buffers = append(buffers, c)
		return c
	}
	same := cmd.Stdout == cmd.Stderr
	if foreign(cmd.Stdout) {
		cmd.Stdout = replace(cmd.Stdout)
	}
	switch {
	case same:
		cmd.Stderr = cmd.Stdout
	case foreign(cmd.Stderr):
		cmd.Stderr = replace(cmd.Stderr)
	}
	return func() {
		for _, c := range buffers {
			c.close()
		}
	}
}

// pipeline runs each stage in a process, connected by pipes. Its exit status is that of the last one.
func (sh *shell) pipeline(ctx context.Context, hc interp.HandlerContext, stages []*syntax.Stmt) error {
	if len(stages) == 0 {
		return interp.ExitStatus(127)
	}
	last := sandbox.Command{Stdout: hc.Stdout, Stderr: hc.Stderr}
	end := sh.collect(&last)
	defer end()
	input := hc.Stdin
	if input == nil {
		input = sh.p.Stdin
	}
	var processes []*sandbox.Process
	release := func() {}
	for i, stmt := range stages {
		cmd := sandbox.Command{
			Args: sh.p.Args, Env: exported(hc.Env), Dir: containerPath(hc.Dir),
			Stdin: input, Stdout: last.Stdout, Stderr: last.Stderr,
			Program: sh.subshell(hc, stmt).run,
		}
		releaseNext := func() {}
		if i < len(stages)-1 {
			input, cmd.Stdout, releaseNext = sh.p.Pipe()
		}
		process, err := sh.p.Start(cmd)
		release()
		release = releaseNext
		if err != nil {
			release()
			for _, p := range processes {
				<-p.Done()
			}
			return sh.startFailed(hc, "fork", err)
		}
		processes = append(processes, process)
	}
	var status error
	for _, p := range processes { // also after Ctrl-C, to reach every stage
		status = sh.await(ctx, hc, p)
	}
	return status
}

// startBackground runs a statement in a process that nobody waits for.
func (sh *shell) startBackground(ctx context.Context, hc interp.HandlerContext, stages []*syntax.Stmt) error {
	if len(stages) != 1 {
		return interp.ExitStatus(127)
	}
	cmd := sandbox.Command{
		Args: sh.p.Args, Env: exported(hc.Env), Dir: containerPath(hc.Dir),
		Stdin: devNull{}, Stdout: hc.Stdout, Stderr: hc.Stderr,
	}
	end := sh.collect(&cmd)
	collects := cmd.Stdout != hc.Stdout
	program := sh.subshell(hc, stages[0])
	cmd.Program = func(ctx context.Context, p *sandbox.Process) int {
		p.Ignore(sandbox.SIGINT, sandbox.SIGQUIT)
		return program.run(ctx, p)
	}
	process, err := sh.p.Start(cmd)
	if err != nil {
		end()
		return sh.startFailed(hc, "fork", err)
	}
	sh.background = process.PID()
	sh.jobs = append(sh.jobs, process)
	if sh.interactive {
		fmt.Fprintf(hc.Stderr, "[%d] %d\n", len(sh.jobs), process.PID())
	}
	if collects {
		defer end()
		if !redirectsOutput(stages[0]) { // as long as it may write, the substitution is not over
			select {
			case <-process.Done():
			case <-ctx.Done():
			}
		}
	}
	return nil
}

func redirectsOutput(st *syntax.Stmt) bool {
	for _, r := range st.Redirs {
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll:
			return r.N == nil || r.N.Value == "1"
		default:
		}
	}
	return false
}

// devNull is the input of background commands.
type devNull struct{}

func (devNull) Read([]byte) (int, error) { return 0, io.EOF }

// open opens the files of redirections.
func (sh *shell) open(ctx context.Context, name string, flag int, mode fs.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	full := containerPath(name)
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, `\`) {
		full = containerPath(containerPath(hc.Dir) + "/" + name)
	}
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return sh.openInput(name, full)
	}
	file, err := sh.p.OpenFile(full, flag, mode)
	if err != nil {
		return nil, redirectError("can't create", name, err)
	}
	return file, nil
}

// openInput returns a file of the host's type, which the interpreter needs for its standard input.
func (sh *shell) openInput(name, full string) (io.ReadWriteCloser, error) {
	switch full {
	case "/dev/null":
		return os.Open(os.DevNull)
	case "/dev/zero", "/dev/urandom", "/dev/random", "/dev/full":
		file, err := os.Open(full) // the host's: an endless file could not be copied to the interpreter
		if err != nil {
			return nil, redirectError("can't open", name, sandbox.ENOENT)
		}
		return file, nil
	}
	file, err := sh.p.OpenFile(full, os.O_RDONLY, 0)
	if err != nil {
		return nil, redirectError("can't open", name, err)
	}
	if host := file.Host(); host != nil {
		return host, nil
	}
	return file, nil
}

// redirectError reads as busybox's: "sh: can't open /x: no such file".
func redirectError(what, name string, err error) error {
	reason := Reason(err)
	if errors.Is(err, fs.ErrNotExist) {
		reason = "no such file"
		if what == "can't create" {
			reason = "nonexistent directory"
		}
	}
	return &os.PathError{Op: "sh: " + what, Path: name, Err: errors.New(reason)}
}

func (sh *shell) readDir(_ context.Context, name string) ([]fs.DirEntry, error) {
	infos, err := sh.p.FS().ReadDir(containerPath(name))
	entries := make([]fs.DirEntry, len(infos))
	for i, info := range infos {
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}

func (sh *shell) stat(_ context.Context, name string, follow bool) (fs.FileInfo, error) {
	if follow {
		return sh.p.FS().Stat(sh.p.Path(containerPath(name)))
	}
	return sh.p.FS().Lstat(sh.p.Path(containerPath(name)))
}

func (sh *shell) access(_ context.Context, name string, mode interp.AccessMode) error {
	info, err := sh.p.FS().Stat(containerPath(name))
	if err == nil && mode&interp.AccessExec != 0 && info.Mode()&0o111 == 0 {
		return sandbox.EACCES
	}
	return err
}
