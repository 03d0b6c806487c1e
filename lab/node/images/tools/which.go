package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func which(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "a", "")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return usage(p)
	}
	code := 0
	for _, n := range names {
		if has(set, 'a') && !strings.Contains(n, "/") {
			if !whichAll(p, n) {
				code = 1
			}
			continue
		}
		found, err := p.LookPath(n)
		if err != nil {
			code = 1
			continue
		}
		fmt.Fprintln(p.Stdout, found)
	}
	return code
}

// whichAll prints every place of PATH that has a program.
func whichAll(p *sandbox.Process, n string) bool {
	some := false
	for dir := range strings.SplitSeq(p.Getenv("PATH"), ":") {
		if found, err := p.LookPath(path.Join("/", dir, n)); err == nil {
			fmt.Fprintln(p.Stdout, found)
			some = true
		}
	}
	return some
}

func pwd(_ context.Context, p *sandbox.Process) int {
	fmt.Fprintln(p.Stdout, p.Dir)
	return 0
}

// tty names the terminal.
func tty(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "s", "")
	if !ok {
		return 2
	}
	text, code := "/dev/pts/0", 0
	if p.Terminal() == nil {
		text, code = "not a tty", 1
	}
	if !has(set, 's') {
		fmt.Fprintln(p.Stdout, text)
	}
	return code
}
