package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

func env(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+iu:0", long: map[string]byte{"ignore-environment": 'i', "unset": 'u', "null": '0'}}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	vars := slices.Clone(p.Env)
	if len(args) > 0 && args[0] == "-" {
		set['i'], args = "", args[1:]
	}
	if has(set, 'i') {
		vars = []string{}
	}
	without := func(name string) {
		vars = slices.DeleteFunc(vars, func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	}
	for _, n := range values(found, 'u') {
		without(n)
	}
	for len(args) > 0 && strings.Contains(args[0], "=") {
		n, _, _ := strings.Cut(args[0], "=")
		without(n)
		vars, args = append(vars, args[0]), args[1:]
	}
	if len(args) > 0 {
		return replace(p, sandbox.Command{Path: args[0], Args: args, Env: vars})
	}
	end := "\n"
	if has(set, '0') {
		end = "\x00"
	}
	for _, kv := range vars {
		fmt.Fprint(p.Stdout, kv, end)
	}
	return 0
}

// replace runs another program in place of this one.
func replace(p *sandbox.Process, cmd sandbox.Command) int {
	own := name(p)
	code, err := p.Exec(cmd)
	if err == nil {
		return code
	}
	var start *sandbox.StartError
	if !errors.As(err, &start) {
		return failf(p, "%s", Reason(err))
	}
	fmt.Fprintf(p.Stderr, "%s: can't execute '%s': %s\n", own, cmd.Path, start.Errno)
	return start.Code
}

func printenv(_ context.Context, p *sandbox.Process) int {
	names := p.Args[1:] // BusyBox reads no options here
	if len(names) == 0 {
		for _, kv := range p.Env {
			fmt.Fprintln(p.Stdout, kv)
		}
		return 0
	}
	code := 0
	for _, n := range names {
		i := slices.IndexFunc(p.Env, func(kv string) bool { return strings.HasPrefix(kv, n+"=") })
		if i < 0 {
			code = 1
			continue
		}
		fmt.Fprintln(p.Stdout, p.Env[i][len(n)+1:])
	}
	return code
}
