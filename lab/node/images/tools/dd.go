package tools

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// dd copies blocks: if, of, bs and count.
func dd(ctx context.Context, p *sandbox.Process) int {
	values := map[string]string{"bs": "512"}
	for _, a := range p.Args[1:] {
		k, v, ok := strings.Cut(a, "=")
		if !ok {
			return failf(p, "unrecognized: %s", a)
		}
		values[k] = v
	}
	bs, err := parseBytes(values["bs"])
	if err != nil || bs <= 0 || bs > 64<<20 {
		return failf(p, "invalid number '%s'", values["bs"])
	}
	count := int64(-1)
	if v, ok := values["count"]; ok {
		if count, err = parseBytes(v); err != nil {
			return failf(p, "invalid number '%s'", v)
		}
	}
	in, out := p.Stdin, p.Stdout
	if n, ok := values["if"]; ok {
		file, err := p.Open(n)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		in = file
	}
	target := "standard output"
	if n, ok := values["of"]; ok {
		file, err := p.OpenFile(n, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		out, target = file, n
	}
	buf := make([]byte, bs)
	var blocks, bytes int64
	code := 0
	for ctx.Err() == nil && (count < 0 || blocks < count) {
		n, err := io.ReadFull(in, buf)
		if n > 0 {
			blocks++
			written, werr := out.Write(buf[:n])
			bytes += int64(written)
			if werr != nil {
				code = failf(p, "error writing '%s': %s", target, Reason(werr))
				break
			}
		}
		if err != nil {
			break
		}
	}
	fmt.Fprintf(p.Stderr, "%d+0 records in\n%d+0 records out\n%d bytes copied\n", blocks, blocks, bytes)
	return code
}

// parseBytes understands 512, 4k, 1M and 1G.
func parseBytes(text string) (int64, error) {
	text = strings.TrimSuffix(text, "B")
	unit := int64(1)
	for suffix, n := range map[string]int64{"k": 1 << 10, "K": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30} {
		if t, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = t, n
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return n * unit, err
}
