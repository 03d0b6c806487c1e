package shell

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/sandbox"
)

// setTrap is trap for signals; those for EXIT and ERR are the interpreter's.
func (sh *shell) setTrap(ctx context.Context, hc interp.HandlerContext, args []string) error {
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		if sh.onExit != "" {
			fmt.Fprintf(hc.Stdout, "trap -- '%s' EXIT\n", sh.onExit)
		}
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
			text, err := sh.trapText(ctx, args[0])
			if err != nil {
				sh.complain(err)
				return interp.ExitStatus(2)
			}
			if name == "0" {
				name = "EXIT"
			}
			if err := hc.Builtin(ctx, []string{"trap", text, name}); err != nil {
				return err
			}
			if name == "EXIT" {
				sh.atExit, sh.onExit = true, strings.TrimPrefix(args[0], "-")
			}
			continue
		}
		sig, err := sandbox.ParseSignal(name)
		if err != nil {
			fmt.Fprintf(hc.Stderr, "%s%s: invalid signal specification\n", sh.prefixOf(hc, "trap"), name)
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
func (sh *shell) runTraps(ctx context.Context) (err error, ran bool) { //nolint:revive // the error is a status
	command := sh.takeTraps()
	if command == "" {
		return nil, false
	}
	file, err := sh.parse(ctx, command)
	if err != nil {
		return err, true
	}
	for _, st := range file.Stmts {
		if err = sh.runner.Run(ctx, st); sh.runner.Exited() {
			break
		}
	}
	return err, true
}
