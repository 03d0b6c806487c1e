package tools

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func seq(ctx context.Context, p *sandbox.Process) int {
	args, width, separator := p.Args[1:], false, "\n"
	// -1 is a number, not an option.
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.IndexByte("0123456789.", args[0][1]) < 0 {
		switch a := args[0]; {
		case a == "--":
		case a == "-w":
			width = true
		case a == "-s" && len(args) > 1:
			args = args[1:]
			separator = args[0]
		case strings.HasPrefix(a, "-s") && len(a) > 2:
			separator = a[2:]
		default:
			p.Args = []string{p.Args[0], a}
			_, _, _ = options(p, "w", "s")
			return 1
		}
		args = args[1:]
	}
	if len(args) == 0 || len(args) > 3 {
		return usage(p)
	}
	numbers := []float64{1, 1, 0}
	decimals, digits := 0, 0
	for i, a := range args {
		f, err := strconv.ParseFloat(a, 64)
		if err != nil || strings.ContainsAny(a, "xXpPiInN_") {
			return usage(p)
		}
		whole, fraction, _ := strings.Cut(a, ".")
		if i < len(args)-1 || len(args) == 1 {
			decimals = max(decimals, len(fraction))
		}
		digits = max(digits, len(whole))
		at := []int{2, 0, 0}[len(args)-1]
		switch {
		case len(args) == 1:
		case i == 0:
			at = 0
		case i == len(args)-1:
			at = 2
		default:
			at = 1
		}
		numbers[at] = f
	}
	first, step, last := numbers[0], numbers[1], numbers[2]
	if decimals > 0 {
		digits += decimals + 1
	}
	if !width {
		digits = 0
	}
	written := false
	for i := 0.0; ctx.Err() == nil; i++ {
		v := first + i*step
		if step >= 0 && v > last || step < 0 && v < last { // with the errors of floating point, as BusyBox
			break
		}
		if written {
			if _, err := fmt.Fprint(p.Stdout, separator); err != nil {
				return 1
			}
		}
		written = true
		if _, err := fmt.Fprintf(p.Stdout, "%0*.*f", digits, decimals, v); err != nil {
			return 1
		}
	}
	if written {
		fmt.Fprintln(p.Stdout)
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
