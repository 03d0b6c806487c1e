package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func find(ctx context.Context, p *sandbox.Process) int {
	roots := []string{}
	args := p.Args[1:]
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		roots = append(roots, args[0])
		args = args[1:]
	}
	if len(roots) == 0 {
		roots = []string{"."}
	}
	pattern, kind := "*", ""
	for i := 0; i+1 < len(args); i += 2 {
		switch args[i] {
		case "-name":
			pattern = args[i+1]
		case "-type":
			kind = args[i+1]
		default:
			return failf(p, "unrecognized: %s", args[i])
		}
	}
	code := 0
	var walk func(n string)
	walk = func(n string) {
		info, err := p.FS().Lstat(p.Path(n))
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			return
		}
		matches, _ := path.Match(pattern, path.Base(n))
		if matches && (kind == "" || (kind == "d") == info.IsDir()) {
			fmt.Fprintln(p.Stdout, n)
		}
		if !info.IsDir() || ctx.Err() != nil {
			return
		}
		entries, _ := p.FS().ReadDir(p.Path(n))
		for _, e := range entries {
			walk(strings.TrimSuffix(n, "/") + "/" + e.Name())
		}
	}
	for _, r := range roots {
		walk(r)
	}
	return code
}
