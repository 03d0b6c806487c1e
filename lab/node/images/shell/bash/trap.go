package bash

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// runTrap runs the text of a trap, which changes no status.
func (sh *shell) runTrap(name, script string) {
	old, status, line := sh.trapping, sh.status, sh.line
	sh.trapping = name
	pipe := sh.pipeStatus
	level := sh.traceLevel
	if name != "EXIT" {
		sh.traceLevel++
	}
	if err := sh.runText(&text{source: sh.text.source, above: max(0, line-1)}, linesOf(script)); err != nil {
		sh.reportSyntax(err, name+" trap")
	}
	sh.traceLevel = level
	sh.trapping = old
	if !sh.returns {
		sh.status, sh.pipeStatus = status, pipe
	}
	sh.line = line
}

// debug runs the DEBUG trap before a command.
func (sh *shell) debug(st *syntax.Stmt) {
	if sh.trapping == "" {
		sh.command = st
	}
	if text := sh.traps["DEBUG"]; text != "" && sh.trapping != "DEBUG" {
		sh.runTrap("DEBUG", text)
	}
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

// takeSignals runs the traps of the signals that have come.
func (sh *shell) takeSignals() {
	if sh.signals == nil && len(sh.pending) == 0 {
		return
	}
	sh.poll()
	for len(sh.pending) > 0 {
		sig := sh.pending[0]
		sh.pending = sh.pending[1:]
		if text := sh.traps[sig.String()]; text != "" {
			sh.runTrap(sig.String(), text)
		}
	}
}

// listen asks for the signals that have traps.
func (sh *shell) listen() {
	sh.poll()
	sh.signals = nil
	var list []sandbox.Signal
	for name, text := range sh.traps {
		if sig, err := sandbox.ParseSignal(name); err == nil && text != "" && strings.HasPrefix(name, "SIG") {
			list = append(list, sig)
		}
	}
	if len(list) > 0 {
		sh.signals = sh.p.Notify(list...)
	}
}

// trapName is what a trap is kept under.
func trapName(word string) (string, bool) {
	switch name := strings.ToUpper(word); name {
	case "0", "EXIT", "SIGEXIT":
		return "EXIT", true
	case "ERR", "DEBUG", "RETURN":
		return name, true
	}
	sig, err := sandbox.ParseSignal(word)
	if err != nil || sig <= 0 {
		return "", false
	}
	return sig.String(), true
}

// trapOrder sorts traps as trap -p prints them.
func trapOrder(name string) int {
	switch name {
	case "EXIT":
		return 0
	case "DEBUG":
		return 65
	case "ERR":
		return 66
	case "RETURN":
		return 67
	}
	sig, err := sandbox.ParseSignal(name)
	if err != nil {
		return 64
	}
	return int(sig)
}

func trapBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "-l" {
		return killBuiltin(sh, []string{"kill", "-l"})
	}
	if len(args) == 0 || args[0] == "-p" {
		return sh.listTraps(args)
	}
	if len(args[0]) > 1 && args[0][0] == '-' {
		sh.errorf("trap: -%c: invalid option", args[0][1])
		sh.complain("trap: usage: trap [-lp] [[arg] signal_spec ...]\n")
		return 2
	}
	text := args[0]
	if len(args) == 1 {
		if _, ok := trapName(text); !ok && text != "-" {
			sh.complain("trap: usage: trap [-lp] [[arg] signal_spec ...]\n")
			return 2
		}
		text, args = "-", append([]string{"-"}, args...)
	}
	code := 0
	for _, word := range args[1:] {
		name, ok := trapName(word)
		if !ok {
			code = sh.fail(1, "trap: %s: invalid signal specification", word)
			continue
		}
		sig, err := sandbox.ParseSignal(name)
		real := err == nil && strings.HasPrefix(name, "SIG")
		switch text {
		case "-":
			delete(sh.traps, name)
			if real {
				sh.p.Default(sig)
			}
		case "":
			sh.traps[name] = ""
			if real {
				sh.p.Ignore(sig)
			}
		default:
			sh.traps[name] = text
		}
	}
	sh.listen()
	return code
}

func (sh *shell) listTraps(args []string) int {
	names := slices.Collect(maps.Keys(sh.traps))
	if len(args) > 1 {
		names = nil
		for _, a := range args[1:] {
			if name, ok := trapName(a); ok {
				if _, set := sh.traps[name]; set {
					names = append(names, name)
				}
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return trapOrder(a) - trapOrder(b) })
	for _, name := range names {
		fmt.Fprintf(sh.out(), "trap -- %s %s\n", quoteAll(sh.traps[name]), name)
	}
	return 0
}

// trace prints what set -x shows.
func (sh *shell) trace(text string) {
	if !sh.options['x'] {
		return
	}
	delete(sh.options, 'x')
	ps4 := "+ "
	if v := sh.get("PS4"); v != nil && v.set {
		ps4 = v.str
	} else if v != nil {
		ps4 = ""
	}
	if strings.ContainsAny(ps4, "$`\\") {
		status := sh.status
		ps4 = sh.promptText(ps4)
		sh.status = status
	}
	sh.options['x'] = true
	if ps4 != "" {
		first := string([]rune(ps4)[:1])
		ps4 = strings.Repeat(first, min(sh.traceLevel, 100)) + ps4
	}
	to := sh.fds[2]
	if sh.traces != nil {
		to = sh.traces
	}
	if to != nil && to.out != nil {
		_, _ = io.WriteString(to.out, ps4+text+"\n")
	}
}
