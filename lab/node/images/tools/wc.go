package tools

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func wc(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "lwcm", "")
	if !ok {
		return 1
	}
	return inputs(p, names, func(name string, r io.Reader) error {
		var lines, words, size int
		inWord := false
		buf := make([]byte, 32<<10)
		for ctx.Err() == nil {
			n, err := r.Read(buf)
			size += n
			for _, c := range buf[:n] {
				if c == '\n' {
					lines++
				}
				space := c == ' ' || c >= '\t' && c <= '\r'
				if !space && !inWord {
					words++
				}
				inWord = !space
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		var fields []string
		for _, f := range []struct {
			option byte
			n      int
		}{{'l', lines}, {'w', words}, {'c', size}} {
			switch {
			case len(set) == 0:
				fields = append(fields, fmt.Sprintf("%9d", f.n))
			case has(set, f.option):
				fields = append(fields, strconv.Itoa(f.n))
			}
		}
		if len(names) > 0 {
			fields = append(fields, name)
		}
		fmt.Fprintln(p.Stdout, strings.Join(fields, " "))
		return nil
	})
}
