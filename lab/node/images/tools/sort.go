package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func sortLines(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "nrufb", "kt")
	if !ok {
		return 1
	}
	var lines []string
	total := 0
	code := inputs(p, names, func(_ string, r io.Reader) error {
		err := eachLine(ctx, r, func(line string) bool {
			lines = append(lines, line)
			total += len(line) + 16
			return total < maxText
		})
		if total >= maxText {
			return errors.New("out of memory")
		}
		return err
	})
	slices.SortStableFunc(lines, func(a, b string) int {
		if has(set, 'n') {
			x, y := leadingNumber(a), leadingNumber(b)
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
		return strings.Compare(a, b)
	})
	if has(set, 'r') {
		slices.Reverse(lines)
	}
	if has(set, 'u') {
		lines = slices.Compact(lines)
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(p.Stdout, l); err != nil {
			return 1
		}
	}
	return code
}

func leadingNumber(s string) float64 {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && s[end] == '-') {
		end++
	}
	f, _ := strconv.ParseFloat(s[:end], 64)
	return f
}
