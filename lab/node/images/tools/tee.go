package tools

import (
	"context"
	"io"
	"os"

	"healthlab/lab/node/sandbox"
)

func tee(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "ai", "")
	if !ok {
		return 1
	}
	code := 0
	writers := []io.Writer{p.Stdout}
	for _, n := range names {
		flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if has(set, 'a') {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		file, err := p.OpenFile(n, flag, 0o644)
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		defer file.Close()
		writers = append(writers, file)
	}
	if err := copyStream(ctx, io.MultiWriter(writers...), p.Stdin); err != nil {
		return failf(p, "%s", Reason(err))
	}
	return code
}
