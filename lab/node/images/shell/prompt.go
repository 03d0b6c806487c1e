package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

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

func drain(ch <-chan sandbox.Signal) {
	for {
		select {
		case <-ch:
		default:
			return
		}
	}
}
