package tools

import (
	"context"
	"fmt"
	"io"
	"strings"

	"healthlab/lab/node/sandbox"
)

func wc(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "lwcmL", "")
	if !ok {
		return 1
	}
	if len(set) == 0 {
		set = map[byte]string{'l': "", 'w': "", 'c': ""}
	}
	var total wcCounts
	files := 0
	show := func(c wcCounts, name string) {
		var fields []string
		for _, f := range []struct {
			option byte
			n      int64
		}{{'l', c.lines}, {'w', c.words}, {'m', c.chars}, {'c', c.bytes}, {'L', c.longest}} {
			if !has(set, f.option) {
				continue
			}
			if len(set) > 1 || len(names) > 1 {
				fields = append(fields, fmt.Sprintf("%9d", f.n))
			} else {
				fields = append(fields, fmt.Sprint(f.n))
			}
		}
		if name != "" {
			fields = append(fields, name)
		}
		fmt.Fprintln(p.Stdout, strings.Join(fields, " "))
	}
	code := quietInputs(p, names, func(name string, r io.Reader) error {
		counts, err := count(ctx, r)
		if ctx.Err() != nil {
			return err
		}
		if len(names) == 0 {
			name = ""
		}
		show(counts, name)
		files++
		total.lines += counts.lines
		total.words += counts.words
		total.bytes += counts.bytes
		total.chars += counts.chars
		total.longest = max(total.longest, counts.longest)
		return err
	})
	if len(names) > 1 {
		show(total, "total")
	}
	return code
}

type wcCounts struct{ lines, words, chars, bytes, longest int64 }

func count(ctx context.Context, r io.Reader) (c wcCounts, err error) {
	buf := make([]byte, readBytes)
	inWord := false
	width := int64(0)
	for ctx.Err() == nil {
		n, err := r.Read(buf)
		c.bytes += int64(n)
		for _, b := range buf[:n] {
			if b&0xc0 != 0x80 { // musl's only character set is UTF-8
				c.chars++
			}
			switch {
			case b == '\n':
				c.lines++
				c.longest, width = max(c.longest, width), 0
			case b == '\r' || b == '\f':
				c.longest, width = max(c.longest, width), 0
			case b == '\t':
				width += 8 - width%8
			case b >= ' ' && b <= '~':
				width++
			}
			if space := isBlank(b); !space && !inWord && b > ' ' && b <= '~' {
				inWord = true
				c.words++
			} else if space {
				inWord = false
			}
		}
		if err == io.EOF {
			c.longest = max(c.longest, width)
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
	return c, ctx.Err()
}
