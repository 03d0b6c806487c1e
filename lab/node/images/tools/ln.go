package tools

import (
	"context"
	"fmt"
	"io/fs"

	"healthlab/lab/node/sandbox"
)

func ln(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "sfnbv", "")
	if !ok {
		return 1
	}
	if !has(set, 's') {
		return failf(p, "only symbolic links (-s) can be made here")
	}
	if len(names) == 1 {
		names = append(names, ".")
	}
	return eachTo(p, names, func(target, link string) error {
		if has(set, 'f') {
			_ = p.FS().Remove(p.Path(link))
		}
		if err := p.FS().Symlink(target, p.Path(link)); err != nil {
			return fmt.Errorf("%s: %s", link, Reason(err))
		}
		return nil
	})
}

func readlink(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "fn", "")
	if !ok || len(names) == 0 {
		return 1
	}
	if has(set, 'f') {
		full, err := p.FS().Resolve(p.Path(names[0]), true)
		if err != nil {
			return 1
		}
		fmt.Fprintln(p.Stdout, full)
		return 0
	}
	info, err := p.FS().Lstat(p.Path(names[0]))
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return 1
	}
	target, err := p.FS().Readlink(p.Path(names[0]))
	if err != nil {
		return 1
	}
	fmt.Fprintln(p.Stdout, target)
	return 0
}
