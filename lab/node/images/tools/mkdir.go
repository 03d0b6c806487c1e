package tools

import (
	"context"

	"healthlab/lab/node/sandbox"
)

func mkdir(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "p", "m")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return failf(p, "missing operand")
	}
	code := 0
	for _, n := range names {
		make := p.FS().Mkdir
		if has(set, 'p') {
			make = p.FS().MkdirAll
		}
		if err := make(p.Path(n), 0o755); err != nil {
			code = failf(p, "can't create directory '%s': %s", n, Reason(err))
		}
	}
	return code
}

func rmdir(_ context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "p", "")
	if !ok {
		return 1
	}
	code := 0
	for _, n := range names {
		info, err := p.FS().Lstat(p.Path(n))
		if err == nil && !info.IsDir() {
			err = sandbox.ENOTDIR
		}
		if err == nil {
			err = p.FS().Remove(p.Path(n))
		}
		if err != nil {
			code = failf(p, "'%s': %s", n, Reason(err))
		}
	}
	return code
}
