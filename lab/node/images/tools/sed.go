package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// sed knows s/from/to/ with g and i, and -n with p and d for addresses that are line numbers or patterns.
func sed(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "nEri", "e")
	if !ok {
		return 1
	}
	script, given := set['e']
	if !given {
		if len(args) == 0 {
			return failf(p, "no script")
		}
		script, args = args[0], args[1:]
	}
	edit, err := parseSed(script, has(set, 'E') || has(set, 'r'))
	if err != nil {
		return failf(p, "%v", err)
	}
	if !has(set, 'i') {
		return inputs(p, args, func(_ string, r io.Reader) error { return edit(ctx, r, p.Stdout, has(set, 'n')) })
	}
	var changed bytes.Buffer
	for _, n := range args {
		changed.Reset()
		if code := inputs(p, []string{n}, func(_ string, r io.Reader) error {
			return edit(ctx, io.LimitReader(r, maxText), &changed, has(set, 'n'))
		}); code != 0 {
			return code
		}
		if err := p.FS().WriteFile(p.Path(n), changed.Bytes(), 0o644); err != nil {
			return failf(p, "%s: %s", n, Reason(err))
		}
	}
	return 0
}

type sedEdit func(ctx context.Context, r io.Reader, w io.Writer, quiet bool) error

func parseSed(script string, extended bool) (sedEdit, error) {
	compile := func(pattern string) (*regexp.Regexp, error) {
		if !extended {
			pattern = basicPattern(pattern)
		}
		return regexp.Compile(pattern)
	}
	number := 0
	var address *regexp.Regexp
	if strings.HasPrefix(script, "/") {
		pattern, rest, ok := strings.Cut(script[1:], "/")
		if !ok {
			return nil, errors.New("unterminated address")
		}
		re, err := compile(pattern)
		if err != nil {
			return nil, err
		}
		address, script = re, rest
	} else if end := strings.IndexFunc(script, func(r rune) bool { return r < '0' || r > '9' }); end > 0 {
		number, _ = strconv.Atoi(script[:end])
		script = script[end:]
	}
	applies := func(line string, n int) bool {
		return (number == 0 || n == number) && (address == nil || address.MatchString(line))
	}
	switch {
	case script == "p", script == "d":
		return func(ctx context.Context, r io.Reader, w io.Writer, quiet bool) error {
			n := 0
			return eachLine(ctx, r, func(line string) bool {
				n++
				hit := applies(line, n)
				if !quiet && (script != "d" || !hit) {
					fmt.Fprintln(w, line)
				}
				if hit && script == "p" {
					fmt.Fprintln(w, line)
				}
				return true
			})
		}, nil
	case len(script) < 4 || script[0] != 's':
		return nil, fmt.Errorf("unsupported command: %s", script)
	}
	fields := strings.Split(script[2:], script[1:2])
	if len(fields) != 3 {
		return nil, fmt.Errorf("bad option in substitution expression: %s", script)
	}
	pattern := fields[0]
	if strings.ContainsAny(fields[2], "iI") {
		pattern = "(?i)" + pattern
	}
	re, err := compile(pattern)
	if err != nil {
		return nil, err
	}
	replacement := regexp.MustCompile(`\\([1-9])`).ReplaceAllString(strings.ReplaceAll(fields[1], "$", "$$"), "$${$1}")
	replacement = strings.ReplaceAll(replacement, "&", "${0}")
	return func(ctx context.Context, r io.Reader, w io.Writer, quiet bool) error {
		n := 0
		return eachLine(ctx, r, func(line string) bool {
			n++
			if !applies(line, n) || !re.MatchString(line) {
				if !quiet {
					fmt.Fprintln(w, line)
				}
				return true
			}
			done := false
			line = re.ReplaceAllStringFunc(line, func(match string) string {
				if done && !strings.Contains(fields[2], "g") {
					return match
				}
				done = true
				return re.ReplaceAllString(match, replacement)
			})
			if !quiet || strings.Contains(fields[2], "p") {
				fmt.Fprintln(w, line)
			}
			return true
		})
	}, nil
}
