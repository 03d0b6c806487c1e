package tools

import (
	"context"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func rm(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "firR", "")
	if !ok {
		return 1
	}
	recursive, force := has(set, 'r') || has(set, 'R'), has(set, 'f')
	if len(names) == 0 && !force {
		return failf(p, "missing operand")
	}
	code := 0
	for _, n := range names {
		if base := path.Base(n); base == "." || base == ".." {
			code = failf(p, "refusing to remove '.' or '..' directory")
			continue
		}
		if !remove(ctx, p, n, recursive, force) {
			code = 1
		}
	}
	return code
}

// remove removes a file or a tree and reports what it could not.
func remove(ctx context.Context, p *sandbox.Process, n string, recursive, force bool) bool {
	full := p.Path(n)
	info, err := p.FS().Lstat(full)
	switch {
	case err != nil && force:
		return true
	case err != nil:
		failf(p, "can't remove '%s': %s", n, Reason(err))
		return false
	case info.IsDir() && !recursive:
		failf(p, "'%s' is a directory", n)
		return false
	case info.IsDir():
		entries, err := p.FS().ReadDir(full)
		if err != nil {
			failf(p, "can't open '%s': %s", n, Reason(err))
			return false
		}
		all := true
		for _, e := range entries {
			if ctx.Err() != nil {
				return false
			}
			all = remove(ctx, p, strings.TrimSuffix(n, "/")+"/"+e.Name(), recursive, force) && all
		}
		if !all {
			return false
		}
	}
	if err := p.FS().Remove(full); err != nil {
		failf(p, "can't remove '%s': %s", n, Reason(err))
		return false
	}
	return true
}
