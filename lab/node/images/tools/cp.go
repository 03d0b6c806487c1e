package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func cp(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{
		letters: "pdRfinsrlLHPuaTt:v", long: map[string]byte{"archive": 'a', "force": 'f', "interactive": 'i', "no-clobber": 'n', "link": 'l', "dereference": 'L', "no-dereference": 'P', "recursive": 'R', "symbolic-link": 's', "no-target-directory": 'T', "target-directory": 't', "verbose": 'v', "update": 'u'},
	}.parse(p)
	if !ok {
		return 1
	}
	c := copier{ctx: ctx, p: p, set: asSet(found)}
	if c.has('l') {
		return failf(p, "hard links do not exist here; use -s")
	}
	return c.eachTo(names, c.tree)
}

func mv(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "fint:Tv", long: map[string]byte{"force": 'f', "interactive": 'i', "no-clobber": 'n', "target-directory": 't', "no-target-directory": 'T', "verbose": 'v'}}.parse(p)
	if !ok {
		return 1
	}
	c := copier{ctx: ctx, p: p, set: asSet(found)}
	return c.eachTo(names, func(from, to string) error {
		if c.keeps(from, to) {
			return nil
		}
		if _, err := p.FS().Lstat(p.Path(to)); err != nil && Reason(err) == string(sandbox.ENOTDIR) {
			return fmt.Errorf("can't stat '%s': %s", to, Reason(err))
		}
		err := p.FS().Rename(p.Path(from), p.Path(to))
		if err != nil && Reason(err) == string(sandbox.EXDEV) {
			c.set = map[byte]string{'a': ""}
			if err = c.tree(from, to); err == nil && !(remover{ctx: ctx, p: p, recursive: true, force: true}).remove(from) {
				err = sandbox.EIO
			}
		}
		if err != nil {
			return fmt.Errorf("can't rename '%s': %s", from, Reason(err))
		}
		if c.has('v') {
			fmt.Fprintf(p.Stdout, "'%s' -> '%s'\n", from, to)
		}
		return nil
	})
}

// into is the destination of a copy: inside to, if that is a directory.
func into(p *sandbox.Process, from, to string) string {
	if isDirectory(p, to) {
		return path.Join(to, path.Base(from))
	}
	return to
}

// copier is cp and mv.
type copier struct {
	ctx context.Context
	p   *sandbox.Process
	set map[byte]string
}

func (c copier) has(letter byte) bool { return has(c.set, letter) }

// eachTo calls f for every name but the last, which is where they go, or for all with -t.
func (c copier) eachTo(names []string, f func(from, to string) error) int {
	last, inDir := c.set['t'], c.has('t')
	if !inDir && len(names) > 0 {
		last, names = names[len(names)-1], names[:len(names)-1]
	}
	switch {
	case len(names) == 0:
		return usage(c.p)
	case c.has('T') && (len(names) > 1 || inDir):
		return usage(c.p)
	case c.has('T') && isDirectory(c.p, last) && !isDirectory(c.p, names[0]):
		return failf(c.p, "'%s' is a directory", last)
	}
	code := 0
	for _, from := range names {
		to := last
		switch {
		case c.has('T'):
		case len(names) > 1 || inDir:
			to = strings.TrimSuffix(last, "/") + "/" + path.Base(from)
		default:
			to = into(c.p, from, last)
		}
		if err := f(from, to); err != nil {
			if c.ctx.Err() != nil {
				return 1
			}
			code = failf(c.p, "%v", err)
		}
	}
	return code
}

// keeps reports whether an existing destination is left as it is: by -n, -u or an answer.
func (c copier) keeps(from, to string) bool {
	there, err := c.p.FS().Lstat(c.p.Path(to))
	switch {
	case err != nil:
		return false
	case c.has('n'):
		return true
	case c.has('i') && !c.has('f'):
		return !confirm(c.ctx, c.p, fmt.Sprintf("overwrite '%s'? ", to))
	case c.has('u'):
		info, err := c.p.FS().Stat(c.p.Path(from))
		return err == nil && !info.ModTime().After(there.ModTime())
	}
	return false
}

func (c copier) tree(from, to string) error { return c.copy(from, to, true) }

func (c copier) copy(from, to string, top bool) error {
	recursive := c.has('r') || c.has('R') || c.has('a')
	links := c.has('d') || c.has('P') || c.has('a') || recursive && !c.has('L') && (!top || !c.has('H'))
	err := errors.Join(tooLong(c.p, from), tooLong(c.p, to))
	var info fs.FileInfo
	if err == nil {
		stat := c.p.FS().Stat
		if links && !c.has('L') {
			stat = c.p.FS().Lstat
		}
		info, err = stat(c.p.Path(from))
	}
	if err != nil {
		return fmt.Errorf("can't stat '%s': %s", from, Reason(err))
	}
	if !info.IsDir() {
		return c.leaf(from, to, info)
	}
	if !recursive {
		return fmt.Errorf("omitting directory '%s'", from)
	}
	if to == from || strings.HasPrefix(path.Clean(c.p.Path(to))+"/", path.Clean(c.p.Path(from))+"/") {
		return fmt.Errorf("recursion detected, omitting directory '%s'", from)
	}
	if err := makeAll(c.ctx, c.p, c.p.Path(to), info.Mode().Perm()|0o700); err != nil {
		return fmt.Errorf("can't create directory '%s': %s", to, Reason(err))
	}
	entries, err := c.p.FS().ReadDir(c.p.Path(from))
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", from, Reason(err))
	}
	for _, e := range entries {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if err := c.copy(path.Join(from, e.Name()), path.Join(to, e.Name()), false); err != nil {
			return err
		}
	}
	c.finish(from, to, info)
	return nil
}

// leaf copies what is no directory.
func (c copier) leaf(from, to string, info fs.FileInfo) error {
	if c.keeps(from, to) {
		return nil
	}
	if _, err := c.p.FS().Lstat(c.p.Path(to)); err != nil && Reason(err) != string(sandbox.ENOENT) {
		return fmt.Errorf("can't stat '%s': %s", to, Reason(err))
	}
	if c.same(from, to) {
		return fmt.Errorf("'%s' and '%s' are the same file", from, to)
	}
	target, isLink := from, c.has('s')
	if info.Mode()&fs.ModeSymlink != 0 {
		var err error
		if target, err = c.p.FS().Readlink(c.p.Path(from)); err != nil {
			return fmt.Errorf("can't read link '%s': %s", from, Reason(err))
		}
		isLink = true
	}
	if isLink {
		_ = c.p.FS().Remove(c.p.Path(to)) // nothing to replace, most often
		if err := c.p.FS().Symlink(target, c.p.Path(to)); err != nil {
			return fmt.Errorf("can't create symlink '%s' to '%s': %s", to, target, Reason(err))
		}
		return nil
	}
	if err := copyFile(c.ctx, c.p, from, to, info.Mode()); err != nil {
		return err
	}
	c.finish(from, to, info)
	return nil
}

// same reports whether two names lead to one existing file.
func (c copier) same(from, to string) bool {
	a, err := c.p.FS().Resolve(c.p.Path(from), true)
	b, berr := c.p.FS().Resolve(c.p.Path(to), true)
	return err == nil && berr == nil && a == b
}

func (c copier) finish(from, to string, info fs.FileInfo) {
	if c.has('p') || c.has('a') {
		_ = c.p.FS().Chtimes(c.p.Path(to), info.ModTime(), info.ModTime()) // as far as possible, says -p
		_ = c.p.FS().Chmod(c.p.Path(to), info.Mode().Perm())
	}
	if c.has('v') {
		fmt.Fprintf(c.p.Stdout, "'%s' -> '%s'\n", from, to)
	}
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
