package tools

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func cut(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "s", "dfc")
	if !ok {
		return 1
	}
	text, bytewise := set['f'], false
	if c, given := set['c']; given {
		text, bytewise = c, true
	}
	delimiter := set['d']
	if delimiter == "" {
		delimiter = "\t"
	}
	chosen, err := ranges(text)
	if err != nil {
		return failf(p, "invalid range '%s'", text)
	}
	return inputs(p, names, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line string) bool {
			separator := delimiter
			if bytewise {
				separator = ""
			}
			fields := strings.Split(line, separator)
			if len(fields) == 1 && !bytewise {
				if !has(set, 's') {
					fmt.Fprintln(p.Stdout, line)
				}
				return true
			}
			var out []string
			for i, f := range fields {
				if chosen(i + 1) {
					out = append(out, f)
				}
			}
			_, err := fmt.Fprintln(p.Stdout, strings.Join(out, separator))
			return err == nil
		})
	})
}

// ranges understands 1,3-5,7-.
func ranges(text string) (func(int) bool, error) {
	type span struct{ from, to int }
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		from, to, dash := strings.Cut(part, "-")
		s := span{1, 1 << 30}
		var err error
		if from != "" {
			if s.from, err = strconv.Atoi(from); err != nil || s.from < 1 {
				return nil, sandbox.EINVAL
			}
		}
		switch {
		case !dash && from == "":
			return nil, sandbox.EINVAL
		case !dash:
			s.to = s.from
		case to != "":
			if s.to, err = strconv.Atoi(to); err != nil {
				return nil, err
			}
		}
		spans = append(spans, s)
	}
	return func(i int) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return i >= s.from && i <= s.to })
	}, nil
}
