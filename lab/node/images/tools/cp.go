package tools

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func cp(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "rRafpdivLPHT", "")
	if !ok {
		return 1
	}
	recursive := has(set, 'r') || has(set, 'R') || has(set, 'a')
	return eachTo(p, names, func(from, to string) error { return copyTree(ctx, p, from, to, recursive) })
}

func mv(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := options(p, "fivn", "")
	if !ok {
		return 1
	}
	return eachTo(p, names, func(from, to string) error {
		err := p.FS().Rename(p.Path(from), p.Path(to))
		if err != nil && Reason(err) == string(sandbox.EXDEV) {
			if err = copyTree(ctx, p, from, to, true); err == nil && !remove(ctx, p, from, true, true) {
				err = sandbox.EIO
			}
		}
		if err != nil {
			return fmt.Errorf("can't rename '%s': %s", from, Reason(err))
		}
		return nil
	})
}

// into is the destination of a copy: inside to, if that is a directory.
func into(p *sandbox.Process, from, to string) string {
	if info, err := p.FS().Stat(p.Path(to)); err == nil && info.IsDir() {
		return path.Join(to, path.Base(from))
	}
	return to
}

// eachTo calls f for every name but the last, which is where they go.
func eachTo(p *sandbox.Process, names []string, f func(from, to string) error) int {
	if len(names) < 2 {
		return failf(p, "missing operand")
	}
	last := names[len(names)-1]
	if info, err := p.FS().Stat(p.Path(last)); len(names) > 2 && (err != nil || !info.IsDir()) {
		return failf(p, "target '%s' is not a directory", last)
	}
	code := 0
	for _, from := range names[:len(names)-1] {
		if err := f(from, into(p, from, last)); err != nil {
			code = failf(p, "%v", err)
		}
	}
	return code
}

func copyTree(ctx context.Context, p *sandbox.Process, from, to string, recursive bool) error {
	info, err := p.FS().Stat(p.Path(from))
	if err != nil {
		return fmt.Errorf("can't stat '%s': %s", from, Reason(err))
	}
	if !info.IsDir() {
		return copyFile(ctx, p, from, to, info.Mode())
	}
	if !recursive {
		return fmt.Errorf("omitting directory '%s'", from)
	}
	if to == from || strings.HasPrefix(path.Clean(p.Path(to))+"/", path.Clean(p.Path(from))+"/") {
		return fmt.Errorf("recursion detected, omitting directory '%s'", from)
	}
	if err := p.FS().MkdirAll(p.Path(to), info.Mode()); err != nil {
		return fmt.Errorf("can't create directory '%s': %s", to, Reason(err))
	}
	entries, err := p.FS().ReadDir(p.Path(from))
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", from, Reason(err))
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := copyTree(ctx, p, path.Join(from, e.Name()), path.Join(to, e.Name()), true); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(ctx context.Context, p *sandbox.Process, from, to string, mode fs.FileMode) error {
	in, err := p.Open(from)
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", from, Reason(err))
	}
	defer in.Close()
	out, err := p.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode.Perm())
	if err != nil {
		return fmt.Errorf("can't create '%s': %s", to, Reason(err))
	}
	err = copyStream(ctx, out, in)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("error writing to '%s': %s", to, Reason(err))
	}
	return nil
}
