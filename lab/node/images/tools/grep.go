package tools

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func grep(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "qivcnEFoHhlswx", "em")
	if !ok {
		return 2
	}
	pattern, given := set['e']
	if !given {
		if len(args) == 0 {
			failf(p, "usage: grep [-qivcnEFol] PATTERN [FILE]...")
			return 2
		}
		pattern, args = args[0], args[1:]
	}
	switch {
	case has(set, 'F'):
		pattern = regexp.QuoteMeta(pattern)
	case !has(set, 'E') && !strings.HasPrefix(name(p), "e"):
		pattern = basicPattern(pattern)
	}
	if has(set, 'w') {
		pattern = `\b(?:` + pattern + `)\b`
	}
	if has(set, 'x') {
		pattern = `^(?:` + pattern + `)$`
	}
	if has(set, 'i') {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		failf(p, "bad regex '%s': %v", pattern, err)
		return 2
	}
	matched := false
	code := inputs(p, args, func(name string, r io.Reader) error {
		count, number := 0, 0
		prefix := ""
		if (len(args) > 1 || has(set, 'H')) && !has(set, 'h') {
			prefix = name + ":"
		}
		err := eachLine(ctx, r, func(line string) bool {
			number++
			if re.MatchString(line) == has(set, 'v') {
				return true
			}
			matched = true
			count++
			switch {
			case has(set, 'q'), has(set, 'l'):
				return false
			case has(set, 'c'):
			default:
				at := prefix
				if has(set, 'n') {
					at += strconv.Itoa(number) + ":"
				}
				texts := []string{line}
				if has(set, 'o') {
					texts = re.FindAllString(line, -1)
				}
				for _, text := range texts {
					if _, err := fmt.Fprintln(p.Stdout, at+text); err != nil {
						return false
					}
				}
			}
			return true
		})
		if has(set, 'c') && !has(set, 'q') {
			fmt.Fprintf(p.Stdout, "%s%d\n", prefix, count)
		}
		if has(set, 'l') && count > 0 {
			fmt.Fprintln(p.Stdout, name)
		}
		return err
	})
	switch {
	case matched:
		return 0
	case code != 0:
		return 2
	}
	return 1
}
