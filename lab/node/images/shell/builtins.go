package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

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
		return sh.setTrap(ctx, hc, args)
	case "echo":
		return exitStatus(echo(sh.output(hc), args))
	case "printf":
		if len(args) > 0 && args[0] == "--" {
			args = args[1:]
		}
		if len(args) == 0 {
			fmt.Fprintln(hc.Stderr, sh.prefix(hc)+"usage: printf FORMAT [ARGUMENT...]")
			return interp.ExitStatus(2)
		}
		f := &printf{out: sh.output(hc), errs: hc.Stderr, prefix: sh.prefix(hc), args: args[1:]}
		return exitStatus(f.run(args[0]))
	case "test", "[":
		return sh.test(hc, name, args)
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
		return sh.umask(hc, args)
	case "ulimit":
		if len(args) < 2 {
			fmt.Fprintln(hc.Stdout, "unlimited")
		}
		return nil
	case "history":
		return nil
	case "times":
		fmt.Fprint(sh.output(hc), "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
		return nil
	case "exported", "readonlys":
		return sh.listVariables(hc, name)
	case "options":
		return sh.listOptions(hc, args[0])
	case "no-alias":
		fmt.Fprintf(hc.Stderr, "%s: %s not found\n", args[0], args[1])
		return interp.ExitStatus(1)
	case "cannot-cd":
		fmt.Fprintf(hc.Stderr, "%scan't cd to %s: %s\n", sh.prefixOf(hc, "cd"), args[0], args[1])
		return interp.ExitStatus(2)
	case "fg", "bg":
		fmt.Fprintf(hc.Stderr, "sh: %s: no job control in this shell\n", name)
		return interp.ExitStatus(1)
	case "status":
		code, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return exitStatus(code)
	}
	fmt.Fprintf(hc.Stderr, "%s%s: not found\n", sh.prefix(hc), strings.Join(args, " "))
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
		args = args[1:min(2, len(args))]
	}
	var status error
	for _, a := range args {
		found, err := sh.p.LookPath(a)
		text := found
		switch {
		case sh.runner.Funcs[a] != nil, interp.IsBuiltin(a), syntax.IsKeyword(a):
			text, err = a, nil
			switch {
			case name != "type":
			case sh.runner.Funcs[a] != nil:
				text = a + " is a function"
			case syntax.IsKeyword(a):
				text = a + " is a shell keyword"
			default:
				text = a + " is a shell builtin"
			}
		case name == "type":
			text = a + " is " + found
		}
		switch {
		case err != nil:
			status = interp.ExitStatus(127)
			switch name {
			case "type":
				fmt.Fprintf(sh.output(hc), "%s: not found\n", a)
			case "hash":
				fmt.Fprintf(hc.Stderr, "%s%s: not found\n", sh.prefixOf(hc, name), a)
				status = interp.ExitStatus(1)
			}
		case name != "hash":
			fmt.Fprintln(hc.Stdout, text)
		}
	}
	return status
}
