package tools

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// sortFlags are the letters that order lines; a key has its own or, without any, the common ones.
const sortFlags = "bdfghiMnrV"

func sortLines(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "ngMucszbrdfihVo:k:t:S:T:m"}.parse(p)
	if !ok {
		return 2
	}
	s := &sorter{ctx: ctx, p: p, set: asSet(found)}
	if t, given := s.set['t']; given {
		if len(t) > 1 && t != `\0` {
			failf(p, "bad -t parameter")
			return 2
		}
		s.separator = t[:min(1, len(t))]
		if t == `\0` {
			s.separator = "\x00"
		}
	}
	for c := range s.set {
		if strings.IndexByte(sortFlags, c) >= 0 {
			s.common += string(c)
		}
	}
	for _, k := range values(found, 'k') {
		key, message := parseSortKey(k)
		if message != "" {
			failf(p, "%s", message)
			return 2
		}
		s.keys = append(s.keys, key)
	}
	if len(s.keys) == 0 {
		s.keys = []sortKey{{from: 1}}
	}
	return s.run(names)
}

type sorter struct {
	ctx       context.Context
	p         *sandbox.Process
	set       map[byte]string
	separator string
	common    string
	keys      []sortKey
	all       [][]byte
	steps     int
	ended     bool
}

// sortKey is from,to of -k: fields and bytes in them count from 1; 0 is not given.
type sortKey struct {
	from, fromByte, to, toByte int
	flags                      string
}

func parseSortKey(text string) (k sortKey, message string) {
	part := func(field, at *int) string {
		digits := func(to *int) bool {
			end := 0
			for end < len(text) && isDigit(text[end]) {
				end++
			}
			n, err := strconv.ParseUint(text[:end], 10, 31)
			*to, text = int(n), text[end:]
			return err == nil
		}
		if !digits(field) {
			return "bad field specification"
		}
		if strings.HasPrefix(text, ".") {
			text = text[1:]
			if !digits(at) {
				return "bad field specification"
			}
		}
		for text != "" && text[0] != ',' {
			if strings.IndexByte(sortFlags, text[0]) < 0 {
				return "unknown key option"
			}
			k.flags += text[:1]
			text = text[1:]
		}
		return ""
	}
	if message = part(&k.from, &k.fromByte); message != "" {
		return k, message
	}
	if k.from == 0 {
		return k, "bad field specification"
	}
	if strings.HasPrefix(text, ",") {
		text = text[1:]
		message = part(&k.to, &k.toByte)
	}
	return k, message
}

func (s *sorter) has(c byte) bool { return has(s.set, c) }

func (s *sorter) run(names []string) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, n := range names {
		in, err := openInput(s.p, n)
		if err != nil {
			failf(s.p, "%s: %s", n, Reason(err))
			return 2
		}
		code := s.read(in, n)
		_ = in.Close()
		if code >= 0 {
			return code
		}
	}
	if s.has('c') {
		return 0
	}
	if s.has('s') {
		slices.SortStableFunc(s.all, s.compare)
	} else {
		slices.SortFunc(s.all, s.compare)
	}
	if s.ctx.Err() != nil {
		return 1
	}
	if s.has('u') {
		s.all = slices.CompactFunc(s.all, func(a, b []byte) bool { return s.byKeys(a, b) == 0 })
	}
	return s.write()
}

// read takes the lines of one input. With -c it returns the exit code as soon as a line is out of order; -1: go on.
func (s *sorter) read(in io.Reader, n string) int {
	l := newLines(s.ctx, in)
	if s.has('z') {
		l.end = 0
	}
	for number := 1; ; number++ {
		line, _, ok := l.next()
		if !ok {
			break
		}
		if !s.has('c') {
			s.all = append(s.all, bytes.Clone(line))
			continue
		}
		if len(s.all) == 1 {
			order := s.compare(s.all[0], line)
			if order > 0 || s.has('u') && s.byKeys(s.all[0], line) == 0 {
				fmt.Fprintf(s.p.Stderr, "Check line %d\n", number-1)
				return 1
			}
		}
		s.all = append(s.all[:0], bytes.Clone(line))
	}
	if err := l.failed(); err != nil {
		if s.ctx.Err() == nil {
			failf(s.p, "%s: %s", n, Reason(err))
		}
		return 2
	}
	return -1
}

func (s *sorter) write() int {
	out := s.p.Stdout
	if n, given := s.set['o']; given {
		file, err := s.p.OpenFile(n, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			failf(s.p, "can't open '%s': %s", n, Reason(err))
			return 2
		}
		defer file.Close()
		out = file
	}
	w := bufio.NewWriterSize(out, readBytes)
	end := byte('\n')
	if s.has('z') {
		end = 0
	}
	for i, line := range s.all {
		_, err := w.Write(line)
		if err == nil {
			err = w.WriteByte(end)
		}
		if err != nil {
			return s.writeError(err)
		}
		s.all[i] = nil
	}
	if err := w.Flush(); err != nil {
		return s.writeError(err)
	}
	return 0
}

func (s *sorter) writeError(err error) int {
	if s.ctx.Err() == nil {
		failf(s.p, "write error: %s", Reason(err))
	}
	return 2
}

// compare orders two lines. Once the process has ended all are equal, so that sorting ends too.
func (s *sorter) compare(a, b []byte) int {
	if s.steps++; s.steps%checkEvery == 0 {
		s.ended = s.ctx.Err() != nil
	}
	if s.ended {
		return 0
	}
	if order := s.byKeys(a, b); order != 0 || s.has('s') {
		return order
	}
	order := bytes.Compare(a, b)
	if s.has('r') {
		return -order
	}
	return order
}

// byKeys orders two lines by what -k and the common letters say.
func (s *sorter) byKeys(a, b []byte) int {
	for _, k := range s.keys {
		flags := k.flags
		if flags == "" {
			flags = s.common
		}
		order := compareKeys(s.key(a, k, flags), s.key(b, k, flags), flags)
		if order == 0 {
			continue
		}
		if strings.Contains(flags, "r") {
			return -order
		}
		return order
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// fieldStart returns where a field begins, and fieldEnd where it ends.
func (s *sorter) fieldStart(line []byte, field int) int {
	at := 0
	for range field - 1 {
		if at >= len(line) {
			break
		}
		at = s.fieldEnd(line, at)
		if s.separator != "" && at < len(line) {
			at++
		}
	}
	return at
}

func (s *sorter) fieldEnd(line []byte, at int) int {
	if s.separator != "" {
		if i := bytes.IndexByte(line[at:], s.separator[0]); i >= 0 {
			return at + i
		}
		return len(line)
	}
	for at < len(line) && isBlank(line[at]) {
		at++
	}
	for at < len(line) && !isBlank(line[at]) {
		at++
	}
	return at
}

func (s *sorter) key(line []byte, k sortKey, flags string) []byte {
	start, end := 0, len(line)
	if k.from > 1 {
		start = s.fieldStart(line, k.from)
	}
	if strings.Contains(flags, "b") {
		for start < len(line) && isBlank(line[start]) {
			start++
		}
	}
	if k.fromByte > 0 {
		start = min(len(line), start+k.fromByte-1)
	}
	if k.to > 0 {
		at := s.fieldStart(line, k.to)
		if k.toByte > 0 {
			if strings.Contains(flags, "b") {
				for at < len(line) && isBlank(line[at]) {
					at++
				}
			}
			end = min(len(line), at+k.toByte)
		} else {
			end = s.fieldEnd(line, min(at, len(line)))
		}
	}
	return line[start:max(start, end)]
}

func compareKeys(a, b []byte, flags string) int {
	switch {
	case strings.Contains(flags, "n"):
		return cmp.Compare(leadingNumber(a), leadingNumber(b))
	case strings.Contains(flags, "g"):
		return cmp.Compare(generalNumber(a), generalNumber(b))
	case strings.Contains(flags, "h"):
		return compareHuman(a, b)
	case strings.Contains(flags, "M"):
		return cmp.Compare(month(a), month(b))
	case strings.Contains(flags, "V"):
		return compareVersions(string(a), string(b))
	}
	if !strings.ContainsAny(flags, "dfi") {
		return bytes.Compare(a, b)
	}
	return bytes.Compare(folded(a, flags), folded(b, flags))
}

// folded is what -d, -f and -i leave of a key.
func folded(key []byte, flags string) []byte {
	out := make([]byte, 0, len(key))
	for _, c := range key {
		switch {
		case strings.Contains(flags, "d") && !isBlank(c) && (!wordAt([]byte{c}, 0) || c == '_'):
		case strings.Contains(flags, "i") && (c < ' ' || c > '~'):
		case strings.Contains(flags, "f") && c >= 'a' && c <= 'z':
			out = append(out, c-'a'+'A')
		default:
			out = append(out, c)
		}
	}
	return out
}

// leadingNumber is what atof makes of the beginning of a key.
func leadingNumber(key []byte) float64 {
	text := strings.TrimLeft(string(key[:min(len(key), 400)]), " \t\n\v\f\r")
	end, dots := 0, 0
	for end < len(text) && (isDigit(text[end]) || text[end] == '.' && dots == 0 || end == 0 && (text[end] == '-' || text[end] == '+')) {
		if text[end] == '.' {
			dots++
		}
		end++
	}
	f, err := strconv.ParseFloat(text[:end], 64)
	if err != nil && f == 0 {
		return 0
	}
	return f
}

// generalNumber is -g: with an exponent. What is no number comes first.
func generalNumber(key []byte) float64 {
	text := strings.TrimLeft(string(key[:min(len(key), 400)]), " \t\n\v\f\r")
	for end := len(text); end > 0; end-- {
		if f, err := strconv.ParseFloat(text[:end], 64); err == nil {
			return f
		}
	}
	return -1e308
}

// compareHuman orders numbers with units: the unit first, as -h does.
func compareHuman(a, b []byte) int {
	unit := func(key []byte) (float64, int) {
		f := leadingNumber(key)
		rest := strings.TrimLeft(strings.TrimSpace(string(key)), "+-0123456789.")
		if rest == "" || f == 0 {
			return f, 0
		}
		power := strings.IndexByte("KMGTPEZY", rest[0]&^0x20) + 1
		if f < 0 {
			power = -power
		}
		return f, power
	}
	x, p := unit(a)
	y, q := unit(b)
	if p != q {
		return cmp.Compare(p, q)
	}
	return cmp.Compare(x, y)
}

func month(key []byte) int {
	text := strings.ToLower(strings.TrimLeft(string(key), " \t"))
	return strings.Index("  janfebmaraprmayjunjulaugsepoctnovdec", (text + "   ")[:3])
}

// compareVersions orders parts of digits as numbers, like strverscmp.
func compareVersions(a, b string) int {
	for a != "" && b != "" {
		if isDigit(a[0]) && isDigit(b[0]) {
			x, y := digits(a), digits(b)
			a, b = a[len(x):], b[len(y):]
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if order := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); order != 0 {
				return order
			}
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits is the run of digits at the beginning.
func digits(text string) string { return text[:len(text)-len(strings.TrimLeft(text, "0123456789"))] }
