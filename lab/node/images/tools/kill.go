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
	sig := sandbox.SIGTERM
	if len(args) > 1 && args[0] == "-l" {
		return signalNames(args[1:], out, errs, prefix)
	}
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

// signalNames turns numbers into names and names into numbers; a number may be an exit code.
func signalNames(args []string, out, errs io.Writer, prefix string) int {
	code := 0
	for _, a := range args {
		if n, err := strconv.Atoi(a); err == nil && n > 128 {
			a = strconv.Itoa(n - 128)
		}
		s, err := sandbox.ParseSignal(a)
		switch _, numeric := strconv.Atoi(a); {
		case err != nil:
			fmt.Fprintf(errs, "%sunknown signal '%s'\n", prefix, a)
			code = 1
		case numeric == nil:
			fmt.Fprintln(out, strings.TrimPrefix(s.String(), "SIG"))
		default:
			fmt.Fprintln(out, int(s))
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
	args, quiet := p.Args[1:], false
	sig := sandbox.SIGTERM
	if len(args) > 0 && args[0] == "-l" {
		return Kill(p, args, p.Stdout, p.Stderr, "kill: ")
	}
	if len(args) > 0 && args[0] == "-q" {
		quiet, args = true, args[1:]
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		s, err := sandbox.ParseSignal(args[0][1:])
		if err != nil {
			return failf(p, "bad signal name '%s'", args[0][1:])
		}
		sig, args = s, args[1:]
	}
	if len(args) == 0 {
		return failf(p, "you need to specify whom to kill")
	}
	code := 0
	for _, n := range args {
		found := byName(p, []string{n})
		for _, info := range found {
			_ = p.Kill(info.PID, sig) // it may have ended meanwhile
		}
		if len(found) == 0 {
			code = 1
			if !quiet {
				failf(p, "%s: no process killed", n)
			}
		}
	}
	return code
}

func pidof(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "s", "o")
	if !ok {
		return 1
	}
	if set['o'] == "%PPID" {
		set['o'] = strconv.Itoa(p.PPID())
	}
	var pids []string
	for _, info := range slices.Backward(byName(p, names)) {
		if pid := strconv.Itoa(info.PID); pid != set['o'] {
			pids = append(pids, pid)
		}
	}
	if len(pids) == 0 {
		return 1
	}
	if has(set, 's') {
		pids = pids[:1]
	}
	fmt.Fprintln(p.Stdout, strings.Join(pids, " "))
	return 0
}
