package tools

import (
	"context"
	"fmt"
	"io/fs"
	"path"

	"healthlab/lab/node/sandbox"
)

func ln(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "sfnbvT", "S")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return usage(p)
	}
	if !has(set, 's') {
		if _, err := p.FS().Lstat(p.Path(names[0])); err != nil {
			return failf(p, "%s: %s", names[0], Reason(err))
		}
		return failf(p, "hard links do not exist here; use -s")
	}
	last := "."
	if len(names) > 1 {
		last, names = names[len(names)-1], names[:len(names)-1]
	}
	if has(set, 'T') && len(names) > 1 {
		return usage(p)
	}
	code := 0
	for _, target := range names {
		link := last
		if info, err := p.FS().Lstat(p.Path(last)); !has(set, 'T') && isDirectory(p, last) &&
			(!has(set, 'n') || err != nil || info.Mode()&fs.ModeSymlink == 0) {
			link = path.Join(last, path.Base(target))
		}
		if has(set, 'b') || has(set, 'S') {
			suffix := set['S']
			if suffix == "" {
				suffix = "~"
			}
			_ = p.FS().Rename(p.Path(link), p.Path(link+suffix)) // there may be nothing to keep
		} else if has(set, 'f') {
			_ = p.FS().Remove(p.Path(link))
		}
		if has(set, 'v') {
			fmt.Fprintf(p.Stdout, "'%s' -> '%s'\n", link, target)
		}
		if err := p.FS().Symlink(target, p.Path(link)); err != nil {
			code = failf(p, "%s: %s", link, Reason(err))
		}
	}
	return code
}

// existing is the path without links of a file that exists.
func existing(p *sandbox.Process, n string) (string, error) {
	full, err := p.FS().Resolve(p.Path(n), true)
	if err == nil {
		_, err = p.FS().Lstat(full)
	}
	return full, err
}

func readlink(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "fnv", "")
	if !ok {
		return 1
	}
	if len(names) != 1 {
		return usage(p)
	}
	target, err := "", error(nil)
	if has(set, 'f') {
		target, err = existing(p, names[0])
	} else {
		target, err = p.FS().Readlink(p.Path(names[0]))
	}
	if err != nil {
		if has(set, 'v') {
			reason := Reason(err)
			if reason == string(sandbox.EINVAL) {
				reason = "cannot read link: not a symlink"
			}
			failf(p, "%s: %s", names[0], reason)
		}
		return 1
	}
	if !has(set, 'n') {
		target += "\n"
	}
	fmt.Fprint(p.Stdout, target)
	return 0
}

func realpath(_ context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "", "")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return usage(p)
	}
	code := 0
	for _, n := range names {
		full, err := existing(p, n)
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		fmt.Fprintln(p.Stdout, full)
	}
	return code
}
