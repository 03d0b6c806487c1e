package tools

import (
	"bytes"
	"context"
	"strings"

	"healthlab/lab/node/sandbox"
)

func tr(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "dsc", "")
	if !ok || len(args) == 0 {
		return failf(p, "missing operand")
	}
	from := trSet(args[0])
	var to []byte
	if len(args) > 1 {
		to = trSet(args[1])
	}
	buf := make([]byte, 4096)
	for ctx.Err() == nil {
		n, err := p.Stdin.Read(buf)
		out := make([]byte, 0, n)
		for _, c := range buf[:n] {
			i := bytes.IndexByte(from, c)
			switch {
			case i < 0:
			case has(set, 'd'):
				continue
			case len(to) > 0:
				c = to[min(i, len(to)-1)]
			}
			out = append(out, c)
		}
		if _, werr := p.Stdout.Write(out); werr != nil || err != nil {
			return 0
		}
	}
	return 1
}

// trSet expands a-z, \n and the usual classes.
func trSet(text string) []byte {
	text = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\0`, "\x00", `[:lower:]`, "a-z", `[:upper:]`, "A-Z",
		`[:digit:]`, "0-9", `[:space:]`, " \t\n\r\v\f", `[:alpha:]`, "a-zA-Z").Replace(text)
	var out []byte
	for i := 0; i < len(text); i++ {
		if i+2 < len(text) && text[i+1] == '-' && text[i] <= text[i+2] {
			for c := int(text[i]); c <= int(text[i+2]); c++ {
				out = append(out, byte(c))
			}
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return out
}
