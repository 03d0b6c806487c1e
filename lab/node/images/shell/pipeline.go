package shell

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

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
		Stdin: strings.NewReader(""), Stdout: hc.Stdout, Stderr: hc.Stderr,
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

// substitutionBytes bounds what a command substitution collects.
const substitutionBytes = 16 << 20

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
