package tools

import (
	"context"
	"path"

	"healthlab/lab/node/sandbox"
)

func mkdir(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "m:pv", long: map[string]byte{"mode": 'm', "parents": 'p', "verbose": 'v'}}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if len(names) == 0 {
		return usage(p)
	}
	code := 0
	for _, n := range names {
		err := tooLong(p, n)
		switch {
		case err != nil:
		case has(set, 'p'):
			err = makeAll(ctx, p, p.Path(n), 0o755)
		default:
			err = p.FS().Mkdir(p.Path(n), 0o777&^p.Umask)
		}
		if m, given := set['m']; given && err == nil {
			mode, bad := NewMode(0o777, m)
			if bad != nil {
				return failf(p, "invalid mode '%s'", m)
			}
			err = p.FS().Chmod(p.Path(n), mode)
		}
		if err != nil {
			code = failf(p, "can't create directory '%s': %s", n, Reason(err))
		}
	}
	return code
}

func rmdir(_ context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "p\x01", long: map[string]byte{"parents": 'p', "ignore-fail-on-non-empty": 1}}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if len(names) == 0 {
		return usage(p)
	}
	code := 0
	for _, n := range names {
		for {
			info, err := p.FS().Lstat(p.Path(n))
			if err == nil && !info.IsDir() {
				err = sandbox.ENOTDIR
			}
			if err == nil {
				err = p.FS().Remove(p.Path(n))
			}
			if err != nil {
				if !has(set, 1) || Reason(err) != string(sandbox.ENOTEMPTY) {
					code = failf(p, "'%s': %s", n, Reason(err))
				}
				break
			}
			if n = path.Dir(n); !has(set, 'p') || n == "." || n == "/" {
				break
			}
		}
	}
	return code
}
