package tools

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// odType is one way of od to show a block: cells of a size, each with a text.
type odType struct {
	size int
	text func(b []byte) string
}

// od is od.
func od(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "A:N:abcdfhij:lot:vxsS:w::"}.parse(p)
	if !ok {
		return 1
	}
	d := &odRun{ctx: ctx, p: p, width: 16, radix: 'o', limit: -1}
	short := map[byte]string{
		'a': "a", 'b': "o1", 'c': "c", 'd': "u2", 'f': "f4", 'h': "x2", 'x': "x2", 'i': "d2", 's': "d2", 'l': "d4", 'o': "o2",
	}
	for _, o := range found {
		code := 0
		switch o.letter {
		case 'A':
			if d.radix = 0; o.value != "" {
				d.radix = o.value[0]
			}
			if strings.IndexByte("doxn", d.radix) < 0 || d.radix == 0 {
				return failf(p, "bad output address radix '%s' (must be [doxn])", o.value)
			}
		case 'N':
			code = d.count(o.value, &d.limit)
		case 'j':
			code = d.count(o.value, &d.skip)
		case 'S':
			return failf(p, "-S is not supported here")
		case 'w':
			width := int64(32)
			if o.value != "" {
				code = d.count(o.value, &width)
			}
			if width == 0 || width > 1<<16 {
				return failf(p, "invalid number '%s'", o.value)
			}
			d.width = int(width)
		case 't':
			code = d.addTypes(o.value)
		case 'v':
			d.all = true
		default:
			code = d.addTypes(short[o.letter])
		}
		if code != 0 {
			return code
		}
	}
	if len(d.types) == 0 {
		d.addTypes("o2")
	}
	return d.run(names)
}

type odRun struct {
	ctx         context.Context
	p           *sandbox.Process
	types       []odType
	width       int
	radix       byte
	skip, limit int64
	all         bool
}

func (d *odRun) count(text string, to *int64) int {
	n, err := parseCount(strings.TrimPrefix(text, "0x"), countSuffixes())
	if strings.HasPrefix(text, "0x") {
		n, err = strconv.ParseInt(text, 0, 62)
	}
	if err != nil {
		return failf(d.p, "invalid number '%s'", text)
	}
	*to = n
	return 0
}

// addTypes reads a type string such as x1, or several behind each other.
func (d *odRun) addTypes(text string) int {
	for rest := text; rest != ""; {
		kind := rest[0]
		rest = rest[1:]
		switch kind {
		case 'a':
			d.types = append(d.types, odType{1, odName})
			continue
		case 'c':
			d.types = append(d.types, odType{1, odChar})
			continue
		case 'd', 'o', 'u', 'x', 'f':
		default:
			return failf(d.p, "invalid character '%c' in type string '%s'", kind, text)
		}
		size := map[bool]int{true: 8, false: 4}[kind == 'f']
		if rest != "" {
			if n := odSize(rest[0], kind == 'f'); n > 0 {
				size, rest = n, rest[1:]
			} else if rest[0] >= '0' && rest[0] <= '9' {
				digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
				n, err := strconv.Atoi(rest[:digits])
				if err != nil || digits < len(rest) {
					n = -1
				}
				size, rest = n, rest[digits:]
			}
		}
		t, ok := odNumber(kind, size)
		if !ok {
			what := "integral"
			if kind == 'f' {
				what = "floating-point"
			}
			return failf(d.p, "invalid type string '%s'; %d-byte %s type is not supported", text, uint32(int32(size)), what) //nolint:gosec // as BusyBox prints it
		}
		d.types = append(d.types, t)
	}
	return 0
}

func odSize(c byte, float bool) int {
	if float {
		return map[byte]int{'F': 4, 'D': 8}[c]
	}
	return map[byte]int{'C': 1, 'S': 2, 'I': 4, 'L': 8}[c]
}

// odNumber returns how numbers of a size are shown.
func odNumber(kind byte, size int) (odType, bool) {
	if kind == 'f' {
		switch size {
		case 4:
			return odType{4, func(b []byte) string {
				return fmt.Sprintf(" %15s", cFloat(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), 8))
			}}, true
		case 8:
			return odType{8, func(b []byte) string {
				return fmt.Sprintf(" %24s", cFloat(math.Float64frombits(binary.LittleEndian.Uint64(b)), 17))
			}}, true
		}
		return odType{}, false
	}
	widths := map[byte][4]int{'d': {4, 6, 11, 20}, 'u': {3, 5, 10, 20}, 'o': {3, 6, 11, 22}, 'x': {2, 4, 8, 16}}
	at := map[int]int{1: 0, 2: 1, 4: 2, 8: 3}
	i, ok := at[size]
	if !ok {
		return odType{}, false
	}
	width := widths[kind][i]
	return odType{size, func(b []byte) string {
		var full [8]byte
		copy(full[:], b)
		n := binary.LittleEndian.Uint64(full[:])
		switch kind {
		case 'd':
			shift := 64 - 8*size
			return fmt.Sprintf(" %*d", width, int64(n<<shift)>>shift) //nolint:gosec // the sign is at the top
		case 'u':
			return fmt.Sprintf(" %*d", width, n)
		case 'o':
			return fmt.Sprintf(" %0*o", width, n)
		}
		return fmt.Sprintf(" %0*x", width, n)
	}}, true
}

// cFloat is C's %g.
func cFloat(x float64, digits int) string {
	switch {
	case math.IsNaN(x):
		return "nan"
	case math.IsInf(x, 0):
		return strings.ToLower(strings.TrimPrefix(fmt.Sprint(x), "+"))
	}
	return strconv.FormatFloat(x, 'g', digits, 64)
}

func odChar(b []byte) string {
	if i := strings.IndexByte("\x00\a\b\f\n\r\t\v", b[0]); i >= 0 {
		return "  \\" + `0abfnrtv`[i:i+1]
	}
	if b[0] >= ' ' && b[0] < 127 {
		return "   " + string(b)
	}
	return fmt.Sprintf(" %03o", b[0])
}

func odName(b []byte) string {
	names := strings.Fields("nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp")
	c := b[0] & 0x7f
	switch {
	case int(c) < len(names):
		return fmt.Sprintf(" %3s", names[c])
	case c == 127:
		return " del"
	}
	return fmt.Sprintf(" %3c", c)
}

func (d *odRun) run(names []string) int {
	in, opened := newJoined(d.p, names, "%s: %s")
	defer func() { _ = in.Close() }()
	r := io.Reader(ctxReader{d.ctx, in})
	if opened == 0 {
		return 1
	}
	if n, err := io.CopyN(io.Discard, r, d.skip); err != nil && n < d.skip {
		if d.ctx.Err() != nil {
			return 1
		}
		return failf(d.p, "can't skip past end of combined input")
	}
	if d.limit >= 0 {
		r = io.LimitReader(r, d.limit)
	}
	at := d.skip
	block, last := make([]byte, d.width), []byte(nil)
	repeated := false
	for d.ctx.Err() == nil {
		n, _ := io.ReadFull(r, block)
		if n == 0 {
			break
		}
		switch same := last != nil && n == len(block) && bytes.Equal(block, last) && !d.all; {
		case same && !repeated:
			repeated = true
			if !writeLine(d.p.Stdout, []byte("*")) {
				return 1
			}
		case same:
		default:
			repeated = false
			if !d.show(at, block[:n]) {
				return 1
			}
		}
		last = append(last[:0], block[:n]...)
		at += int64(n)
		if n < len(block) {
			break
		}
	}
	if a := d.address(at); a != "" {
		writeLine(d.p.Stdout, []byte(a))
	}
	return in.code
}

func (d *odRun) address(at int64) string {
	switch d.radix {
	case 'n':
		return ""
	case 'd':
		return fmt.Sprintf("%07d", at)
	case 'x':
		return fmt.Sprintf("%06x", at)
	}
	return fmt.Sprintf("%07o", at)
}

func (d *odRun) show(at int64, block []byte) bool {
	var out bytes.Buffer
	address := d.address(at)
	for i, t := range d.types {
		if i == 0 {
			out.WriteString(address)
		} else {
			out.WriteString(strings.Repeat(" ", len(address)))
		}
		for j := 0; j < len(block); j += t.size {
			cell := make([]byte, t.size)
			copy(cell, block[j:])
			out.WriteString(t.text(cell))
		}
		out.WriteByte('\n')
	}
	_, err := d.p.Stdout.Write(out.Bytes())
	return err == nil
}

// joined reads several files as one, and reports those that cannot be opened.
type joined struct {
	p       *sandbox.Process
	names   []string
	missing string
	file    io.ReadCloser
	code    int
}

// newJoined opens the first file that can be opened; opened is 0 when none can.
func newJoined(p *sandbox.Process, names []string, missing string) (j *joined, opened int) {
	if len(names) == 0 {
		names = []string{"-"}
	}
	j = &joined{p: p, names: names, missing: missing}
	if j.open() {
		opened = 1
	}
	return j, opened
}

func (j *joined) open() bool {
	for len(j.names) > 0 {
		n := j.names[0]
		j.names = j.names[1:]
		file, err := openInput(j.p, n)
		if err == nil {
			j.file = file
			return true
		}
		j.code = failf(j.p, j.missing, n, Reason(err))
	}
	return false
}

func (j *joined) Read(b []byte) (int, error) {
	for j.file != nil {
		n, err := j.file.Read(b)
		if n > 0 {
			return n, nil
		}
		if err != nil {
			if !isEnd(err) {
				j.code = failf(j.p, "%s", Reason(err))
			}
			_ = j.file.Close()
			if j.file = nil; !j.open() {
				break
			}
		}
	}
	return 0, io.EOF
}

// Close closes the file that is being read.
func (j *joined) Close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}
