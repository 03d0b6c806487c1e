package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// exec runs what is neither a function nor a builtin of the interpreter.
func (sh *shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	hc.Stdout, hc.Stderr = below(hc.Stdout), below(hc.Stderr)
	switch args[0] {
	case pipeCommand:
		if len(args) > 2 {
			return sh.pipeline(ctx, hc, args[1:])
		}
	case backgroundCommand:
		if len(args) == 4 {
			return sh.startBackground(ctx, hc, args[1:])
		}
	case fdCommand:
		return sh.descriptor(hc, args[1:])
	case roomCommand:
		room(args[1:])
		return nil
	case inPlaceCommand:
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
		Stdin: sh.input(hc.Stdin), Stdout: hc.Stdout, Stderr: hc.Stderr, Files: sh.files(),
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
	describe(hc.Stderr, process)
	return exitStatus(process.ExitCode())
}

// describe tells which signal a process died of.
func describe(errs io.Writer, process *sandbox.Process) {
	switch sig := process.ExitSignal(); sig {
	case 0, sandbox.SIGINT, sandbox.SIGPIPE:
	default:
		fmt.Fprintln(errs, sig.Description())
	}
}

func exitStatus(code int) error {
	if code &= 0xff; code != 0 {
		return interp.ExitStatus(code)
	}
	return nil
}

// prefix is what messages about a command begin with.
func (sh *shell) prefix(hc interp.HandlerContext) string {
	if sh.script {
		return fmt.Sprintf("%s: line %d: ", sh.name, sh.line+int(hc.Pos.Line()))
	}
	return sh.name + ": "
}

// prefixOf is what messages of a builtin begin with: ash counts a script's lines from 1 and others' from 0.
func (sh *shell) prefixOf(hc interp.HandlerContext, builtin string) string {
	n := sh.line + int(hc.Pos.Line())
	if !sh.script {
		n = max(0, n-1)
	}
	return fmt.Sprintf("%s: %s: line %d: ", sh.name, builtin, n)
}

// startFailed prints why a program could not be started, as busybox does.
func (sh *shell) startFailed(hc interp.HandlerContext, name string, err error) error {
	prefix := sh.prefix(hc)
	var start *sandbox.StartError
	if !errors.As(err, &start) {
		fmt.Fprintf(hc.Stderr, "%scan't fork: %s\n", prefix, tools.Reason(err))
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
