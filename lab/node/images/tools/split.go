package tools

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// split is split.
func split(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "l:b:a:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	s := &splitRun{ctx: ctx, p: p, count: 1000, letters: 2, prefix: "x"}
	for _, o := range found {
		switch o.letter {
		case 'a':
			n, err := strconv.ParseUint(o.value, 10, 8)
			if err != nil || n == 0 {
				return failf(p, "invalid number '%s'", o.value)
			}
			s.letters = int(n)
		default:
			n, err := parseCount(o.value, append(countSuffixes(), suffix{"g", 1 << 30}))
			if err != nil || n == 0 {
				return failf(p, "invalid number '%s'", o.value)
			}
			s.count, s.bytewise = n, o.letter == 'b'
		}
	}
	_ = set
	in := io.NopCloser(p.Stdin)
	if len(args) > 0 && args[0] != "-" {
		file, err := p.Open(args[0])
		if err != nil {
			return failf(p, "can't open '%s': %s", args[0], Reason(err))
		}
		in = file
	}
	defer in.Close()
	if len(args) > 1 {
		s.prefix = args[1]
	}
	return s.run(in)
}

type splitRun struct {
	ctx      context.Context
	p        *sandbox.Process
	count    int64
	bytewise bool
	letters  int
	prefix   string
	files    int
}

// next opens the next part.
func (s *splitRun) next() (*sandbox.File, error) {
	n, name := s.files, ""
	for range s.letters {
		name = string(rune('a'+n%26)) + name
		n /= 26
	}
	if n > 0 {
		return nil, errors.New("suffixes exhausted")
	}
	s.files++
	return s.p.OpenFile(s.prefix+name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
}

func (s *splitRun) run(in io.Reader) int {
	var out *sandbox.File
	left := int64(0)
	buf := make([]byte, readBytes)
	for s.ctx.Err() == nil {
		n, err := in.Read(buf)
		for rest := buf[:n]; len(rest) > 0; {
			if left == 0 {
				if out != nil {
					_ = out.Close()
				}
				next, err := s.next()
				if err != nil {
					return failf(s.p, "%s", Reason(err))
				}
				out, left = next, s.count
			}
			part := int64(len(rest))
			if s.bytewise {
				part = min(part, left)
				left -= part
			} else {
				part, left = upToLines(rest, left)
			}
			if _, err := out.Write(rest[:part]); err != nil {
				_ = out.Close()
				return failf(s.p, "%s", Reason(err))
			}
			rest = rest[part:]
		}
		if err != nil {
			break
		}
	}
	if out != nil {
		_ = out.Close()
	}
	return 0
}

// upToLines returns how much of a text is at most so many lines, and how many are left.
func upToLines(text []byte, most int64) (part, left int64) {
	for i, c := range text {
		if c == '\n' {
			if most--; most == 0 {
				return int64(i) + 1, 0
			}
		}
	}
	return int64(len(text)), most
}

// shuf is shuf. It holds the lines that it permutes; of a range only what it prints.
func shuf(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "ei:n:o:z"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	most := int64(-1)
	if v, given := set['n']; given {
		n, err := strconv.ParseInt(v, 10, 62)
		if err != nil || n < 0 {
			return failf(p, "invalid number '%s'", v)
		}
		most = n
	}
	var all []string
	switch v, ranged := set['i']; {
	case ranged && has(set, 'e'):
		return usage(p)
	case ranged:
		if len(args) > 0 {
			return usage(p)
		}
		lo, hi, ok := strings.Cut(v, "-")
		from, err1 := strconv.ParseUint(lo, 10, 62)
		to, err2 := strconv.ParseUint(hi, 10, 62)
		if !ok || err1 != nil || err2 != nil {
			return failf(p, "bad range '%s'", v)
		}
		if to < from {
			return failf(p, "bad range '%s'", v)
		}
		all = someOf(ctx, from, to, most)
	case has(set, 'e'):
		all = args
	default:
		if len(args) > 1 {
			return usage(p)
		}
		code := quietInputs(p, args, func(_ string, r io.Reader) error {
			return eachLine(ctx, r, func(line []byte) bool {
				all = append(all, string(line))
				return true
			})
		})
		if code != 0 {
			return code
		}
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	if most >= 0 && most < int64(len(all)) {
		all = all[:most]
	}
	out := p.Stdout
	if v, given := set['o']; given {
		file, err := p.OpenFile(v, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return failf(p, "can't open '%s': %s", v, Reason(err))
		}
		defer file.Close()
		out = file
	}
	end := "\n"
	if has(set, 'z') {
		end = "\x00"
	}
	for _, line := range all {
		if _, err := io.WriteString(out, line+end); err != nil {
			return 1
		}
	}
	return 0
}

// someOf are numbers of a range: all of them, or as many as are wanted.
func someOf(ctx context.Context, from, to uint64, most int64) []string {
	var all []string
	if span := to - from + 1; most >= 0 && uint64(most) < span/2 {
		seen := map[uint64]bool{}
		for int64(len(all)) < most && ctx.Err() == nil {
			if n := from + rand.Uint64N(span); !seen[n] {
				seen[n] = true
				all = append(all, strconv.FormatUint(n, 10))
			}
		}
		return all
	}
	for n := from; n <= to && ctx.Err() == nil; n++ {
		all = append(all, strconv.FormatUint(n, 10))
	}
	return all
}
