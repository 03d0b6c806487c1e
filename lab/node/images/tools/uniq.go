package tools

import (
	"context"
	"fmt"
	"io"

	"healthlab/lab/node/sandbox"
)

func uniq(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "cdu", "")
	if !ok {
		return 1
	}
	last, count := "", 0
	show := func() {
		if count == 0 || has(set, 'd') && count < 2 || has(set, 'u') && count > 1 {
			return
		}
		if has(set, 'c') {
			fmt.Fprintf(p.Stdout, "%7d ", count)
		}
		fmt.Fprintln(p.Stdout, last)
	}
	code := inputs(p, names, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line string) bool {
			if count > 0 && line == last {
				count++
				return true
			}
			show()
			last, count = line, 1
			return true
		})
	})
	show()
	return code
}
