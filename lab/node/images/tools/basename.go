package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func basename(_ context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{letters: "+"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) == 0 || len(args) > 2 {
		return usage(p)
	}
	base := path.Base(args[0])
	if args[0] == "" {
		base = ""
	}
	if len(args) > 1 && base != args[1] {
		base = strings.TrimSuffix(base, args[1])
	}
	fmt.Fprintln(p.Stdout, base)
	return 0
}

func dirname(_ context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{letters: "+"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) != 1 {
		return usage(p)
	}
	dir := strings.TrimRight(args[0], "/")
	if i := strings.LastIndexByte(dir, '/'); i >= 0 {
		dir = strings.TrimRight(dir[:i], "/")
		if dir == "" {
			dir = "/"
		}
	} else if dir == "" && args[0] != "" {
		dir = "/"
	} else {
		dir = "."
	}
	fmt.Fprintln(p.Stdout, dir)
	return 0
}
