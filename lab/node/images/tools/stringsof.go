package tools

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"

	"healthlab/lab/node/sandbox"
)

// stringsOf is strings.
func stringsOf(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "afon:t:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	least := 4
	if v, given := set['n']; given {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		if n == 0 {
			return failf(p, "number %s is not in 1..2147483647 range", v)
		}
		least = int(n)
	}
	format := ""
	if has(set, 'o') {
		format = "%7o "
	}
	if v, given := set['t']; given {
		switch v {
		case "o", "d", "x":
			format = "%7" + v + " "
		default:
			return usage(p)
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	return quietInputs(p, names, func(n string, r io.Reader) error {
		shown := n
		if n == "-" {
			shown = "{standard input}"
		}
		in := bufio.NewReaderSize(ctxReader{ctx, r}, readBytes)
		out := bufio.NewWriterSize(p.Stdout, readBytes)
		var text []byte
		for at, long := int64(0), false; ; at++ {
			c, err := in.ReadByte()
			if err == nil && (c >= ' ' && c <= '~' || c == '\t') {
				if text = append(text, c); !long && len(text) < least {
					continue
				}
				if !long {
					if has(set, 'f') {
						fmt.Fprintf(out, "%s: ", shown)
					}
					if format != "" {
						fmt.Fprintf(out, format, at-int64(len(text))+1)
					}
					long = true
				}
				_, _ = out.Write(text)
				text = text[:0]
				continue
			}
			if long {
				_ = out.WriteByte('\n')
			}
			text, long = text[:0], false
			if in.Buffered() == 0 || err != nil {
				if out.Flush() != nil || isEnd(err) {
					return nil //nolint:nilerr // nobody reads it any more
				}
			}
			if err != nil {
				return err
			}
		}
	})
}
