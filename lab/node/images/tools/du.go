package tools

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func du(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "aHLclsxhmkb", "d")
	if !ok {
		return 1
	}
	d := &diskUse{ctx: ctx, p: p, set: set, deepest: 1 << 30}
	if v, given := set['d']; given {
		n, err := strconv.ParseUint(v, 10, 30)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		d.deepest = int(n)
	}
	if has(set, 's') {
		d.deepest = 0
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	var total int64
	if has(set, 'x') {
		for _, m := range mounts(p) {
			d.mounts = append(d.mounts, m.dir)
		}
	}
	for _, n := range names {
		total += d.tree(n, 0)
	}
	if has(set, 'c') {
		d.show(total, "total")
	}
	return d.code
}

type diskUse struct {
	ctx     context.Context
	p       *sandbox.Process
	set     map[byte]string
	deepest int
	mounts  []string // of -x: where another file system begins
	code    int
}

// tree adds up a tree and prints it and what is asked for below it. It goes as deep as a path may be long.
func (d *diskUse) tree(n string, depth int) int64 {
	if depth > 0 && slices.Contains(d.mounts, path.Clean(d.p.Path(n))) {
		return 0
	}
	err := tooLong(d.p, n)
	var info fs.FileInfo
	if err == nil {
		stat := d.p.FS().Lstat
		if has(d.set, 'L') || has(d.set, 'H') && depth == 0 {
			stat = d.p.FS().Stat
		}
		info, err = stat(d.p.Path(n))
	}
	if err != nil {
		d.code = failf(d.p, "%s: %s", n, Reason(err))
		return 0
	}
	size := blocksOf(info) * 1024
	if has(d.set, 'b') {
		size = info.Size()
	}
	if info.IsDir() {
		entries, err := d.p.FS().ReadDir(d.p.Path(n))
		if err != nil {
			d.code = failf(d.p, "can't open '%s': %s", n, Reason(err))
		}
		for _, e := range entries {
			if d.ctx.Err() != nil {
				return size
			}
			size += d.tree(strings.TrimSuffix(n, "/")+"/"+e.Name(), depth+1)
		}
	}
	if depth <= d.deepest && (info.IsDir() || has(d.set, 'a') || depth == 0) {
		d.show(size, n)
	}
	return size
}

func (d *diskUse) show(size int64, n string) {
	text := strconv.FormatInt((size+1023)/1024, 10)
	switch {
	case has(d.set, 'b'):
		text = strconv.FormatInt(size, 10)
	case has(d.set, 'h'):
		text = human(size, true)
	case has(d.set, 'm'):
		text = strconv.FormatInt((size+1<<19)>>20, 10)
	}
	fmt.Fprintf(d.p.Stdout, "%s\t%s\n", text, n)
}

// df shows the one file system of a container and how much of it is used.
func df(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "PkmhTai", "Bt")
	if !ok {
		return 1
	}
	for _, n := range names {
		if _, err := p.FS().Stat(p.Path(n)); err != nil {
			return failf(p, "%s: can't find mount point", n)
		}
	}
	unit, title := int64(1024), "1K-blocks"
	switch {
	case has(set, 'i'):
		return failf(p, "inodes are not counted here")
	case has(set, 'm'):
		unit, title = 1<<20, "1M-blocks"
	case has(set, 'P'):
		title = "1024-blocks"
	}
	if v, given := set['B']; given {
		n, err := parseCount(v, append(countSuffixes(), suffix{"K", 1 << 10}, suffix{"M", 1 << 20}))
		if err != nil || n == 0 {
			return failf(p, "invalid number '%s'", v)
		}
		unit, title = n, fmt.Sprintf("%d-blocks", n)
	}
	if v, given := set['t']; given && v != "overlay" {
		return 1
	}
	used, limit := p.FS().Usage()
	show := func(n int64) string { return strconv.FormatInt((n+unit-1)/unit, 10) }
	if has(set, 'h') {
		title = "     Size"
		show = func(n int64) string { return human(n, true) }
	}
	kind, kindTitle := "", ""
	if has(set, 'T') {
		kind, kindTitle = "overlay    ", "Type       "
	}
	percent := "Use%"
	if has(set, 'P') {
		percent = "Capacity"
	}
	fmt.Fprintf(p.Stdout, "Filesystem           %s%9s      Used Available %s Mounted on\n", kindTitle, title, percent)
	fmt.Fprintf(p.Stdout, "overlay              %s%9s %9s %9s %3d%% /\n", kind, show(limit), show(used), show(limit-used), (used*100+limit-1)/max(limit, 1))
	return 0
}
