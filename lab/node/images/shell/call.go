package shell

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
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
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	hc := interp.HandlerCtx(ctx)
	hc.Stdout, hc.Stderr = below(hc.Stdout), below(hc.Stderr)
	sh.names, sh.unset, sh.saying = 0, false, sh.prefix(hc)
	if buffer, ok := hc.Stdout.(*strings.Builder); size(args...) > maxWords || ok && buffer.Len() > maxValue {
		die(errNoMemory)
	}
	if code := sh.takeTraps(); code != "" {
		words := make([]string, len(args))
		for i, a := range args {
			words[i] = quote(a)
		}
		return sh.eval(ctx, hc, "trap", code+"\n"+strings.Join(words, " ")), nil
	}
	if sh.runner.Funcs[args[0]] != nil {
		sh.deeper()
		nested(args)
		return args, nil
	}
	return sh.dispatch(ctx, hc, args), nil
}

// dispatch returns the command that is run in place of a builtin of the interpreter.
func (sh *shell) dispatch(ctx context.Context, hc interp.HandlerContext, args []string) []string {
	switch args[0] {
	case sizeCommand:
		return sh.measure(hc.Env, args[1], args[2:])
	case "eval":
		return sh.eval(ctx, hc, "eval", strings.Join(args[1:], " "))
	case ".", "source":
		return sh.source(ctx, hc, args)
	case "set":
		return sh.set(hc, args)
	case "exec":
		if len(args) > 1 && sh.runner.Funcs[args[1]] == nil {
			return append([]string{"exec", inPlaceCommand}, args[1:]...)
		}
	case "shift":
		n := 1
		if len(args) > 1 {
			var err error
			if n, err = strconv.Atoi(args[1]); err != nil || n < 0 {
				return sh.refuse(hc, "shift", "Illegal number: "+args[1])
			}
		}
		if n > len(sh.runner.Params) {
			return []string{builtinPrefix + "status", "1"}
		}
	case "return":
		sh.returning(args)
	case "exit":
		if len(args) > 1 {
			if n, err := strconv.Atoi(args[1]); err != nil || n < 0 {
				return sh.refuse(hc, "exit", "Illegal number: "+args[1])
			}
		}
	case "cd":
		return sh.changeDir(hc, args)
	case "read":
		return sh.read(ctx, hc, args[1:])
	case "command":
		return sh.command(ctx, hc, args)
	case "alias":
		return sh.alias(ctx, hc, args)
	case "unalias":
		for _, a := range args[1:] {
			if a != "-a" && !sh.aliases[a] {
				return []string{builtinPrefix + "no-alias", "unalias", a}
			}
			delete(sh.aliases, a)
		}
	case "unset":
		for _, a := range args[1:] {
			if a != "-v" && a != "-f" && !syntax.ValidName(a) {
				return sh.refuse(hc, "unset", a+": bad variable name")
			}
		}
	case "pwd":
		return []string{"pwd"}
	case "trap", "kill", "wait", "jobs", "fg", "bg", "umask", "ulimit", "type", "hash", "history", "times",
		"echo", "printf", "test", "[":
		return own(args)
	case "builtin", "logout", "help", "shopt", "bind", "caller", "compgen", "complete", "compopt", "enable", "disown",
		"suspend", "newgrp", "fc", "dirs", "pushd", "popd", "mapfile", "readarray", "declare", "typeset":
		return []string{builtinPrefix + "missing", args[0]}
	}
	return args
}

func own(args []string) []string {
	return append([]string{builtinPrefix + args[0]}, args[1:]...)
}

// command runs something that is no function.
func (sh *shell) command(ctx context.Context, hc interp.HandlerContext, args []string) []string {
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' {
		switch rest[0] {
		case "-v", "-V":
			return own(args)
		case "-p":
		case "--":
			return sh.command(ctx, hc, slices.Concat(args[:1], rest[1:]))
		default:
			return sh.refuse(hc, "command", "illegal option "+rest[0])
		}
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return []string{":"}
	}
	if rest[0] == "command" {
		rest = []string{builtinPrefix + "missing", "command"} // it would go on for ever
	}
	return append([]string{"command"}, sh.dispatch(ctx, hc, rest)...)
}

// alias looks at the text before the interpreter reads it, which does that recursively.
func (sh *shell) alias(ctx context.Context, hc interp.HandlerContext, args []string) []string {
	for _, a := range args[1:] {
		name, _, defined := strings.Cut(a, "=")
		if !defined && !sh.aliases[name] {
			return []string{builtinPrefix + "no-alias", "alias", name}
		}
		if defined {
			if sh.aliases == nil {
				sh.aliases = map[string]bool{}
			}
			sh.aliases[name] = true
		}
		if _, text, ok := strings.Cut(a, "="); ok {
			if _, err := sh.parse(ctx, text); err != nil && !incomplete(err) {
				return sh.refuse(hc, "alias", syntaxMessage(err))
			}
		}
	}
	return args
}

// refuse prints a message of a builtin. As in ash it ends a shell that nobody types at.
func (sh *shell) refuse(hc interp.HandlerContext, builtin, message string) []string {
	fmt.Fprintln(hc.Stderr, sh.prefixOf(hc, builtin)+message)
	if sh.interactive {
		return []string{builtinPrefix + "status", "2"}
	}
	return []string{"exit", "2"}
}

// eval is an eval of a rewritten script.
func (sh *shell) eval(ctx context.Context, hc interp.HandlerContext, builtin, script string) []string {
	sh.deeper()
	sh.spend(hc.Env, len(script))
	file, err := sh.parse(ctx, script)
	if err != nil {
		return sh.refuse(hc, builtin, syntaxMessage(err))
	}
	if len(file.Stmts) == 0 {
		return []string{":"}
	}
	return []string{"eval", print(file)}
}

func syntaxMessage(err error) string {
	var why refusal
	if errors.As(err, &why) {
		return why.message()
	}
	return err.Error()
}

// trapText rewrites the command of an EXIT or ERR trap, which the interpreter runs itself.
func (sh *shell) trapText(ctx context.Context, text string) (string, error) {
	if text == "-" || text == "" {
		return text, nil
	}
	file, err := sh.parse(ctx, text)
	if err != nil {
		return "", err
	}
	return print(file), nil
}

// source is the . command.
func (sh *shell) source(ctx context.Context, hc interp.HandlerContext, args []string) []string {
	if len(args) < 2 {
		return sh.refuse(hc, args[0], "filename argument required")
	}
	name := args[1]
	if !strings.HasPrefix(name, "/") {
		name = containerPath(hc.Dir) + "/" + name
	}
	file, err := sh.scriptFile(name)
	if err != nil {
		return sh.refuse(hc, args[0], fmt.Sprintf("can't open '%s': %s", args[1], tools.Reason(err)))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(bufio.NewReader(waiting{sh, file}), maxCommand+1))
	if err != nil {
		return sh.refuse(hc, args[0], fmt.Sprintf("%s: %s", args[1], tools.Reason(err)))
	}
	if strings.Contains(string(data), "return") {
		return sh.sourceFunction(ctx, hc, args[0], string(data))
	}
	return sh.eval(ctx, hc, args[0], string(data))
}

// set notes the options that subshells inherit.
func (sh *shell) set(hc interp.HandlerContext, args []string) []string {
	rest := args[1:]
	for len(rest) > 0 && len(rest[0]) > 1 && (rest[0][0] == '-' || rest[0][0] == '+') && rest[0] != "--" {
		sign, letters := rest[0][:1], rest[0][1:]
		rest = rest[1:]
		for _, f := range letters {
			switch {
			case strings.ContainsRune("aefnux", f):
				sh.options = append(sh.options, sign+string(f))
			case f == 'C':
				sh.noClobber = sign == "-"
				return sh.setLess(args, "C")
			case f == 'o' && len(rest) == 0:
				return []string{builtinPrefix + "options", sign}
			case f == 'o' && rest[0] == "noclobber":
				sh.noClobber = sign == "-"
				return []string{":"}
			case f == 'o' && slices.Contains([]string{
				"allexport", "errexit", "noexec", "noglob", "nounset", "xtrace", "pipefail",
			}, rest[0]):
				if rest[0] == "pipefail" {
					sh.pipefail = sign == "-"
				}
				sh.options = append(sh.options, sign+"o", rest[0])
				rest = rest[1:]
			case f == 'o':
				return sh.refuse(hc, "set", "illegal option "+sign+"o "+rest[0])
			default:
				return sh.refuse(hc, "set", "illegal option "+sign+string(f))
			}
		}
	}
	if len(sh.options) > 1<<10 { // only the last of each counts
		sh.options = sh.options[len(sh.options)-1<<9:]
	}
	return args
}

// incomplete reports whether a script could still be completed.
func incomplete(err error) bool {
	var why refusal
	return errors.As(err, &why) && (strings.HasPrefix(string(why), "unexpected end of file") ||
		strings.HasPrefix(string(why), "missing '") || why == "unterminated quoted string" ||
		strings.HasPrefix(string(why), "EOF in"))
}
