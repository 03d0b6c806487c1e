package tools

import (
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// suffix is what a letter behind a number multiplies it with.
type suffix struct {
	text string
	n    int64
}

// countSuffixes are those of head, tail and others, ddSuffixes those of dd.
func countSuffixes() []suffix { return []suffix{{"b", 512}, {"k", 1 << 10}, {"m", 1 << 20}} }

func ddSuffixes() []suffix {
	return []suffix{
		{"kB", 1000},
		{"MB", 1e6},
		{"GB", 1e9},
		{"KB", 1000},
		{"c", 1},
		{"w", 2},
		{"b", 512},
		{"k", 1 << 10},
		{"K", 1 << 10},
		{"M", 1 << 20},
		{"G", 1 << 30},
	}
}

// parseCount reads a number that may have one of the suffixes, from 0 to 1<<62.
func parseCount(text string, suffixes []suffix) (int64, error) {
	unit := int64(1)
	for _, s := range suffixes {
		if t, ok := strings.CutSuffix(text, s.text); ok {
			text, unit = t, s.n
			break
		}
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || int64(n) > (1<<62)/unit {
		return 0, sandbox.EINVAL
	}
	return int64(n) * unit, nil
}
