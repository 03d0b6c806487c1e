package tools

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"healthlab/lab/node/sandbox"
)

// cmp is cmp.
func cmpFiles(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "sln:"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) == 0 || len(args) > 4 {
		return usage(p)
	}
	set := asSet(found)
	limit := int64(-1)
	if v, given := set['n']; given {
		n, err := strconv.ParseInt(v, 0, 62)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		limit = n
	}
	names := []string{args[0], "-"}
	if len(args) > 1 {
		names[1] = args[1]
	}
	var in [2]*bufio.Reader
	for i, n := range names {
		file, err := openInput(p, n)
		if err != nil {
			if !has(set, 's') {
				failf(p, "%s: %s", n, Reason(err))
			}
			return 2
		}
		defer file.Close()
		in[i] = bufio.NewReaderSize(ctxReader{ctx, file}, readBytes)
		if len(args) > 2+i {
			skip, err := parseCount(args[2+i], countSuffixes())
			if err != nil {
				return failf(p, "invalid number '%s'", args[2+i])
			}
			_, _ = io.CopyN(io.Discard, in[i], skip)
		}
	}
	return cmpStreams(ctx, p, set, names, in, limit)
}

func cmpStreams(ctx context.Context, p *sandbox.Process, set map[byte]string, names []string, in [2]*bufio.Reader, limit int64) int {
	code, line := 0, 1
	for at := int64(1); limit < 0 || at <= limit; at++ {
		if at%checkEvery == 0 && ctx.Err() != nil {
			return 1
		}
		a, errA := in[0].ReadByte()
		b, errB := in[1].ReadByte()
		switch {
		case errA != nil && errB != nil:
			return code
		case errA != nil || errB != nil:
			short := names[0]
			if errA == nil {
				short = names[1]
			}
			if !has(set, 's') {
				failf(p, "EOF on %s", short)
			}
			return 1
		case a == b:
			if a == '\n' {
				line++
			}
			continue
		}
		code = 1
		switch {
		case has(set, 's'):
			return 1
		case has(set, 'l'):
			if _, err := fmt.Fprintf(p.Stdout, "%d %3o %3o\n", at, a, b); err != nil {
				return 1
			}
			continue
		}
		fmt.Fprintf(p.Stdout, "%s %s differ: char %d, line %d\n", names[0], names[1], at, line)
		return 1
	}
	return code
}

// comm is comm.
func commLines(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "123"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) != 2 {
		return usage(p)
	}
	set := asSet(found)
	var in [2]*lines
	for i, n := range args {
		file, err := openInput(p, n)
		if err != nil {
			return failf(p, "%s: %s", n, Reason(err))
		}
		defer file.Close()
		in[i] = newLines(ctx, file)
	}
	print := func(line []byte, column byte) bool {
		if has(set, column) {
			return true
		}
		var out []byte
		for c := byte('1'); c < column; c++ {
			if !has(set, c) {
				out = append(out, '\t')
			}
		}
		return writeLine(p.Stdout, append(out, line...))
	}
	a, _, okA := in[0].next()
	b, _, okB := in[1].next()
	for fine := true; fine && (okA || okB) && ctx.Err() == nil; {
		order := bytes.Compare(a, b)
		switch {
		case !okB || okA && order < 0:
			fine = print(a, '1')
			a, _, okA = in[0].next()
		case !okA || order > 0:
			fine = print(b, '2')
			b, _, okB = in[1].next()
		default:
			fine = print(a, '3')
			a, _, okA = in[0].next()
			b, _, okB = in[1].next()
		}
	}
	return 0
}

// paste is paste.
func paste(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "d:s"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	delimiters := []byte("\t")
	if d, given := set['d']; given {
		delimiters = unescapeBytes(d)
		if len(delimiters) == 0 {
			return failf(p, "-d '' is not supported")
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	var stdin *lines
	files := make([]*lines, 0, len(names))
	for _, n := range names {
		if n == "-" && stdin != nil {
			files = append(files, stdin)
			continue
		}
		file, err := openInput(p, n)
		if err != nil {
			return failf(p, "%s: %s", n, Reason(err))
		}
		defer file.Close()
		l := newLines(ctx, file)
		if n == "-" {
			stdin = l
		}
		files = append(files, l)
	}
	if has(set, 's') {
		return pasteSerial(p, files, delimiters)
	}
	for len(files) > 0 && ctx.Err() == nil {
		var out []byte
		for i := 0; i < len(files); {
			line, _, ok := files[i].next()
			if !ok { // as BusyBox: those behind it move up, and who was last may leave a line open
				files = append(files[:i:i], files[i+1:]...)
				continue
			}
			out = append(out, line...)
			if i == len(files)-1 {
				out = append(out, '\n')
			} else {
				out = appendDelimiter(out, delimiters, i)
			}
			i++
		}
		if _, err := p.Stdout.Write(out); err != nil {
			break
		}
	}
	return 0
}

func pasteSerial(p *sandbox.Process, files []*lines, delimiters []byte) int {
	for _, f := range files {
		for i := 0; ; i++ {
			line, _, ok := f.next()
			if !ok {
				break
			}
			var out []byte
			if i > 0 {
				out = appendDelimiter(out, delimiters, i-1)
			}
			if _, err := p.Stdout.Write(append(out, line...)); err != nil {
				return 1
			}
		}
		writeLine(p.Stdout, nil)
	}
	return 0
}

// appendDelimiter adds the delimiter of a column; a zero byte is none.
func appendDelimiter(out, delimiters []byte, column int) []byte {
	if d := delimiters[column%len(delimiters)]; d != 0 {
		out = append(out, d)
	}
	return out
}

// unescapeBytes replaces the backslash sequences of tr and paste.
func unescapeBytes(text string) []byte {
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		i++
		if at := bytes.IndexByte([]byte(`abfnrtv\0`), text[i]); at >= 0 {
			out = append(out, "\a\b\f\n\r\t\v\\\x00"[at])
		} else {
			out = append(out, '\\', text[i])
		}
	}
	return out
}
