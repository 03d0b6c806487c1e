package tools

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/sandbox"
)

// builtin runs one of the shell's own commands.
func (sh *shell) builtin(ctx context.Context, hc interp.HandlerContext, name string, args []string) error {
	switch name {
	case "kill":
		return exitStatus(kill(sh.p, sh.jobNumbers(args), hc.Stdout, hc.Stderr, sh.name+": "))
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

// jobNumbers replaces %1 by the ID of the first job's process.
func (sh *shell) jobNumbers(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		n, err := strconv.Atoi(strings.TrimPrefix(a, "%"))
		if strings.HasPrefix(a, "%") && err == nil && n >= 1 && n <= len(sh.jobs) {
			args[i] = strconv.Itoa(sh.jobs[n-1].PID())
		}
	}
	return args
}

// waitJobs is wait: for all children, or for those that are named. A signal with a trap ends it.
func (sh *shell) waitJobs(ctx context.Context, hc interp.HandlerContext, args []string) error {
	targets := sh.jobs
	if len(args) > 0 {
		targets = nil
		for _, a := range sh.jobNumbers(args) {
			pid, err := strconv.Atoi(a)
			i := slices.IndexFunc(sh.jobs, func(p *sandbox.Process) bool { return p.PID() == pid })
			if err != nil || i < 0 {
				return interp.ExitStatus(127)
			}
			targets = append(targets, sh.jobs[i])
		}
	}
	var status error
	for _, p := range targets {
		select {
		case <-p.Done():
			status = exitStatus(p.ExitCode())
		case sig := <-sh.signals:
			sh.pending = append(sh.pending, sig)
			return interp.ExitStatus(uint8(128 + int(sig)))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if len(args) == 0 {
		sh.jobs = nil
		return nil
	}
	return status
}

// reportJobs tells about background commands that have ended, on a terminal.
func (sh *shell) reportJobs() {
	if !sh.interactive {
		return
	}
	left := 0
	for i, p := range sh.jobs {
		if p == nil || !ended(p) {
			left = i + 1
		}
	}
	for i, p := range sh.jobs[left:] {
		what := "Done"
		if sig := p.ExitSignal(); sig != 0 {
			what = sig.Description()
		}
		fmt.Fprintf(sh.p.Stderr, "[%d]+  %-26s %s\n", left+i+1, what, strings.Join(p.Args, " "))
	}
	sh.jobs = sh.jobs[:left]
}

// setTrap is trap for signals; those for EXIT and ERR are the interpreter's.
func (sh *shell) setTrap(hc interp.HandlerContext, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		for _, sig := range sh.trapped() {
			fmt.Fprintf(hc.Stdout, "trap -- '%s' %s\n", sh.traps[sig], strings.TrimPrefix(sig.String(), "SIG"))
		}
		return nil
	}
	if len(args) == 1 {
		args = []string{"-", args[0]}
	}
	for _, name := range args[1:] {
		if name == "EXIT" || name == "0" || name == "ERR" {
			if err := hc.Builtin(context.Background(), sh.trapText([]string{"trap", args[0], "EXIT"})); err != nil {
				return err
			}
			continue
		}
		sig, err := sandbox.ParseSignal(name)
		if err != nil {
			fmt.Fprintf(hc.Stderr, "%s: trap: %s: invalid signal specification\n", sh.name, name)
			return interp.ExitStatus(1)
		}
		if sh.traps == nil {
			sh.traps = map[sandbox.Signal]string{}
		}
		delete(sh.traps, sig)
		switch args[0] {
		case "-":
			sh.p.Default(sig)
		case "":
			sh.p.Ignore(sig)
		default:
			sh.traps[sig] = args[0]
		}
	}
	sh.poll()
	sh.signals = nil
	if trapped := sh.trapped(); len(trapped) > 0 {
		sh.signals = sh.p.Notify(trapped...)
	}
	return nil
}

// trapped lists the signals that have a trap.
func (sh *shell) trapped() []sandbox.Signal {
	var list []sandbox.Signal
	for sig := range sh.traps {
		list = append(list, sig)
	}
	slices.Sort(list)
	return list
}

// poll notes the signals that have come.
func (sh *shell) poll() {
	for {
		select {
		case sig := <-sh.signals:
			sh.pending = append(sh.pending, sig)
		default:
			return
		}
	}
}

// takeTraps returns the commands of the traps whose signals have come.
func (sh *shell) takeTraps() string {
	sh.poll()
	var commands []string
	for _, sig := range sh.pending {
		if command := sh.traps[sig]; command != "" {
			commands = append(commands, command)
		}
	}
	sh.pending = nil
	return strings.Join(commands, "\n")
}

// runTraps runs the traps that are due at the end of a script.
func (sh *shell) runTraps(ctx context.Context) error {
	command := sh.takeTraps()
	if command == "" {
		return nil
	}
	file, err := sh.parts.parse(command, sh.name)
	if err != nil {
		return err
	}
	return sh.runner.Run(ctx, file)
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
