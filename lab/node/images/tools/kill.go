package tools

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func kill(_ context.Context, p *sandbox.Process) int {
	return Kill(p, p.Args[1:], p.Stdout, p.Stderr, "kill: ")
}

// Kill is the program and the shell's builtin: it prints to out and errs, its messages after prefix, and returns the exit
// code.
func Kill(p *sandbox.Process, args []string, out, errs io.Writer, prefix string) int {
	if prefix != "kill: " {
		prefix += "kill: "
	}
	sig := sandbox.SIGTERM
	if len(args) > 0 && args[0] == "-l" {
		for s := sandbox.Signal(1); s <= 31; s++ {
			fmt.Fprintf(out, "%2d) %s\n", s, strings.TrimPrefix(s.String(), "SIG"))
		}
		return 0
	}
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		text := args[0][1:]
		args = args[1:]
		if text == "s" || text == "n" {
			if len(args) == 0 {
				fmt.Fprintf(errs, "%soption requires an argument -- 's'\n", prefix)
				return 1
			}
			text, args = args[0], args[1:]
		} else if text[0] == 's' && len(text) > 1 {
			text = text[1:]
		}
		s, err := sandbox.ParseSignal(text)
		if err != nil {
			fmt.Fprintf(errs, "%sbad signal name '%s'\n", prefix, text)
			return 1
		}
		sig = s
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintf(errs, "%syou need to specify whom to kill\n", prefix)
		return 1
	}
	code := 0
	for _, a := range args {
		pid, err := strconv.Atoi(a)
		if err != nil {
			fmt.Fprintf(errs, "%sinvalid number '%s'\n", prefix, a)
			code = 1
			continue
		}
		if err := p.Kill(pid, sig); err != nil {
			fmt.Fprintf(errs, "%scan't kill pid %d: %s\n", prefix, pid, Reason(err))
			code = 1
		}
	}
	return code
}

// byName returns the processes whose program has one of the names.
func byName(p *sandbox.Process, names []string) []sandbox.ProcessInfo {
	var found []sandbox.ProcessInfo
	for _, info := range p.Processes() {
		if info.PID != p.PID() && len(info.Args) > 0 && slices.Contains(names, path.Base(info.Args[0])) {
			found = append(found, info)
		}
	}
	return found
}

func killall(_ context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	sig := sandbox.SIGTERM
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		s, err := sandbox.ParseSignal(args[0][1:])
		if err != nil {
			return failf(p, "bad signal name '%s'", args[0][1:])
		}
		sig, args = s, args[1:]
	}
	found := byName(p, args)
	for _, info := range found {
		_ = p.Kill(info.PID, sig) // it may have ended meanwhile
	}
	if len(found) == 0 {
		if name(p) == "killall" {
			return failf(p, "%s: no process killed", strings.Join(args, " "))
		}
		return 1
	}
	return 0
}

func pidof(_ context.Context, p *sandbox.Process) int {
	found := byName(p, p.Args[1:])
	if len(found) == 0 {
		return 1
	}
	var pids []string
	for _, info := range slices.Backward(found) {
		pids = append(pids, strconv.Itoa(info.PID))
	}
	separator := " "
	if name(p) == "pgrep" {
		slices.Reverse(pids)
		separator = "\n"
	}
	fmt.Fprintln(p.Stdout, strings.Join(pids, separator))
	return 0
}
