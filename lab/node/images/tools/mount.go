package tools

import (
	"context"
	"fmt"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

// mounted is a line of /proc/mounts.
type mounted struct{ device, dir, kind, flags string }

func mounts(p *sandbox.Process) []mounted {
	data, err := p.FS().ReadFile("/proc/mounts", 64<<10)
	if err != nil {
		return nil
	}
	var all []mounted
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) >= 4 {
			all = append(all, mounted{f[0], strings.ReplaceAll(f[1], `\040`, " "), f[2], f[3]})
		}
	}
	return all
}

// mount shows what is mounted; a container may mount nothing.
func mount(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "o:t:rwanfvsiO:T:"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) == 0 && !has(asSet(found), 'a') {
		kind := asSet(found)['t']
		for _, m := range mounts(p) {
			if kind == "" || m.kind == kind {
				fmt.Fprintf(p.Stdout, "%s on %s type %s (%s)\n", m.device, m.dir, m.kind, m.flags)
			}
		}
		return 0
	}
	if len(args) == 0 {
		return 0 // there is no /etc/fstab
	}
	if len(args) < 2 {
		return failf(p, "can't find %s in /etc/fstab", args[0])
	}
	return failf(p, "permission denied (are you root?)")
}

func umount(_ context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{letters: "fldnrat:v"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) == 0 {
		return usage(p)
	}
	return failf(p, "can't unmount %s: Operation not permitted", args[0])
}

// mountpoint reports whether a directory is one.
func mountpoint(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "qdxn"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if len(args) != 1 {
		return usage(p)
	}
	if has(set, 'd') || has(set, 'x') {
		return failf(p, "-d and -x are not supported here")
	}
	info, err := p.FS().Stat(p.Path(args[0]))
	switch {
	case err == nil && !info.IsDir():
		err = sandbox.ENOTDIR
	}
	if err != nil {
		if !has(set, 'q') {
			failf(p, "%s: %s", args[0], Reason(err))
		}
		return 1
	}
	dir, err := p.FS().Resolve(p.Path(args[0]), true)
	if err != nil {
		return 1
	}
	for _, m := range mounts(p) {
		if path.Clean(dir) != m.dir {
			continue
		}
		switch {
		case has(set, 'n'):
			fmt.Fprintf(p.Stdout, "%s %s\n", m.device, args[0])
		case !has(set, 'q'):
			fmt.Fprintf(p.Stdout, "%s is a mountpoint\n", args[0])
		}
		return 0
	}
	if !has(set, 'q') {
		fmt.Fprintf(p.Stdout, "%s is not a mountpoint\n", args[0])
	}
	return 1
}
