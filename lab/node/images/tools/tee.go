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
	if has(set, 'i') {
		p.Ignore(sandbox.SIGINT)
	}
	code := 0
	writers := []io.Writer{p.Stdout}
	for _, n := range names {
		if n == "-" {
			writers = append(writers, p.Stdout)
			continue
		}
		flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if has(set, 'a') {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		file, err := p.OpenFile(n, flag, 0o666)
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		defer file.Close()
		writers = append(writers, file)
	}
	buf := make([]byte, readBytes)
	for ctx.Err() == nil {
		n, err := p.Stdin.Read(buf)
		for _, w := range writers {
			if n > 0 {
				if _, werr := w.Write(buf[:n]); werr != nil { // the others go on
					code = 1
				}
			}
		}
		if err != nil {
			if !isEnd(err) && ctx.Err() == nil {
				code = failf(p, "read error: %s", Reason(err))
			}
			return code
		}
	}
	return 1
}
