package awk

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
)

// role is what a variable does when it changes.
type role uint8

const (
	ordinary role = iota
	roleRecord
	roleNF
	roleFS
	roleRS
	roleIgnoreCase
)

// place is where a value can be put: a variable, an element, or a field.
type place struct {
	cell  *cell
	field int // above 0
}

func (r *run) load(p place) value {
	if p.cell == nil {
		return r.getField(p.field)
	}
	if p.cell.role == roleNF {
		r.splitRecord()
	}
	return p.cell.value
}

func (r *run) store(p place, v value) {
	if p.cell == nil {
		r.setField(p.field, v)
		return
	}
	if p.cell.role == roleNF {
		r.splitRecord()
	}
	r.set(p.cell, v)
}

// set gives a variable a value, with what follows from it.
func (r *run) set(c *cell, v value) {
	if c.role == roleFS {
		r.splitRecord() // with the old separator
	}
	c.value = v
	switch c.role {
	case roleRecord:
		r.isSplit = false
	case roleNF:
		r.setNF()
	case roleFS:
		r.fieldBy = r.splitter(r.text(v))
	case roleRS:
		r.recordBy = r.splitter(r.text(v))
	case roleIgnoreCase:
		r.ignoreCase = v.isTrue()
	case ordinary:
	}
}

// maxFields is BusyBox's own bound.
const maxFields = 0xffffff

func (r *run) setNF() {
	n := r.nf.value.number()
	switch {
	case n < 0:
		r.fail("NF set to negative value")
	case n > maxFields:
		panic(ErrMemory)
	}
	r.resize(int(n))
	r.rebuild()
}

func (r *run) resize(n int) {
	for len(r.fields) < n {
		r.fields = append(r.fields, value{})
	}
	r.fields = r.fields[:n]
}

// rebuild makes $0 of the fields.
func (r *run) rebuild() {
	var b strings.Builder
	sep := r.text(r.ofs.value)
	for i, f := range r.fields {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(r.text(f))
	}
	r.record.value = str(b.String())
	r.isSplit = true
}

func (r *run) getField(n int) value {
	r.splitRecord()
	if n > len(r.fields) {
		return value{}
	}
	return r.fields[n-1]
}

func (r *run) setField(n int, v value) {
	if n > maxFields {
		panic(ErrMemory)
	}
	r.splitRecord()
	r.resize(max(n, len(r.fields)))
	r.fields[n-1] = v
	r.nf.value = num(max(float64(n), r.nf.value.number()))
	r.resize(int(r.nf.value.n))
	r.rebuild()
}

func (r *run) splitRecord() {
	if r.isSplit {
		return
	}
	r.isSplit = true
	r.fields = r.fields[:0]
	for _, f := range r.split(r.text(r.record.value), r.fieldBy) {
		r.fields = append(r.fields, user(f))
	}
	r.nf.value = num(float64(len(r.fields)))
}

// splitter is a separator: a single byte, or an expression.
type splitter struct {
	char byte // 0: every byte is a field
	re   *expression
}

func (r *run) splitter(s string) splitter {
	switch len(s) {
	case 0:
		return splitter{}
	case 1:
		return splitter{char: s[0]}
	}
	return splitter{re: r.dynamic(s)}
}

// split cuts a text into fields. Where records are paragraphs a newline separates too.
func (r *run) split(s string, by splitter) []string {
	paragraphs := r.text(r.rs.value) == ""
	if len(s) > 2*maxFields {
		panic(ErrMemory)
	}
	switch {
	case by.re != nil:
		return r.splitExpression(s, by.re, paragraphs)
	case by.char == ' ':
		return strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c >= '\t' && c <= '\r' })
	case s == "":
		return nil
	case by.char == 0:
		all := make([]string, len(s))
		for i := range len(s) {
			all[i] = s[i : i+1]
		}
		return all
	}
	var all []string
	start := 0
	for i := range len(s) {
		c := s[i]
		if c == by.char || paragraphs && c == '\n' || r.ignoreCase && lower(c) == lower(by.char) {
			all = append(all, s[start:i])
			start = i + 1
		}
	}
	return append(all, s[start:])
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func (r *run) splitExpression(s string, re *expression, paragraphs bool) []string {
	var all []string
	ended := true
	for s != "" {
		r.tick()
		length := len(s)
		if i := strings.IndexByte(s, '\n'); paragraphs && i >= 0 {
			length = i
		}
		end := length
		loc := r.nonEmpty(re, s)
		ended = loc != nil && loc[0] <= length
		if ended {
			length, end = loc[0], loc[1]
		} else if length < len(s) {
			end, ended = length+1, true
		}
		all = append(all, s[:length])
		s = s[end:]
	}
	if ended && all != nil {
		all = append(all, "")
	}
	return all
}

// nonEmpty finds a separator that is not empty.
func (r *run) nonEmpty(re *expression, s string) []int {
	for at := 0; at < len(s); at++ {
		loc := r.find(re, s[at:], false)
		if loc == nil {
			return nil
		}
		if loc[1] > 0 {
			return []int{loc[0] + at, loc[1] + at}
		}
	}
	return nil
}

// reader cuts a stream into records.
type reader struct {
	from       io.Reader
	buf        []byte
	start, end int
	err        error
}

// record reads the next one: 1, 0 at the end, -1 after an error. rt is what ended it.
func (d *reader) record(r *run) (text, rt string, status int) {
	searched := 0
	for {
		r.look()
		b := d.buf[d.start:d.end]
		begin, so, eo, found := d.cut(r, b, searched)
		atEnd := d.err != nil
		if found || atEnd && len(b) > 0 {
			if !found && eo == 0 {
				so, eo = len(b), len(b)
			}
			d.start += eo
			if begin > so {
				begin = so
			}
			return string(b[begin:so]), string(b[so:eo]), 1
		}
		if atEnd {
			if errors.Is(d.err, io.EOF) {
				return "", "", 0
			}
			return "", "", -1
		}
		searched = len(b)
		d.fill()
	}
}

// cut looks for the end of a record in what has been read: where the record begins and ends and where the next one
// begins. What reaches the end of what has been read is not found: more may belong to it.
func (d *reader) cut(r *run, b []byte, searched int) (begin, so, eo int, found bool) {
	switch by := r.recordBy; {
	case len(b) == 0:
		return 0, 0, 0, false
	case by.re != nil:
		loc := r.findBytes(by.re, b, false)
		if loc == nil {
			return 0, 0, 0, false
		}
		return 0, loc[0], loc[1], loc[1] < len(b)
	case by.char != 0:
		i := bytes.IndexByte(b[searched:], by.char)
		if zero := bytes.IndexByte(b[searched:], 0); zero >= 0 && (i < 0 || zero < i) {
			i = zero // C's strings end there
		}
		if i < 0 {
			return 0, 0, 0, false
		}
		return 0, searched + i, searched + i + 1, true
	}
	for begin < len(b) && b[begin] == '\n' {
		begin++
	}
	i := bytes.Index(b[begin:], []byte("\n\n"))
	if i < 0 {
		return begin, 0, 0, false
	}
	so = begin + i
	for eo = so; eo < len(b) && b[eo] == '\n'; {
		eo++
	}
	return begin, so, eo, eo < len(b)
}

// fill reads more.
func (d *reader) fill() {
	const least = 512
	if d.start > 0 {
		copy(d.buf, d.buf[d.start:d.end])
		d.end -= d.start
		d.start = 0
	}
	if len(d.buf)-d.end < least {
		if len(d.buf) > maxText {
			panic(ErrMemory)
		}
		d.buf = append(d.buf, make([]byte, max(32<<10, len(d.buf)))...)
	}
	n, err := d.from.Read(d.buf[d.end:])
	d.end += n
	d.err = err
}

// nextInput opens the next file of ARGV; false: there is none.
func (r *run) nextInput() bool {
	r.closeInput()
	for {
		r.tick()
		index := r.argind.value.number() + 1
		if index >= r.argc.value.number() {
			if r.hadInput {
				return false
			}
			r.useInput("-")
			return true
		}
		r.argind.value = num(index)
		name := r.text(r.argv.elements().get(strconv.FormatFloat(index, 'f', -1, 64)).value)
		if name == "" || r.assignment(name) {
			continue
		}
		r.useInput(name)
		return true
	}
}

func (r *run) useInput(name string) {
	r.hadInput = true
	from := r.cfg.Stdin
	if name != "-" {
		file, err := r.cfg.System.Open(name)
		if err != nil {
			panic(&Error{Message: name + ": " + r.cfg.System.Reason(err)})
		}
		from, r.inputCloser = file, file
	}
	r.input = &reader{from: from}
	r.filename.value = str(name)
}

func (r *run) closeInput() {
	if r.inputCloser != nil {
		_ = r.inputCloser.Close()
	}
	r.input, r.inputCloser = nil, nil
}

// IsAssignment reports whether an operand is one like var=value.
func IsAssignment(text string) bool {
	name, _, ok := strings.Cut(text, "=")
	if !ok || name == "" || isDigit(name[0]) {
		return false
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return false
		}
	}
	return true
}

// assignment carries out an operand like var=value.
func (r *run) assignment(text string) bool {
	if !IsAssignment(text) {
		return false
	}
	name, v, _ := strings.Cut(text, "=")
	r.set(r.program.globals.cell(name), user(unescape(v)))
	return true
}
