package tools

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// hexdump is hexdump and hd. Formats of one's own are read from -e, but not from a file (-f).
func hexdump(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "bcdoxCe:f:n:s:v"}.parse(p)
	if !ok {
		return 1
	}
	limit, skip := int64(-1), int64(0)
	all := false
	var shows []func(at int64, block []byte) string
	var formats [][]hexUnit
	width := 16
	for _, o := range found {
		switch o.letter {
		case 'e':
			units, err := parseHexFormat(o.value)
			if err != nil {
				return failf(p, "%s", err)
			}
			formats = append(formats, units)
		case 'f':
			return failf(p, "-f is not supported here: give the formats with -e")
		case 'v':
			all = true
		case 'n', 's':
			n, err := strconv.ParseInt(o.value, 0, 62)
			if err != nil {
				if n, err = parseCount(o.value, countSuffixes()); err != nil {
					return failf(p, "invalid number '%s'", o.value)
				}
			}
			if limit = max(limit, -1); o.letter == 'n' {
				limit = n
			} else {
				skip = n
			}
		default:
			shows = append(shows, hexdumpShow(o.letter))
		}
	}
	digits := 7
	if name(p) == "hd" {
		shows = append(shows, hexdumpShow('C'))
	}
	if len(formats) > 0 {
		show, bytes, err := hexFormats(formats)
		if err != nil {
			return failf(p, "%s", err)
		}
		shows, width = []func(int64, []byte) string{show}, bytes
	}
	if len(shows) == 0 {
		shows = append(shows, hexdumpShow(0))
	}
	in, opened := newJoined(p, names, "%s: %s")
	defer func() { _ = in.Close() }()
	if opened == 0 {
		return 1
	}
	r := io.Reader(ctxReader{ctx, in})
	if skip > 0 {
		if n, _ := io.CopyN(io.Discard, r, skip); n < skip {
			return in.code
		}
	}
	if limit >= 0 {
		r = io.LimitReader(r, limit)
	}
	h := &hexdumpRun{ctx: ctx, p: p, all: all, at: skip, width: width, formatted: len(formats) > 0}
	if h.blocks(r, shows) && h.any && !h.formatted {
		if has(asSet(found), 'C') || name(p) == "hd" {
			digits = 8
		}
		fmt.Fprintf(p.Stdout, "%0*x\n", digits, h.at)
	}
	return in.code
}

type hexdumpRun struct {
	ctx context.Context
	p   *sandbox.Process
	all bool
	any bool
	at  int64

	width     int  // bytes in a block
	formatted bool // with -e: a block is no line
}

// blocks shows what a reader has, 16 bytes a line; equal lines become a star.
func (h *hexdumpRun) blocks(r io.Reader, shows []func(at int64, block []byte) string) bool {
	block, last := make([]byte, h.width), []byte(nil)
	repeated := false
	for h.ctx.Err() == nil {
		n, _ := io.ReadFull(r, block)
		if n == 0 {
			break
		}
		h.any = true
		switch same := !h.all && n == len(block) && last != nil && bytes.Equal(block, last); {
		case same && !repeated:
			repeated = true
			if !writeLine(h.p.Stdout, []byte("*")) {
				return false
			}
		case same:
		default:
			repeated = false
			for _, show := range shows {
				text := show(h.at, block[:n])
				if !h.formatted {
					text += "\n"
				}
				if _, err := io.WriteString(h.p.Stdout, text); err != nil {
					return false
				}
			}
		}
		last = append(last[:0], block[:n]...)
		h.at += int64(n)
		if n < len(block) {
			break
		}
	}
	return h.ctx.Err() == nil
}

// hexdumpShow returns how an option shows a line; 0 is the default. What a short line lacks is blank.
func hexdumpShow(option byte) func(at int64, block []byte) string {
	cells := func(at int64, block []byte, size, width int, text func(b []byte) string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%07x", at)
		for i := 0; i < 16; i += size {
			s := ""
			if i < len(block) {
				cell := make([]byte, size)
				copy(cell, block[i:])
				s = text(cell)
			}
			fmt.Fprintf(&b, "%*s", width, s)
		}
		return b.String()
	}
	pair := func(format string) func(b []byte) string {
		return func(b []byte) string { return fmt.Sprintf(format, int(b[0])|int(b[1])<<8) }
	}
	switch option {
	case 'b':
		return func(at int64, block []byte) string {
			return cells(at, block, 1, 4, func(b []byte) string { return fmt.Sprintf(" %03o", b[0]) })
		}
	case 'c':
		return func(at int64, block []byte) string { return cells(at, block, 1, 4, odChar) }
	case 'd':
		return func(at int64, block []byte) string { return cells(at, block, 2, 8, pair("   %05d")) }
	case 'o':
		return func(at int64, block []byte) string { return cells(at, block, 2, 8, pair("  %06o")) }
	case 'x':
		return func(at int64, block []byte) string { return cells(at, block, 2, 8, pair("    %04x")) }
	case 'C':
		return canonical
	}
	return func(at int64, block []byte) string { return cells(at, block, 2, 5, pair(" %04x")) }
}

// canonical is a line of -C.
func canonical(at int64, block []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%08x ", at)
	for i := range 16 {
		if i == 8 {
			b.WriteByte(' ')
		}
		if i < len(block) {
			fmt.Fprintf(&b, " %02x", block[i])
		} else {
			b.WriteString("   ")
		}
	}
	return b.String() + "  |" + printable(block) + "|"
}

// printable shows bytes that cannot be printed as dots.
func printable(block []byte) string {
	out := bytes.Clone(block)
	for i, c := range out {
		if c < ' ' || c > '~' {
			out[i] = '.'
		}
	}
	return string(out)
}

// xxd is xxd.
func xxd(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "l:s:o:apirg:c:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	n := map[byte]int64{'l': -1, 's': 0, 'o': 0, 'g': 2, 'c': 16}
	if has(set, 'p') {
		n['c'] = 30
	}
	if has(set, 'i') {
		n['c'] = 12
	}
	for _, c := range []byte("lsogc") {
		if v, given := set[c]; given {
			x, err := strconv.ParseInt(v, 0, 62)
			if err != nil {
				return failf(p, "invalid number '%s'", v)
			}
			n[c] = x
		}
	}
	if n['c'] == 0 {
		n['c'] = 16
	}
	if n['c'] < 0 || n['c'] > 256 {
		return failf(p, "number %s is not in 0..256 range", set['c'])
	}
	if len(names) > 1 {
		return usage(p)
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	in, err := openInput(p, names[0])
	if err != nil {
		return failf(p, "%s: %s", names[0], Reason(err))
	}
	defer in.Close()
	x := &xxdRun{ctx: ctx, p: p, set: set, columns: int(n['c']), group: int(n['g']), offset: n['o']}
	r := io.Reader(ctxReader{ctx, in})
	if has(set, 'r') {
		return x.reverse(r)
	}
	if _, err := io.CopyN(io.Discard, r, n['s']); err != nil && n['s'] > 0 {
		return 0
	}
	x.at = n['s']
	if n['l'] >= 0 {
		r = io.LimitReader(r, n['l'])
	}
	return x.dump(r, names[0])
}

type xxdRun struct {
	ctx            context.Context
	p              *sandbox.Process
	set            map[byte]string
	columns, group int
	at, offset     int64
}

func (x *xxdRun) dump(r io.Reader, file string) int {
	include := has(x.set, 'i')
	ident := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' {
			return c
		}
		return '_'
	}, file)
	if include && file != "-" {
		fmt.Fprintf(x.p.Stdout, "unsigned char %s[] = {\n", ident)
	}
	block, total := make([]byte, x.columns), int64(0)
	for x.ctx.Err() == nil {
		n, _ := io.ReadFull(r, block)
		if n == 0 {
			break
		}
		total += int64(n)
		line := ""
		switch {
		case include:
			for _, c := range block[:n] {
				line += fmt.Sprintf(" 0x%02x,", c)
			}
			line = " " + line
		case has(x.set, 'p'):
			line = hex.EncodeToString(block[:n])
		default:
			line = x.line(block[:n])
		}
		if !writeLine(x.p.Stdout, []byte(line)) {
			return 1
		}
		x.at += int64(n)
	}
	if include && file != "-" {
		fmt.Fprintf(x.p.Stdout, "};\nunsigned int %s_len = %d;\n", ident, total)
	}
	return 0
}

func (x *xxdRun) line(block []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%08x: ", x.at+x.offset)
	group := x.group
	if group <= 0 {
		group = x.columns
	}
	for i := range x.columns {
		if i < len(block) {
			fmt.Fprintf(&b, "%02x", block[i])
		} else {
			b.WriteString("  ")
		}
		if (i+1)%group == 0 || i == x.columns-1 {
			b.WriteByte(' ')
		}
	}
	return b.String() + " " + printable(block)
}

// reverse makes bytes of hexadecimal text again.
func (x *xxdRun) reverse(r io.Reader) int {
	code := 0
	err := eachLine(x.ctx, r, func(line []byte) bool {
		text := string(line)
		if !has(x.set, 'p') {
			_, rest, ok := strings.Cut(text, ":")
			if !ok {
				return true
			}
			text, _, _ = strings.Cut(rest, "  ")
		}
		var digits []byte
		for i := range len(text) {
			if c := text[i]; isHex(c) {
				digits = append(digits, c)
			} else if c != ' ' {
				break
			}
		}
		out, _ := hex.DecodeString(string(digits[:len(digits)/2*2]))
		if _, err := x.p.Stdout.Write(out); err != nil {
			code = 1
		}
		return code == 0
	})
	if err != nil && x.ctx.Err() == nil {
		return failf(x.p, "%s", Reason(err))
	}
	return code
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }
