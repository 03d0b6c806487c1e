package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func sleep(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		fmt.Fprintln(p.Stderr, "sleep: missing operand")
		return 1
	}
	var total time.Duration
	for _, a := range p.Args[1:] {
		d, err := parseSeconds(a)
		if err != nil {
			return failf(p, "invalid number '%s'", a)
		}
		total += d
	}
	if sleepFor(ctx, total) {
		return 0
	}
	return 1
}

func usleep(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) < 2 {
		return failf(p, "missing operand")
	}
	n, err := strconv.Atoi(p.Args[1])
	if err != nil || n < 0 {
		return failf(p, "invalid number '%s'", p.Args[1])
	}
	sleepFor(ctx, time.Duration(n)*time.Microsecond)
	return 0
}

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
	const most = 100 * 365 * 24 * time.Hour
	if text == "infinity" || text == "inf" {
		return most, nil
	}
	unit := time.Second
	for suffix, d := range map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = t, d
			break
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 {
		return 0, sandbox.EINVAL
	}
	if f *= float64(unit); f > float64(most) {
		return most, nil
	}
	return time.Duration(f), nil
}
