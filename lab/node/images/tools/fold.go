package tools

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// fold is fold. With -s it holds a line of the width.
func fold(ctx context.Context, p *sandbox.Process) int {
	args := p.Args
	for i, a := range args[1:] { // the old form -WIDTH
		if a == "--" {
			break
		}
		if len(a) > 1 && a[0] == '-' && strings.Trim(a[1:], "0123456789") == "" {
			args = append(append(append([]string{}, args[:i+1]...), "-w"+a[1:]), args[i+2:]...)
		}
	}
	p.Args = args
	found, names, ok := optionSpec{letters: "bsw:"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	width := 80
	if v, given := set['w']; given {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		if n < 1 || n > 10000 {
			return failf(p, "number %s is not in 1..10000 range", v)
		}
		width = int(n)
	}
	return quietInputs(p, names, func(_ string, r io.Reader) error {
		f := folder{out: p.Stdout, width: width, bytewise: has(set, 'b'), spaces: has(set, 's')}
		buf := make([]byte, readBytes)
		for ctx.Err() == nil {
			n, err := r.Read(buf)
			for _, c := range buf[:n] {
				f.add(c)
			}
			if f.flush(err != nil) != nil || isEnd(err) {
				return nil //nolint:nilerr // nobody reads it any more
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

type folder struct {
	out              io.Writer
	width            int
	bytewise, spaces bool
	line             []byte // not yet written
	column           int
	done             bytes.Buffer
}

// next is the column after a byte.
func (f *folder) next(column int, c byte) int {
	switch {
	case f.bytewise:
		return column + 1
	case c == '\b':
		return max(0, column-1)
	case c == '\r':
		return 0
	case c == '\t':
		return column + 8 - column%8
	}
	return column + 1
}

func (f *folder) add(c byte) {
	if c == '\n' {
		f.done.Write(append(f.line, '\n'))
		f.line, f.column = f.line[:0], 0
		return
	}
	for {
		column := f.next(f.column, c)
		if column <= f.width {
			f.column = column
			f.line = append(f.line, c)
			return
		}
		if f.spaces {
			if i := bytes.LastIndexAny(f.line, " \t"); i >= 0 {
				f.done.Write(append(append([]byte{}, f.line[:i+1]...), '\n'))
				f.line = append([]byte{}, f.line[i+1:]...)
				f.column = 0
				for _, b := range f.line {
					f.column = f.next(f.column, b)
				}
				continue
			}
		}
		if len(f.line) == 0 {
			f.line, f.column = append(f.line, c), column
			return
		}
		f.done.Write(append(f.line, '\n'))
		f.line, f.column = f.line[:0], 0
	}
}

func (f *folder) flush(end bool) error {
	if end {
		f.done.Write(f.line)
	}
	_, err := f.out.Write(f.done.Bytes())
	f.done.Reset()
	return err
}

// expand is expand and unexpand.
func expand(ctx context.Context, p *sandbox.Process) int {
	spec := optionSpec{letters: "it:", long: map[string]byte{"initial": 'i', "tabs": 't'}}
	if name(p) == "unexpand" {
		spec = optionSpec{letters: "ft:a", long: map[string]byte{"first-only": 'f', "tabs": 't', "all": 'a'}}
	}
	found, names, ok := spec.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	stop := 8
	if v, given := set['t']; given {
		n, err := strconv.ParseUint(v, 10, 16)
		switch {
		case err != nil:
			return failf(p, "invalid number '%s'", v)
		case n == 0:
			return failf(p, "number %s is not in 1..4294967295 range", v)
		}
		stop = int(n)
	}
	change := func(line []byte) []byte { return expandTabs(line, stop, has(set, 'i')) }
	if name(p) == "unexpand" {
		change = func(line []byte) []byte {
			return unexpandBlanks(line, stop, !has(set, 'f'))
		}
	}
	return quietInputs(p, names, func(_ string, r io.Reader) error {
		l := newLines(ctx, r)
		for {
			line, ended, ok := l.next()
			if !ok {
				return l.failed()
			}
			if !writeChunk(p.Stdout, change(line), ended) {
				return nil
			}
		}
	})
}

func expandTabs(line []byte, stop int, initial bool) []byte {
	out, column, text := []byte(nil), 0, false
	for _, c := range line {
		if c == '\t' && (!initial || !text) {
			n := stop - column%stop
			out = append(out, bytes.Repeat([]byte(" "), n)...)
			column += n
			continue
		}
		text = text || c != ' '
		out = append(out, c)
		column++
	}
	return out
}

// unexpandBlanks makes tabs of blanks: of those in front, or all.
func unexpandBlanks(line []byte, stop int, all bool) []byte {
	var out []byte
	column := 0
	for i := 0; i < len(line); {
		j, from := i, column
		for j < len(line) && (line[j] == ' ' || line[j] == '\t') {
			if line[j] == '\t' {
				column += stop - column%stop
			} else {
				column++
			}
			j++
		}
		if j > i {
			if n := column/stop - from/stop; n > 0 {
				out = append(out, bytes.Repeat([]byte("\t"), n)...)
				from = column / stop * stop
			}
			out = append(out, bytes.Repeat([]byte(" "), column-from)...)
			i = j
			continue
		}
		if !all {
			return append(out, line[i:]...)
		}
		for i < len(line) && line[i] != ' ' && line[i] != '\t' {
			out = append(out, line[i])
			column++
			i++
		}
	}
	return out
}

// nl is nl.
func nl(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "b:i:s:v:w:", long: map[string]byte{
		"body-numbering": 'b', "line-increment": 'i', "number-separator": 's', "starting-line-number": 'v', "number-width": 'w',
	}}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	n := map[byte]int64{'i': 1, 'v': 1, 'w': 6}
	for _, c := range []byte("ivw") {
		if v, given := set[c]; given {
			x, err := strconv.ParseInt(v, 10, 32)
			if err != nil || x < 0 && c != 'v' {
				return failf(p, "invalid number '%s'", v)
			}
			n[c] = x
		}
	}
	style, sep := "t", "\t"
	if v, given := set['b']; given && v != "" {
		style = v[:1]
	}
	if v, given := set['s']; given {
		sep = v
	}
	width, number := int(min(n['w'], 1<<10)), n['v']
	return quietInputs(p, names, func(_ string, r io.Reader) error {
		l := newLines(ctx, r)
		for {
			line, _, ok := l.next()
			if !ok {
				return l.failed()
			}
			out := ""
			if style == "a" || style != "n" && len(line) > 0 {
				out = fmt.Sprintf("%*d%s", width, number, sep)
				number += n['i']
			} else {
				out = strings.Repeat(" ", width+len(sep))
			}
			if !writeLine(p.Stdout, append([]byte(out), line...)) {
				return nil
			}
		}
	})
}
