package tools

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"healthlab/lab/node/sandbox"
)

func mktemp(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "dqtu", "p")
	if !ok {
		return 1
	}
	if len(names) > 1 {
		return usage(p)
	}
	dir := p.Getenv("TMPDIR")
	if dir == "" {
		dir = "/tmp"
	}
	if d, given := set['p']; given {
		dir = d
	}
	template := "tmp.XXXXXX"
	if len(names) == 1 {
		template = names[0]
	}
	if len(names) == 0 || has(set, 't') || has(set, 'p') {
		template = strings.TrimSuffix(dir, "/") + "/" + template
	}
	start, found := strings.CutSuffix(template, "XXXXXX")
	if !found {
		return failf(p, "%s", sandbox.EINVAL)
	}
	for range 100 {
		n := start + randomName(6)
		err := makeTemporary(p, set, n)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			if has(set, 'q') {
				return 1
			}
			return failf(p, "%s", Reason(err))
		}
		fmt.Fprintln(p.Stdout, n)
		return 0
	}
	return failf(p, "%s", sandbox.EEXIST)
}

func makeTemporary(p *sandbox.Process, set map[byte]string, n string) error {
	switch {
	case has(set, 'u'):
		if _, err := p.FS().Lstat(p.Path(n)); err == nil {
			return sandbox.EEXIST
		}
		return nil
	case has(set, 'd'):
		return p.FS().Mkdir(p.Path(n), 0o700)
	}
	file, err := p.OpenFile(n, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = file.Close()
	}
	return err
}
