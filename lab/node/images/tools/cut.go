package tools

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/images/tools/regex"
	"healthlab/lab/node/sandbox"
)

func cut(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "snD", "bcfdOF")
	if !ok {
		return 1
	}
	c := cutter{ctx: ctx, p: p, set: set}
	var kinds []byte
	for _, k := range []byte("bcfF") {
		if has(set, k) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) != 1 {
		if len(kinds) == 0 {
			return failf(p, "expected a list of bytes, characters, or fields")
		}
		return usage(p)
	}
	c.kind = kinds[0]
	if message := c.delimiters(); message != "" {
		return failf(p, "%s", message)
	}
	if message := c.ranges(set[c.kind]); message != "" {
		return failf(p, "%s", message)
	}
	return quietInputs(p, names, func(_ string, r io.Reader) error {
		var failed error
		err := eachLine(ctx, r, func(line []byte) bool {
			var write bool
			if write, failed = c.cut(line); failed != nil {
				return false
			}
			return !write || writeLine(p.Stdout, c.out)
		})
		if failed != nil {
			return failed
		}
		return err
	})
}

type cutter struct {
	ctx   context.Context
	p     *sandbox.Process
	set   map[byte]string
	kind  byte
	in    string
	glue  string
	re    *regex.Regexp
	spans []cutSpan
	out   []byte
}

// cutSpan is a range that counts from 1; what ends at unbounded has no end.
type cutSpan struct{ from, to int }

const unbounded = 1 << 30

func (c *cutter) delimiters() string {
	d, given := c.set['d']
	switch {
	case c.kind != 'f' && c.kind != 'F' && (given || has(c.set, 's')):
		what := "suppressing non-delimited lines makes sense"
		if given {
			what = "a delimiter may be specified"
		}
		return what + " only when operating on fields"
	case c.kind == 'F':
		if !given {
			d = "[[:space:]][[:space:]]*"
		}
		var err error
		if c.re, err = regex.Compile(d, regex.Options{}); err != nil {
			return fmt.Sprintf("bad regex '%s': %s", d, err)
		}
		c.glue = " "
	default:
		if c.in = d; !given {
			c.in = "\t"
		} else if len(d) > 1 {
			c.in = d[:1]
		} else if d == "" {
			c.in = "\x00"
		}
		c.glue = c.in
	}
	if o, given := c.set['O']; given {
		c.glue = o
	}
	return ""
}

// ranges reads 1,3-5,7-. Without -D they are taken in their order.
func (c *cutter) ranges(text string) string {
	for part := range strings.SplitSeq(text, ",") {
		from, to, dash := strings.Cut(part, "-")
		if part == "" {
			continue
		}
		s := cutSpan{1, unbounded}
		for _, n := range []struct {
			text string
			to   *int
		}{{from, &s.from}, {to, &s.to}} {
			if n.text == "" {
				continue
			}
			v, err := strconv.ParseUint(n.text, 10, 31)
			if err != nil {
				return fmt.Sprintf("invalid number '%s'", n.text)
			}
			*n.to = max(1, int(v))
		}
		if !dash {
			s.to = s.from
		}
		if s.to < s.from {
			return fmt.Sprintf("%d<%d", s.to, s.from-1) // BusyBox counts one of them from zero
		}
		c.spans = append(c.spans, s)
	}
	if len(c.spans) == 0 {
		return "missing list of positions"
	}
	if has(c.set, 'D') {
		return ""
	}
	slices.SortFunc(c.spans, func(a, b cutSpan) int { return a.from - b.from })
	merged := c.spans[:1]
	for _, s := range c.spans[1:] {
		if last := &merged[len(merged)-1]; s.from <= last.to {
			last.to = max(last.to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	c.spans = merged
	return ""
}

// cut fills c.out and reports whether the line is printed.
func (c *cutter) cut(line []byte) (bool, error) {
	c.out = c.out[:0]
	if c.kind == 'b' || c.kind == 'c' {
		for _, s := range c.spans {
			if s.from <= len(line) {
				c.out = append(c.out, line[s.from-1:min(s.to, len(line))]...)
			}
		}
		return true, nil
	}
	bounds, err := c.fields(line)
	if err != nil {
		return false, err
	}
	if len(bounds) == 2 {
		c.out = append(c.out, line...)
		return !has(c.set, 's') && !has(c.set, 'D'), nil
	}
	first := true
	for _, s := range c.spans {
		for i := s.from; i <= min(s.to, len(bounds)/2); i++ {
			if !first {
				c.out = append(c.out, c.glue...)
			}
			c.out = append(c.out, line[bounds[2*i-2]:bounds[2*i-1]]...)
			first = false
		}
	}
	return true, nil
}

// fields returns where each field begins and ends.
func (c *cutter) fields(line []byte) ([]int, error) {
	bounds := []int{0}
	for at := 0; at <= len(line); {
		start, end := -1, -1
		if c.re != nil {
			loc, err := c.re.Find(c.ctx, line[at:], at > 0)
			if err != nil {
				return nil, err
			}
			if loc != nil && loc[1] > loc[0] {
				start, end = at+loc[0], at+loc[1]
			}
		} else if i := bytes.IndexByte(line[at:], c.in[0]); i >= 0 {
			start, end = at+i, at+i+1
		}
		if start < 0 {
			break
		}
		bounds = append(bounds, start, end)
		at = end
	}
	return append(bounds, len(line)), nil
}
