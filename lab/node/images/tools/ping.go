package tools

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"healthlab/lab/node/sandbox"
)

// ping is ping: an address that the pod network has answers, any other one does not.
func ping(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "c:s:i:t:W:w:I:qp:46A"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	run := &pinger{ctx: ctx, p: p, set: set, size: 56, ttl: 64, every: time.Second, wait: 10 * time.Second}
	for _, o := range []struct {
		letter byte
		to     *int
	}{{'c', &run.count}, {'s', &run.size}, {'t', &run.ttl}} {
		if v, given := set[o.letter]; given {
			n, err := strconv.ParseUint(v, 10, 31)
			if err != nil {
				return failf(p, "invalid number '%s'", v)
			}
			*o.to = int(n)
		}
	}
	for _, o := range []struct {
		letter byte
		to     *time.Duration
	}{{'i', &run.every}, {'W', &run.wait}, {'w', &run.limit}} {
		if v, given := set[o.letter]; given {
			d, err := parseSeconds(v)
			if err != nil {
				return failf(p, "invalid number '%s'", v)
			}
			*o.to = d
		}
	}
	if run.size > 65507 {
		return failf(p, "number %s is not in 0..65507 range", set['s'])
	}
	if has(set, 'A') {
		run.every = 200 * time.Millisecond
	}
	run.every = max(run.every, time.Millisecond)
	if len(args) != 1 {
		return usage(p)
	}
	addr, ok := resolve(ctx, p, args[0])
	if !ok {
		return failf(p, "bad address '%s'", args[0])
	}
	return run.run(args[0], addr)
}

type pinger struct {
	ctx                context.Context
	p                  *sandbox.Process
	set                map[byte]string
	count, size, ttl   int
	every, wait, limit time.Duration

	sent, got      int
	low, sum, high time.Duration
}

func (g *pinger) run(host string, addr netip.Addr) int {
	signals := g.p.Notify(sandbox.SIGINT)
	fmt.Fprintf(g.p.Stdout, "PING %s (%s): %d data bytes\n", host, addr, g.size)
	var ends <-chan time.Time
	if g.limit > 0 {
		timer := time.NewTimer(g.limit)
		defer timer.Stop()
		ends = timer.C
	}
	tick := time.NewTicker(g.every)
	defer tick.Stop()
	for running := true; running; {
		answered := g.once(addr)
		last := g.count > 0 && g.sent >= g.count
		if last && answered {
			break
		}
		var late <-chan time.Time
		next := tick.C
		if last { // the last answer is waited for
			late, next = time.After(g.wait), nil
		}
		select {
		case <-next:
		case <-late:
			running = false
		case <-ends:
			running = false
		case <-signals:
			running = false
		case <-g.ctx.Done():
			return 1
		}
	}
	return g.summary(host)
}

func (g *pinger) once(addr netip.Addr) bool {
	start := time.Now()
	err := g.p.Reachable(g.ctx, addr)
	took := time.Since(start)
	seq := g.sent
	g.sent++
	if err != nil {
		return false
	}
	if g.got++; g.got == 1 || took < g.low {
		g.low = took
	}
	g.high = max(g.high, took)
	g.sum += took
	if !has(g.set, 'q') {
		fmt.Fprintf(g.p.Stdout, "%d bytes from %s: seq=%d ttl=%d time=%s ms\n", g.size+8, addr, seq, g.ttl, milliseconds(took))
	}
	return true
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 3, 64)
}

func (g *pinger) summary(host string) int {
	fmt.Fprintf(g.p.Stdout, "\n--- %s ping statistics ---\n%d packets transmitted, %d packets received, %d%% packet loss\n",
		host, g.sent, g.got, (g.sent-g.got)*100/max(1, g.sent))
	if g.got == 0 {
		return 1
	}
	fmt.Fprintf(g.p.Stdout, "round-trip min/avg/max = %s/%s/%s ms\n",
		milliseconds(g.low), milliseconds(g.sum/time.Duration(g.got)), milliseconds(g.high))
	return 0
}
