package shell

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/sandbox"
)

// pipeline runs each stage in a process, connected by pipes. Its exit status is that of the last one, or of the last
// that failed if pipefail is set. args are those of pipeCommand.
func (sh *shell) pipeline(ctx context.Context, hc interp.HandlerContext, args []string) error {
	line, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	stages := args[1:]
	last := sandbox.Command{Stdout: hc.Stdout, Stderr: hc.Stderr}
	end := sh.collect(&last)
	defer end()
	input := sh.input(hc.Stdin)
	var processes []*sandbox.Process
	release := func() {}
	for i, text := range stages {
		cmd := sandbox.Command{
			Args: sh.p.Args, Env: exported(hc.Env), Dir: containerPath(hc.Dir),
			Stdin: input, Stdout: last.Stdout, Stderr: last.Stderr, Files: sh.files(),
			Program: sh.subshell(hc, text, line).run,
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
		if got := sh.await(ctx, hc, p); got != nil || !sh.pipefail {
			status = got
		}
	}
	return status
}

// startBackground runs a command in a process that nobody waits for. args are those of backgroundCommand.
func (sh *shell) startBackground(ctx context.Context, hc interp.HandlerContext, args []string) error {
	line, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	waits, text := args[1] != "", args[2]
	cmd := sandbox.Command{
		Args: sh.p.Args, Env: exported(hc.Env), Dir: containerPath(hc.Dir),
		Stdin: strings.NewReader(""), Stdout: hc.Stdout, Stderr: hc.Stderr, Files: sh.files(),
	}
	end := sh.collect(&cmd)
	collects := cmd.Stdout != hc.Stdout
	program := sh.subshell(hc, text, line)
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
	sh.jobs = append(sh.running(), process)
	if sh.interactive {
		fmt.Fprintf(hc.Stderr, "[%d] %d\n", len(sh.jobs), process.PID())
	}
	if collects {
		defer end()
		if waits { // as long as it may write, the substitution is not over
			select {
			case <-process.Done():
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// collected is the output of a command substitution. The interpreter's buffer is not made for several writers and
// must not be written to once the substitution is over, when a child in the background may still write.
type collected struct {
	mu      sync.Mutex
	to      io.Writer
	limited bool
	bytes   int
	over    bool // more came than it may be
}

func (c *collected) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to != nil && c.limited && c.bytes+len(b) > maxValue {
		c.over = true
	}
	if c.to == nil || c.over {
		return 0, sandbox.EPIPE
	}
	c.bytes += len(b)
	return c.to.Write(b)
}

// close ends it, and reports whether more came than it may be.
func (c *collected) close() (over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to = nil
	return c.over
}

// collect replaces output that goes to a buffer of the interpreter. The caller calls end when the command is over; the
// shell dies there if it was too much.
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
		if buffer, ok := w.(*strings.Builder); ok {
			c.limited, c.bytes = true, buffer.Len()
		}
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
		over := false
		for _, c := range buffers {
			over = c.close() || over
		}
		if over {
			die(errNoMemory)
		}
	}
}
