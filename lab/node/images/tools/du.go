package tools

import (
	"context"
	"fmt"
	"path"

	"healthlab/lab/node/sandbox"
)

func du(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "shka", "")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	for _, n := range names {
		fmt.Fprintf(p.Stdout, "%s\t%s\n", human((treeSize(ctx, p, n)+1023)/1024, has(set, 'h')), n)
	}
	return 0
}

func treeSize(ctx context.Context, p *sandbox.Process, n string) int64 {
	info, err := p.FS().Lstat(p.Path(n))
	if err != nil || ctx.Err() != nil {
		return 0
	}
	size := info.Size()
	if info.IsDir() {
		entries, _ := p.FS().ReadDir(p.Path(n))
		for _, e := range entries {
			size += treeSize(ctx, p, path.Join(n, e.Name()))
		}
	}
	return size
}

func df(_ context.Context, p *sandbox.Process) int {
	used, limit := p.FS().Usage()
	fmt.Fprintf(p.Stdout, "Filesystem           1K-blocks      Used Available Use%% Mounted on\noverlay   %20d %9d %9d %3d%% /\n",
		limit/1024, used/1024, (limit-used)/1024, used*100/limit)
	return 0
}
