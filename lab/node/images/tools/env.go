package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

func env(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	vars := p.Env
	for len(args) > 0 {
		switch {
		case args[0] == "-i" || args[0] == "-":
			vars = nil
		case args[0] == "-u" && len(args) > 1:
			args = args[1:]
			vars = slices.DeleteFunc(slices.Clone(vars), func(kv string) bool { return strings.HasPrefix(kv, args[0]+"=") })
		case strings.Contains(args[0], "="):
			name, _, _ := strings.Cut(args[0], "=")
			vars = slices.DeleteFunc(slices.Clone(vars), func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
			vars = append(vars, args[0])
		default:
			return replace(p, sandbox.Command{Path: args[0], Args: args, Env: append([]string{}, vars...)})
		}
		args = args[1:]
	}
	for _, kv := range vars {
		fmt.Fprintln(p.Stdout, kv)
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
		return failf(p, "%v", err)
	}
	fmt.Fprintf(p.Stderr, "%s: can't execute '%s': %s\n", own, cmd.Path, start.Errno)
	return start.Code
}

func printenv(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) == 1 {
		for _, kv := range p.Env {
			fmt.Fprintln(p.Stdout, kv)
		}
		return 0
	}
	code := 0
	for _, n := range p.Args[1:] {
		i := slices.IndexFunc(p.Env, func(kv string) bool { return strings.HasPrefix(kv, n+"=") })
		if i < 0 {
			code = 1
			continue
		}
		fmt.Fprintln(p.Stdout, p.Env[i][len(n)+1:])
	}
	return code
}
