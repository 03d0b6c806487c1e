package shell

import (
	"context"
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
)

// Commands that the shell implements itself under a name of its own, because the interpreter has builtins of the same
// name that know nothing of containers.
const (
	builtinPrefix  = "__healthlab_builtin_"
	inPlaceCommand = "__healthlab_exec"
)

// call is called before every simple command. It runs the traps of signals that have come, and sends what the
// interpreter would do on the host to the shell's own commands.
func (sh *shell) call(ctx context.Context, args []string) ([]string, error) {
	if err := sh.p.Wait(); err != nil {
		return nil, err
	}
	if sh.calls++; sh.calls%64 == 0 && tooDeepStack() { // measuring a deep stack is slow
		return nil, errTooDeep
	}
	if size(args...) > maxMemory || sh.calls%1024 == 0 && holdsTooMuch(interp.HandlerCtx(ctx).Env) {
		return nil, errNoMemory
	}
	if args[0] == sizeCommand {
		return sh.measure(interp.HandlerCtx(ctx).Env, args[1], args[2:])
	}
	if code := sh.takeTraps(); code != "" {
		words := make([]string, len(args))
		for i, a := range args {
			quoted, err := syntax.Quote(a, syntax.LangBash)
			if err != nil {
				quoted = "''"
			}
			words[i] = quoted
		}
		return sh.eval(code + "\n" + strings.Join(words, " ")), nil
	}
	switch args[0] {
	case "eval":
		return sh.eval(strings.Join(args[1:], " ")), nil
	case ".", "source":
		return sh.source(interp.HandlerCtx(ctx), args), nil
	case "set":
		if len(args) > 1 && (args[1][0:min(1, len(args[1]))] == "-" || strings.HasPrefix(args[1], "+")) && args[1] != "--" {
			sh.options = append(sh.options, args[1:2]...)
			if args[1] == "-o" || args[1] == "+o" {
				sh.options = append(sh.options, args[2:min(3, len(args))]...)
			}
		}
	case "exec":
		if len(args) > 1 && sh.runner.Funcs[args[1]] == nil {
			return append([]string{"exec", inPlaceCommand}, args[1:]...), nil
		}
	case "trap":
		if n := len(args); n == 3 && (args[2] == "EXIT" || args[2] == "0" || args[2] == "ERR") {
			if args[2] == "0" {
				args[2] = "EXIT"
			}
			return sh.trapText(args), nil
		}
		return own(args), nil
	case "read":
		if interp.HandlerCtx(ctx).Stdin == nil {
			return sh.read(args), nil
		}
	case "command":
		if len(args) > 1 && (args[1] == "-v" || args[1] == "-V") {
			return own(args), nil
		}
	case "pwd":
		return []string{"pwd"}, nil
	case "kill", "wait", "jobs", "fg", "bg", "umask", "ulimit", "type", "hash", "history", "times":
		return own(args), nil
	case "logout":
		return append([]string{"exit"}, args[1:]...), nil
	case "help", "shopt", "bind", "caller", "compgen", "complete", "compopt", "enable", "disown", "suspend", "newgrp", "fc":
		return []string{builtinPrefix + "missing", args[0]}, nil
	}
	return args, nil
}

func own(args []string) []string {
	return append([]string{builtinPrefix + args[0]}, args[1:]...)
}

// eval is an eval of a rewritten script.
func (sh *shell) eval(script string) []string {
	file, err := sh.parts.parse(script, sh.name)
	if err != nil {
		return []string{builtinPrefix + "fail", sh.name + ": eval: " + syntaxMessage(err)}
	}
	text, err := print(file)
	if err != nil {
		return []string{builtinPrefix + "fail", sh.name + ": eval: " + err.Error()}
	}
	return []string{"eval", text}
}

// trapText rewrites the command of an EXIT or ERR trap, which the interpreter runs itself.
func (sh *shell) trapText(args []string) []string {
	if args[1] == "-" || args[1] == "" {
		return args
	}
	if rewritten := sh.eval(args[1]); rewritten[0] == "eval" {
		return []string{"trap", rewritten[1], args[2]}
	}
	return args
}

func (sh *shell) source(hc interp.HandlerContext, args []string) []string {
	if len(args) < 2 {
		return []string{builtinPrefix + "fail", sh.name + ": .: filename argument required"}
	}
	name := args[1]
	if !strings.HasPrefix(name, "/") {
		name = containerPath(hc.Dir) + "/" + name
	}
	data, err := sh.p.FS().ReadFile(name, 8<<20)
	if err != nil {
		return []string{builtinPrefix + "fail", fmt.Sprintf("%s: .: can't open '%s': %s", sh.name, args[1], tools.Reason(err))}
	}
	return sh.eval(string(data))
}

// read reads a line of the process's own input, which the interpreter does not have, and hands it to its read.
func (sh *shell) read(args []string) []string {
	line, err := readLine(sh.p.Stdin)
	words := make([]string, len(args))
	for i, a := range args {
		words[i], _ = syntax.Quote(a, syntax.LangBash)
	}
	input := line
	if err == nil {
		input += "\n"
	}
	quoted, qerr := syntax.Quote(strings.ReplaceAll(line, "\x00", ""), syntax.LangBash)
	if qerr != nil {
		return []string{builtinPrefix + "fail", sh.name + ": read: invalid input"}
	}
	script := strings.Join(words, " ")
	if input == "" {
		return []string{"eval", script + " </dev/null"}
	}
	script += " <<<" + quoted
	if err != nil {
		script += "; false"
	}
	return []string{"eval", script}
}

func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for {
		n, err := r.Read(b[:])
		switch {
		case n == 1 && b[0] == '\n':
			return string(line), nil
		case n == 1:
			line = append(line, b[0])
		case err != nil:
			return string(line), err
		}
		if len(line) > 1<<20 {
			return string(line), io.ErrShortBuffer
		}
	}
}
