package tools

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
)

const (
	readBytes  = 32 << 10 // how much is asked for at once
	keepBytes  = 1 << 20  // a buffer that one long line has made larger is given back after it
	checkEvery = 1 << 12  // how many cheap steps are taken between two looks at a context
)

// lines reads lines of any length and holds one of them. It ends with its context, also where reads never wait, such as
// those of /dev/zero.
type lines struct {
	ctx        context.Context
	from       io.Reader
	end        byte // what ends a line
	buf        []byte
	start, all int // what is still unread in buf
	err        error
}

func newLines(ctx context.Context, from io.Reader) *lines {
	return &lines{ctx: ctx, from: from, end: '\n'}
}

// next returns the next line without its end, valid until the following call, and whether it had one: the last line
// may not. ok is false after the last line and after an error.
func (l *lines) next() (line []byte, ended, ok bool) {
	searched := 0
	for {
		if i := bytes.IndexByte(l.buf[l.start+searched:l.all], l.end); i >= 0 {
			line = l.buf[l.start : l.start+searched+i]
			l.start += searched + i + 1
			return line, true, true
		}
		searched = l.all - l.start
		if l.err != nil || !l.fill() {
			line = l.buf[l.start:l.all]
			l.start = l.all
			return line, false, len(line) > 0 && errors.Is(l.err, io.EOF)
		}
	}
}

// keep returns the next line with its end, if it had one, for as long as it is needed.
func (l *lines) keep() (line []byte, ok bool) {
	next, ended, ok := l.next()
	line = bytes.Clone(next)
	if ended {
		line = append(line, l.end)
	}
	return line, ok
}

// fill reads more behind what is unread.
func (l *lines) fill() bool {
	if l.err = l.ctx.Err(); l.err != nil {
		return false
	}
	switch unread := l.all - l.start; {
	case unread == 0 && (l.buf == nil || cap(l.buf) > keepBytes):
		l.buf, l.start, l.all = make([]byte, readBytes), 0, 0
	case l.start > 0 && l.start >= unread:
		copy(l.buf, l.buf[l.start:l.all])
		l.start, l.all = 0, unread
	case len(l.buf)-l.all < readBytes/2:
		l.buf = slices.Grow(l.buf[:l.all], readBytes)
		l.buf = l.buf[:cap(l.buf)]
	}
	n, err := l.from.Read(l.buf[l.all:])
	l.all += n
	l.err = err
	return n > 0 || err == nil
}

// failed is the error that ended the reading, nil at the end of the input.
func (l *lines) failed() error {
	if errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}

// eachLine calls f for every line, without its end, until f returns false. The line is valid during the call.
func eachLine(ctx context.Context, r io.Reader, f func(line []byte) bool) error {
	l := newLines(ctx, r)
	for {
		line, _, ok := l.next()
		if !ok {
			return l.failed()
		}
		if !f(line) {
			return nil
		}
	}
}
