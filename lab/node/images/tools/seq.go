package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func seq(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:] // no options: -1 is a number
	first, step, last := int64(1), int64(1), int64(0)
	var err [3]error
	switch len(args) {
	case 1:
		last, err[0] = strconv.ParseInt(args[0], 10, 64)
	case 2, 3:
		first, err[0] = strconv.ParseInt(args[0], 10, 64)
		last, err[1] = strconv.ParseInt(args[len(args)-1], 10, 64)
		if len(args) == 3 {
			step, err[2] = strconv.ParseInt(args[1], 10, 64)
		}
	default:
		return failf(p, "missing operand")
	}
	if errors.Join(err[:]...) != nil || step == 0 {
		return failf(p, "invalid number")
	}
	for i := first; ctx.Err() == nil && (step > 0 && i <= last || step < 0 && i >= last); i += step {
		if _, err := fmt.Fprintln(p.Stdout, i); err != nil {
			return 1
		}
	}
	return 0
}

func yes(ctx context.Context, p *sandbox.Process) int {
	text := "y"
	if len(p.Args) > 1 {
		text = strings.Join(p.Args[1:], " ")
	}
	block := bytes.Repeat([]byte(text+"\n"), max(1, 4096/(len(text)+1)))
	for ctx.Err() == nil {
		if _, err := p.Stdout.Write(block); err != nil {
			return 1
		}
	}
	return 1
}
