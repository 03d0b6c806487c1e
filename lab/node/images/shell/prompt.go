package shell

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

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
		code, done = sh.runLine(runCtx, &pending, code)
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

// runLine runs what was typed if it is complete.
func (sh *shell) runLine(ctx context.Context, pending *string, code int) (newCode int, done bool) {
	file, err := sh.parse(ctx, *pending)
	if incomplete(err) && len(*pending) < maxValue {
		return code, false
	}
	*pending = ""
	if err != nil {
		sh.complain(err)
		return 2, false
	}
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
