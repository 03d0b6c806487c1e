package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func basename(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+as:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	suffix, many := set['s'], has(set, 'a') || has(set, 's')
	if len(args) == 0 || len(args) > 2 && !many {
		return usage(p)
	}
	if len(args) == 2 && !many {
		suffix, args = args[1], args[:1]
	}
	for _, a := range args {
		base := path.Base(a)
		if a == "" {
			base = ""
		}
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		fmt.Fprintln(p.Stdout, base)
	}
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
