package tools

import (
	"context"
	"fmt"
	"time"

	"healthlab/lab/node/sandbox"
)

func mktemp(_ context.Context, p *sandbox.Process) int {
	set, _, ok := options(p, "dqu", "p")
	if !ok {
		return 1
	}
	n := fmt.Sprintf("/tmp/tmp.%06x", time.Now().UnixNano()&0xffffff)
	var err error
	if has(set, 'd') {
		err = p.FS().Mkdir(n, 0o700)
	} else {
		err = p.FS().WriteFile(n, nil, 0o600)
	}
	if err != nil {
		return failf(p, "%s", Reason(err))
	}
	fmt.Fprintln(p.Stdout, n)
	return 0
}
