package tools

import (
	"context"
	"fmt"

	"healthlab/lab/node/sandbox"
)

func id(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "ugnGr", "")
	switch {
	case !ok:
		return 1
	case len(names) > 0 && names[0] != "root":
		return failf(p, "unknown user %s", names[0])
	case (has(set, 'n') || has(set, 'r')) && !has(set, 'u') && !has(set, 'g') && !has(set, 'G'):
		return usage(p)
	case has(set, 'n'):
		fmt.Fprintln(p.Stdout, "root")
	case len(set) > 0:
		fmt.Fprintln(p.Stdout, "0")
	default:
		fmt.Fprintln(p.Stdout, "uid=0(root) gid=0(root) groups=0(root)")
	}
	return 0
}

func whoami(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, "root")
	return 0
}

func groups(_ context.Context, p *sandbox.Process) int {
	_, names, ok := optionSpec{}.parse(p)
	switch {
	case !ok:
		return 1
	case len(names) > 1:
		return usage(p)
	case len(names) == 1 && names[0] != "root":
		return failf(p, "unknown user %s", names[0])
	}
	fmt.Fprintln(p.Stdout, "root")
	return 0
}

// logname: nobody has logged in.
func logname(_ context.Context, p *sandbox.Process) int { return failf(p, "getlogin") }
