package tools

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"

	"healthlab/lab/node/images/tools/regex"
	"healthlab/lab/node/sandbox"
)

// grep is also egrep and fgrep. As BusyBox's, it takes -a and -I and does nothing about them: all files are text.
func grep(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "lnqvscFiHhe:f:LorRm:wxEA:B:C:aI\x01", long: map[string]byte{"color": 1}}.parse(p)
	if !ok {
		return 2
	}
	g := &grepper{ctx: ctx, p: p, set: asSet(found), most: -1}
	delete(g.set, 1)
	switch name(p) {
	case "egrep":
		g.set['E'] = ""
	case "fgrep":
		g.set['F'] = ""
	}
	if !g.numbers() {
		return 2
	}
	patterns, code := g.patterns(found)
	if code != 0 {
		return code
	}
	if len(values(found, 'e'))+len(values(found, 'f')) == 0 {
		if len(args) == 0 {
			usage(p)
			return 2
		}
		patterns, args = strings.Split(args[0], "\n"), args[1:]
	}
	if !g.compile(patterns) {
		return 2
	}
	return g.files(args)
}

type grepper struct {
	ctx           context.Context
	p             *sandbox.Process
	set           map[byte]string
	compiled      []grepPattern
	most          int // -m
	before, after int // lines of context
	prefix        bool
	matched       bool
	failed        bool
	quit          bool
	printed       bool // a line, of any file
}

// grepPattern is one pattern: literal, or an expression.
type grepPattern struct {
	literal []byte
	re      *regex.Regexp
}

func (g *grepper) has(c byte) bool { return has(g.set, c) }

func (g *grepper) numbers() bool {
	for _, o := range []struct {
		letter byte
		to     []*int
	}{{'m', []*int{&g.most}}, {'C', []*int{&g.before, &g.after}}, {'A', []*int{&g.after}}, {'B', []*int{&g.before}}} {
		v, given := g.set[o.letter]
		if !given {
			continue
		}
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			failf(g.p, "invalid number '%s'", v)
			return false
		}
		for _, to := range o.to {
			*to = int(n)
		}
	}
	return true
}

// patterns collects -e and -f in their order.
func (g *grepper) patterns(found []option) ([]string, int) {
	var all []string
	for _, o := range found {
		switch o.letter {
		case 'e':
			all = append(all, strings.Split(o.value, "\n")...)
		case 'f':
			in, err := openInput(g.p, o.value)
			if err != nil {
				failf(g.p, "%s: %s", o.value, Reason(err))
				return nil, 2
			}
			err = eachLine(g.ctx, in, func(line []byte) bool {
				all = append(all, string(line))
				return true
			})
			_ = in.Close()
			if err != nil {
				return nil, 2
			}
		}
	}
	return all, 0
}

func (g *grepper) compile(patterns []string) bool {
	for _, text := range patterns {
		if g.has('F') {
			literal := []byte(text)
			if g.has('i') {
				literal = lower(literal)
			}
			g.compiled = append(g.compiled, grepPattern{literal: literal})
			continue
		}
		re, err := regex.Compile(text, regex.Options{Extended: g.has('E'), IgnoreCase: g.has('i')})
		if err != nil {
			failf(g.p, "bad regex '%s': %s", text, err)
			return false
		}
		g.compiled = append(g.compiled, grepPattern{re: re})
	}
	return true
}

func (g *grepper) files(names []string) int {
	recursive := g.has('r') || g.has('R')
	g.prefix = (len(names) > 1 || g.has('H') || recursive && len(names) > 0) && !g.has('h')
	if len(names) == 0 {
		names = []string{"-"} // also with -r
	}
	for _, n := range names {
		if g.quit || g.ctx.Err() != nil {
			break
		}
		if n != "-" && isDirectory(g.p, n) {
			if recursive {
				g.tree(n)
			}
			continue
		}
		g.file(n)
	}
	switch {
	case g.ctx.Err() != nil:
		return 1
	case g.matched && (g.has('q') || !g.failed):
		return 0
	case g.failed:
		return 2
	}
	return 1
}

// tree searches the files below a directory.
func (g *grepper) tree(dir string) {
	if err := tooLong(g.p, dir); err != nil {
		g.fail(dir, err)
		return
	}
	entries, err := g.p.FS().ReadDir(g.p.Path(dir))
	if err != nil {
		g.fail(dir, err)
		return
	}
	for _, e := range entries {
		if g.quit || g.ctx.Err() != nil {
			return
		}
		n := strings.TrimSuffix(dir, "/") + "/" + e.Name()
		switch {
		case e.IsDir():
			g.tree(n)
		case e.Mode().IsRegular(), g.has('R') && !isDirectory(g.p, n):
			g.file(n)
		}
	}
}

func (g *grepper) fail(n string, err error) {
	g.failed = true
	if !g.has('s') {
		failf(g.p, "%s: %s", n, Reason(err))
	}
}

func (g *grepper) file(n string) {
	in, err := openInput(g.p, n)
	if err != nil {
		g.fail(n, err)
		return
	}
	defer in.Close()
	if n == "-" {
		n = "(standard input)"
	}
	s := &grepFile{grepper: g, name: n}
	if err := s.search(in); err != nil && g.ctx.Err() == nil {
		g.fail(n, err)
	}
	if g.quit {
		return
	}
	switch {
	case g.has('L'):
		if s.count == 0 {
			s.plain(n)
			g.matched = true
		}
		return
	case g.has('c') && !g.has('l') && !g.has('q'):
		if g.prefix {
			n += ":"
		} else {
			n = ""
		}
		s.plain(n + strconv.Itoa(s.count))
	}
	g.matched = g.matched || s.count > 0
}

// grepFile is the search in one file.
type grepFile struct {
	*grepper
	name    string
	number  int
	count   int
	last    int // the line that was printed last
	owed    int // lines to print after a match
	waiting [][]byte
}

func (s *grepFile) search(r io.Reader) error {
	l := newLines(s.ctx, r)
	for {
		line, _, ok := l.next()
		if !ok {
			return l.failed()
		}
		s.number++
		loc, pattern, err := s.match(line)
		if err != nil {
			return err
		}
		if (loc != nil) == s.has('v') {
			if !s.context(line) {
				return nil
			}
			continue
		}
		s.count++
		switch {
		case s.has('q'):
			s.quit, s.matched = true, true
			return nil
		case s.has('l'):
			s.plain(s.name)
			return nil
		case s.has('L'):
			return nil
		case s.most >= 0 && s.count > s.most:
			s.count--
			return nil
		case s.has('c'):
		case !s.show(line, loc, pattern):
			return nil
		}
		if s.most >= 0 && s.count >= s.most && s.owed == 0 {
			return nil
		}
	}
}

// context prints or keeps a line that did not match.
func (s *grepFile) context(line []byte) bool {
	switch {
	case s.has('c') || s.has('q') || s.has('l') || s.has('L'):
	case s.owed > 0:
		s.owed--
		s.print(line, '-', s.number)
		return s.owed > 0 || s.most < 0 || s.count < s.most
	case s.before > 0:
		if len(s.waiting) == s.before {
			s.waiting = append(s.waiting[:0], s.waiting[1:]...)
		}
		s.waiting = append(s.waiting, bytes.Clone(line))
	}
	return true
}

// show prints a line that matched, with those before it.
func (s *grepFile) show(line []byte, loc []int, pattern grepPattern) bool {
	for i, w := range s.waiting {
		s.print(w, '-', s.number-len(s.waiting)+i)
	}
	s.waiting = s.waiting[:0]
	s.owed = s.after
	if !s.has('o') {
		return s.print(line, ':', s.number)
	}
	if loc == nil {
		return true // -o and -v: nothing
	}
	for end := 0; loc != nil && s.ctx.Err() == nil; {
		if loc[1] > loc[0] && !s.print(line[loc[0]:loc[1]], ':', s.number) {
			return false
		}
		if pattern.re == nil { // as BusyBox: -F and -o print the pattern once
			break
		}
		if end = loc[1]; loc[0] == loc[1] {
			end++
		}
		if end >= len(line) {
			break
		}
		next, err := pattern.re.Find(s.ctx, line[end:], true)
		if err != nil || next == nil {
			break
		}
		loc = []int{next[0] + end, next[1] + end}
	}
	return true
}

func (s *grepFile) print(text []byte, mark byte, number int) bool {
	if (s.before > 0 || s.after > 0) && s.printed && s.last != number-1 && s.last != number {
		if !writeLine(s.p.Stdout, []byte("--")) {
			return false
		}
	}
	s.printed, s.last = true, number
	var line []byte
	if s.prefix {
		line = append(append(line, s.name...), mark)
	}
	if s.has('n') {
		line = append(strconv.AppendInt(line, int64(number), 10), mark)
	}
	_, err := s.p.Stdout.Write(append(append(line, text...), '\n'))
	return err == nil
}

func (s *grepFile) plain(text string) { writeLine(s.p.Stdout, []byte(text)) }

// match returns where the first pattern that matches does.
func (g *grepper) match(line []byte) ([]int, grepPattern, error) {
	for _, pattern := range g.compiled {
		var loc []int
		var err error
		if pattern.re == nil {
			loc = g.literal(line, pattern.literal)
		} else {
			loc, err = g.expression(line, pattern.re)
		}
		if loc != nil || err != nil {
			return loc, pattern, err
		}
	}
	return nil, grepPattern{}, nil
}

func (g *grepper) literal(line, literal []byte) []int {
	searched := line
	if g.has('i') {
		searched = lower(line)
	}
	for from := 0; from <= len(line); {
		i := bytes.Index(searched[from:], literal)
		if i < 0 {
			return nil
		}
		start, end := from+i, from+i+len(literal)
		switch {
		case g.has('x'):
			if bytes.Equal(searched, literal) {
				return []int{start, end}
			}
			return nil
		case !g.has('w') || !wordAt(line, start-1) && !wordAt(line, end):
			return []int{start, end}
		}
		from = start + 1
	}
	return nil
}

func (g *grepper) expression(line []byte, re *regex.Regexp) ([]int, error) {
	for from := 0; ; {
		loc, err := re.Find(g.ctx, line[from:], from > 0)
		if loc == nil || err != nil {
			return nil, err
		}
		start, end := loc[0]+from, loc[1]+from
		switch {
		case g.has('x'):
			if start == 0 && end == len(line) {
				return []int{start, end}, nil
			}
			return nil, nil
		case !g.has('w') || !wordAt(line, start-1) && !wordAt(line, end):
			return []int{start, end}, nil
		case end == from:
			return nil, nil
		}
		from = end
	}
}

// wordAt reports whether there is a letter, digit or underscore.
func wordAt(line []byte, i int) bool {
	if i < 0 || i >= len(line) {
		return false
	}
	c := line[i]
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// openInput opens a file, or standard input for "-".
func openInput(p *sandbox.Process, n string) (io.ReadCloser, error) {
	if n == "-" {
		return io.NopCloser(p.Stdin), nil
	}
	return p.Open(n)
}

// lower is a copy with ASCII letters in lower case.
func lower(text []byte) []byte {
	out := bytes.Clone(text)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c | 0x20
		}
	}
	return out
}
