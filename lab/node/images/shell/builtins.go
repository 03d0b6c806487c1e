package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// builtin runs one of the shell's own commands.
func (sh *shell) builtin(ctx context.Context, hc interp.HandlerContext, name string, args []string) error {
	switch name {
	case "kill":
		return exitStatus(tools.Kill(sh.p, sh.jobNumbers(args), hc.Stdout, hc.Stderr, sh.name+": "))
	case "wait":
		return sh.waitJobs(ctx, hc, args)
	case "trap":
		return sh.setTrap(hc, args)
	case "command", "type", "hash":
		return sh.describe(hc, name, args)
	case "jobs":
		for i, p := range sh.jobs {
			if !ended(p) {
				fmt.Fprintf(hc.Stdout, "[%d]+  Running                    %s\n", i+1, strings.Join(p.Args, " "))
			}
		}
		return nil
	case "umask":
		if len(args) == 0 {
			fmt.Fprintln(hc.Stdout, "0022")
		}
		return nil
	case "ulimit":
		if len(args) < 2 {
			fmt.Fprintln(hc.Stdout, "unlimited")
		}
		return nil
	case "history", "times":
		return nil
	case "fg", "bg":
		fmt.Fprintf(hc.Stderr, "sh: %s: no job control in this shell\n", name)
		return interp.ExitStatus(1)
	case "status":
		code, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return exitStatus(code)
	case "fail":
		fmt.Fprintln(hc.Stderr, strings.Join(args, " "))
		return interp.ExitStatus(2)
	}
	fmt.Fprintf(hc.Stderr, "%s: %s: not found\n", sh.name, strings.Join(args, " "))
	return interp.ExitStatus(127)
}

func ended(p *sandbox.Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// describe is command -v, type and hash.
func (sh *shell) describe(hc interp.HandlerContext, name string, args []string) error {
	if name == "command" {
		args = args[1:]
	}
	var status error
	for _, a := range args {
		found, err := sh.p.LookPath(a)
		text := found
		switch {
		case sh.runner.Funcs[a] != nil, interp.IsBuiltin(a):
			text, err = a, nil
			if name == "type" {
				text = a + " is a shell builtin"
			}
		case name == "type":
			text = a + " is " + found
		}
		switch {
		case err != nil:
			status = interp.ExitStatus(127)
			if name == "type" {
				fmt.Fprintf(hc.Stderr, "%s: not found\n", a)
			}
		case name != "hash":
			fmt.Fprintln(hc.Stdout, text)
		}
	}
	return status
}
