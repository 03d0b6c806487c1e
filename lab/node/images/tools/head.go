package tools

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"healthlab/lab/node/sandbox"
)

func head(ctx context.Context, p *sandbox.Process) int {
	oldCount(p)
	n := int64(defaultCount)
	set, names, ok := options(p, "qv", "nc")
	if !ok {
		return 1
	}
	if v, given := set['n']; given {
		parsed, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		n = parsed
	}
	if v, given := set['c']; given {
		size, err := parseBytes(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		return inputs(p, names, func(_ string, r io.Reader) error {
			return copyStream(ctx, p.Stdout, io.LimitReader(r, size))
		})
	}
	return inputs(p, names, func(name string, r io.Reader) error {
		if len(names) > 1 && !has(set, 'q') {
			fmt.Fprintf(p.Stdout, "==> %s <==\n", name)
		}
		if n <= 0 {
			return nil
		}
		left := n
		return eachLine(ctx, r, func(line string) bool {
			left--
			_, err := fmt.Fprintln(p.Stdout, line)
			return left > 0 && err == nil
		})
	})
}

// defaultCount is how many lines head and tail show.
const defaultCount = 10

// oldCount turns the old form -5 of head and tail into -n 5.
func oldCount(p *sandbox.Process) {
	i := slices.IndexFunc(p.Args, func(a string) bool { return len(a) > 1 && a[0] == '-' && a[1] >= '0' && a[1] <= '9' })
	if i > 0 && p.Args[i-1] != "-n" && p.Args[i-1] != "-c" {
		p.Args = slices.Concat(p.Args[:i], []string{"-n", p.Args[i][1:]}, p.Args[i+1:])
	}
}
