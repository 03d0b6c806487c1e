package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func stat(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "Lft", "c")
	if !ok {
		return 1
	}
	code := 0
	for _, n := range names {
		info, err := p.FS().Lstat(p.Path(n))
		if err != nil {
			code = failf(p, "can't stat '%s': %s", n, Reason(err))
			continue
		}
		format := "  File: %n\n  Size: %s\nAccess: (%a)\nModify: %y"
		if has(set, 'c') {
			format = set['c']
		}
		fmt.Fprintln(p.Stdout, strings.NewReplacer(
			"%n", n, "%s", strconv.FormatInt(info.Size(), 10), "%a", strconv.FormatUint(uint64(info.Mode().Perm()), 8),
			"%Y", strconv.FormatInt(info.ModTime().Unix(), 10), "%y", info.ModTime().UTC().String(),
		).Replace(format))
	}
	return code
}
