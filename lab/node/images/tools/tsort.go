package tools

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// tsort is tsort. It holds the whole of its input, as it must.
func tsort(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := optionSpec{}.parse(p)
	if !ok {
		return 1
	}
	if len(names) > 1 {
		return usage(p)
	}
	type node struct {
		name   string
		before int // how many of those before it are left
		after  []*node
	}
	nodes, order := map[string]*node{}, []*node{}
	find := func(n string) *node {
		if nodes[n] == nil {
			nodes[n] = &node{name: n}
			order = append(order, nodes[n])
		}
		return nodes[n]
	}
	var last *node
	code := quietInputs(p, names, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line []byte) bool {
			for _, word := range strings.Fields(string(line)) {
				at := find(word)
				if last == nil {
					last = at
					continue
				}
				if last != at {
					last.after = append(last.after, at)
					at.before++
				}
				last = nil
			}
			return true
		})
	})
	switch {
	case code != 0:
		return code
	case last != nil:
		return failf(p, "odd input")
	}
	for left := len(order); left > 0 && ctx.Err() == nil; {
		printed := false
		for i, at := range order {
			if at == nil || at.before > 0 {
				continue
			}
			if _, err := fmt.Fprintln(p.Stdout, at.name); err != nil {
				return 1
			}
			for _, next := range at.after {
				next.before--
			}
			order[i] = nil
			left--
			printed = true
		}
		if !printed {
			failf(p, "cycle at %s", firstOf(order, func(at *node) bool { return at != nil }).name)
			code = 1
			firstOf(order, func(at *node) bool { return at != nil }).before = 0
		}
	}
	return code
}

// firstOf is the first element that is meant; there is one.
func firstOf[T any](all []T, meant func(T) bool) T {
	for _, x := range all {
		if meant(x) {
			return x
		}
	}
	panic("nothing is meant")
}

// factor prints prime factors, of numbers below 1<<64.
func factor(ctx context.Context, p *sandbox.Process) int {
	_, numbers, ok := optionSpec{letters: "+"}.parse(p)
	if !ok {
		return 1
	}
	one := func(text string) int {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return usage(p)
		}
		fmt.Fprintf(p.Stdout, "%d:", n)
		for d := uint64(2); d <= n/d; {
			if n%d == 0 {
				fmt.Fprintf(p.Stdout, " %d", d)
				n /= d
				continue
			}
			if d++; d%(1<<16) == 0 && ctx.Err() != nil {
				return 1
			}
		}
		if n > 1 {
			fmt.Fprintf(p.Stdout, " %d", n)
		}
		fmt.Fprintln(p.Stdout)
		return 0
	}
	if len(numbers) == 0 {
		code := 0
		err := eachLine(ctx, p.Stdin, func(line []byte) bool {
			for _, word := range strings.Fields(string(line)) {
				if code = one(word); code != 0 {
					return false
				}
			}
			return true
		})
		if err != nil {
			return 1
		}
		return code
	}
	for _, n := range numbers {
		if code := one(n); code != 0 {
			return code
		}
	}
	return 0
}
