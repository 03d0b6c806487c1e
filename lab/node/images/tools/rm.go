package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func rm(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "firR", "")
	if !ok {
		return 1
	}
	r := remover{ctx: ctx, p: p, recursive: has(set, 'r') || has(set, 'R'), force: has(set, 'f'), ask: has(set, 'i') && !has(set, 'f')}
	if len(names) == 0 && !r.force {
		return usage(p)
	}
	code := 0
	for _, n := range names {
		if base := path.Base(n); base == "." || base == ".." {
			code = failf(p, "can't remove '.' or '..'")
			continue
		}
		if !r.remove(n) {
			code = 1
		}
	}
	return code
}

// remover removes files and trees and reports what it could not.
type remover struct {
	ctx                   context.Context
	p                     *sandbox.Process
	recursive, force, ask bool
}

// remove goes as deep as a path may be long.
func (r remover) remove(n string) bool {
	full := r.p.Path(n)
	err := tooLong(r.p, n)
	if err == nil {
		err = r.ctx.Err()
	}
	if err != nil {
		failf(r.p, "can't remove '%s': %s", n, Reason(err))
		return false
	}
	info, err := r.p.FS().Lstat(full)
	switch {
	case err != nil && r.force:
		return true
	case err != nil:
		failf(r.p, "can't remove '%s': %s", n, Reason(err))
		return false
	case info.IsDir() && !r.recursive:
		failf(r.p, "'%s' is a directory", n)
		return false
	case info.IsDir():
		if r.ask && !confirm(r.ctx, r.p, fmt.Sprintf("descend into directory '%s'? ", n)) {
			return true
		}
		entries, err := r.p.FS().ReadDir(full)
		if err != nil {
			failf(r.p, "can't open '%s': %s", n, Reason(err))
			return false
		}
		all := true
		for _, e := range entries {
			if r.ctx.Err() != nil {
				return false
			}
			all = r.remove(strings.TrimSuffix(n, "/")+"/"+e.Name()) && all
		}
		if !all {
			return false
		}
	}
	if r.ask && !confirm(r.ctx, r.p, fmt.Sprintf("remove '%s'? ", n)) {
		return true
	}
	if err := r.p.FS().Remove(full); err != nil {
		failf(r.p, "can't remove '%s': %s", n, Reason(err))
		return false
	}
	return true
}

// confirm asks a question on standard error and reads the answer from standard input, byte by byte: what follows is for
// the next question.
func confirm(ctx context.Context, p *sandbox.Process, question string) bool {
	fmt.Fprintf(p.Stderr, "%s: %s", name(p), question)
	first, b := byte('\n'), make([]byte, 1)
	for ctx.Err() == nil {
		n, err := p.Stdin.Read(b)
		if n > 0 && first == '\n' {
			first = b[0]
		}
		if err != nil || n > 0 && b[0] == '\n' {
			break
		}
	}
	return first|0x20 == 'y'
}
