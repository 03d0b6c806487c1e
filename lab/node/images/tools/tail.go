package tools

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func tail(ctx context.Context, p *sandbox.Process) int {
	oldCount(p)
	n := int64(defaultCount)
	set, names, ok := options(p, "fFqv", "ncs")
	if !ok {
		return 1
	}
	fromStart := false
	if v, given := set['n']; given {
		parsed, err := strconv.ParseInt(strings.TrimPrefix(v, "+"), 10, 32)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		n, fromStart = max(parsed, -parsed), strings.HasPrefix(v, "+")
	}
	follow := (has(set, 'f') || has(set, 'F')) && len(names) > 0 && names[0] != "/dev/null"
	code := inputs(p, names, func(_ string, r io.Reader) error {
		var last []string
		number := int64(0)
		err := eachLine(ctx, r, func(line string) bool {
			number++
			if fromStart {
				if number >= n {
					fmt.Fprintln(p.Stdout, line)
				}
				return true
			}
			last = append(last, line)
			if int64(len(last)) > n {
				last = last[1:]
			}
			return true
		})
		for _, line := range last {
			fmt.Fprintln(p.Stdout, line)
		}
		return err
	})
	switch {
	case follow:
		return followFile(ctx, p, names[0])
	case has(set, 'f') || has(set, 'F'):
		<-ctx.Done() // tail -f /dev/null, the usual way to wait for ever
		return 1
	}
	return code
}

// followFile prints what is appended to a file.
func followFile(ctx context.Context, p *sandbox.Process, name string) int {
	var offset int64 = -1
	for sleepFor(ctx, 200*time.Millisecond) {
		file, err := p.Open(name)
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err == nil {
			if offset < 0 || info.Size() < offset {
				offset = info.Size()
			}
			if _, err := file.Seek(offset, io.SeekStart); err == nil && info.Size() > offset {
				if copyStream(ctx, p.Stdout, io.LimitReader(file, info.Size()-offset)) == nil {
					offset = info.Size()
				}
			}
		}
		_ = file.Close()
	}
	return 1
}
