package tools

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"

	"healthlab/lab/node/sandbox"
)

// uniq holds one line: the first of those that are equal.
func uniq(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "cduiz", "fsw")
	if !ok {
		return 1
	}
	limits := map[byte]int{'f': 0, 's': 0, 'w': 1 << 30}
	for c := range limits {
		if v, given := set[c]; given {
			n, err := strconv.ParseUint(v, 10, 31)
			if err != nil {
				return failf(p, "invalid number '%s'", v)
			}
			limits[c] = int(n)
		}
	}
	in, out := p.Stdin, p.Stdout
	if len(names) > 0 && names[0] != "-" {
		file, err := p.Open(names[0])
		if err != nil {
			return failf(p, "can't open '%s': %s", names[0], Reason(err))
		}
		defer file.Close()
		in = file
	}
	if len(names) > 1 && names[1] != "-" {
		file, err := p.OpenFile(names[1], os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return failf(p, "can't open '%s': %s", names[1], Reason(err))
		}
		defer file.Close()
		out = file
	}
	l := newLines(ctx, in)
	if has(set, 'z') {
		l.end = 0
	}
	part := func(line []byte) []byte {
		for range limits['f'] {
			for len(line) > 0 && isBlank(line[0]) {
				line = line[1:]
			}
			for len(line) > 0 && !isBlank(line[0]) {
				line = line[1:]
			}
		}
		line = line[min(limits['s'], len(line)):]
		line = line[:min(limits['w'], len(line))]
		if has(set, 'i') {
			return lower(line)
		}
		return line
	}
	var first []byte
	count := 0
	show := func() bool {
		if count == 0 || has(set, 'd') && count < 2 || has(set, 'u') && count > 1 {
			return true
		}
		line := make([]byte, 0, len(first)+9)
		if has(set, 'c') {
			line = fmt.Appendf(line, "%7d ", count)
		}
		_, err := out.Write(append(append(line, first...), l.end))
		return err == nil
	}
	for {
		line, _, ok := l.next()
		if !ok {
			break
		}
		if count > 0 && bytes.Equal(part(line), part(first)) {
			count++
			continue
		}
		if !show() {
			return 1
		}
		first, count = append(first[:0], line...), 1
	}
	if ctx.Err() != nil || !show() {
		return 1
	}
	if err := l.failed(); err != nil {
		return failf(p, "%s", Reason(err))
	}
	return 0
}
