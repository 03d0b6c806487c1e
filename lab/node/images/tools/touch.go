package tools

import (
	"context"
	"os"
	"time"

	"healthlab/lab/node/sandbox"
)

func touch(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "camh", "drt")
	if !ok {
		return 1
	}
	code := 0
	for _, n := range names {
		full := p.Path(n)
		if _, err := p.FS().Stat(full); err != nil && !has(set, 'c') {
			file, err := p.OpenFile(n, os.O_WRONLY|os.O_CREATE, 0o644)
			if err != nil {
				code = failf(p, "%s: %s", n, Reason(err))
				continue
			}
			_ = file.Close()
			continue
		}
		now := time.Now()
		if err := p.FS().Chtimes(full, now, now); err != nil && !has(set, 'c') {
			code = failf(p, "%s: %s", n, Reason(err))
		}
	}
	if len(names) == 0 {
		return failf(p, "missing operand")
	}
	return code
}
