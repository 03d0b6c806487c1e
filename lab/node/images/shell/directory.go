package shell

import (
	"context"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// changeDir is cd where the interpreter can do it.
func (sh *shell) changeDir(hc interp.HandlerContext, args []string) []string {
	rest := args[1:]
	for len(rest) > 0 && (rest[0] == "-L" || rest[0] == "-P" || rest[0] == "--") {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0] == "-" {
		return args
	}
	if rest[0] == "" {
		return []string{":"}
	}
	info, err := sh.p.FS().Stat(sh.absolute(hc, rest[0]))
	switch {
	case err != nil:
		return []string{builtinPrefix + "cannot-cd", rest[0], tools.Reason(err)}
	case !info.IsDir():
		return []string{builtinPrefix + "cannot-cd", rest[0], string(sandbox.ENOTDIR)}
	}
	return args
}

// sourceFunction runs a text as a function, which a return ends.
func (sh *shell) sourceFunction(ctx context.Context, hc interp.HandlerContext, builtin, text string) []string {
	file, err := sh.parse(ctx, text)
	if err != nil {
		return sh.refuse(hc, builtin, syntaxMessage(err))
	}
	if len(file.Stmts) == 0 {
		return []string{":"}
	}
	const function = "__healthlab_sourced"
	if sh.runner.Funcs == nil {
		sh.runner.Funcs = map[string]*syntax.Stmt{}
	}
	sh.deeper()
	sh.runner.Funcs[function] = &syntax.Stmt{Cmd: &syntax.Block{Stmts: file.Stmts}}
	return append([]string{function}, sh.runner.Params...)
}

// setLess is a set without a letter that the interpreter does not know.
func (sh *shell) setLess(args []string, letter string) []string {
	args = slices.Clone(args)
	args[1] = strings.ReplaceAll(args[1], letter, "")
	if args[1] == "-" || args[1] == "+" {
		args = slices.Delete(args, 1, 2)
	}
	if len(args) == 1 {
		return []string{":"}
	}
	return args
}
