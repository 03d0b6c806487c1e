package tools

import (
	"context"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func sleep(ctx context.Context, p *sandbox.Process) int {
	_, args, ok := optionSpec{letters: "+"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) == 0 {
		return usage(p)
	}
	var total time.Duration
	for _, a := range args {
		d, err := parseSeconds(a)
		if err != nil {
			return failf(p, "invalid number '%s'", a)
		}
		total = min(total+d, longestSleep)
	}
	if sleepFor(ctx, total) {
		return 0
	}
	return 1
}

func usleep(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return usage(p)
	}
	n, err := strconv.ParseInt(p.Args[1], 10, 32)
	if err != nil || n < 0 {
		return failf(p, "invalid number '%s'", p.Args[1])
	}
	sleepFor(ctx, time.Duration(n)*time.Microsecond)
	return 0
}

// longestSleep is what sleeping for ever comes to.
const longestSleep = 100 * 365 * 24 * time.Hour

// sleepFor waits; it reports whether the time has passed.
func sleepFor(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// parseSeconds understands 1, 0.5, 10s, 5m, 2h, 1d and infinity.
func parseSeconds(text string) (time.Duration, error) {
	if text == "infinity" || text == "inf" {
		return longestSleep, nil
	}
	unit := time.Second
	for suffix, d := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = t, d
			break
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || f != f {
		return 0, sandbox.EINVAL
	}
	if f *= float64(unit); f > float64(longestSleep) {
		return longestSleep, nil
	}
	return time.Duration(f), nil
}
