package nginx

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

// What a configuration may be.
const (
	maxFileBytes  = 1 << 20
	maxFiles      = 200
	maxDepth      = 32 // of includes and of blocks
	maxDirectives = 20_000
	maxToken      = 4096 // nginx's own: the size of its buffer
)

// directive is one statement of a configuration file.
type directive struct {
	name  string
	args  []string
	block []*directive // nil: it ended with a semicolon
	in    place
	file  string
	line  int
}

// configError is nginx's message about a configuration.
type configError string

func (e configError) Error() string { return string(e) }

// fault is an error about a directive, with its place.
func (d *directive) fault(format string, args ...any) error {
	return configError(fmt.Sprintf(format, args...) + fmt.Sprintf(" in %s:%d", d.file, d.line))
}

// source is one text that is read: a file of the container, or the directives of -g.
type source struct {
	name string
	text string
	at   int
	line int
}

// parser reads files and what they include.
type parser struct {
	fs     *sandbox.FS
	prefix string   // what relative names are relative to
	read   []source // for -T
	count  int
}

// parseFile returns the directives of a file.
func (p *parser) parseFile(name string, in place, depth int) ([]*directive, error) {
	if depth > maxDepth || len(p.read) >= maxFiles {
		return nil, configError(fmt.Sprintf("open() %q failed (24: Too many open files)", name))
	}
	data, err := p.fs.ReadFile(name, maxFileBytes+1)
	if err != nil {
		return nil, configError(fmt.Sprintf("open() %q failed (%s)", name, errno(err)))
	}
	if len(data) > maxFileBytes {
		return nil, configError(fmt.Sprintf("the configuration file %s is larger than %d bytes", name, maxFileBytes))
	}
	s := source{name: name, text: string(data), line: 1}
	p.read = append(p.read, s)
	return p.statements(&s, in, depth, false)
}

// parseText returns the directives of a text, as given with -g.
func (p *parser) parseText(text string) ([]*directive, error) {
	return p.statements(&source{name: "command line", text: text, line: 1}, inMain, 0, false)
}

// statements reads until the end of the text, or of the block.
func (p *parser) statements(s *source, in place, depth int, block bool) ([]*directive, error) {
	list := []*directive{}
	for {
		words, end, err := s.statement()
		if err != nil {
			return nil, err
		}
		switch {
		case end == endOfFile && block:
			return nil, s.fault(`unexpected end of file, expecting "}"`)
		case end == endOfFile:
			return list, nil
		case end == '}' && !block:
			return nil, s.fault(`unexpected "}"`)
		case end == '}':
			return list, nil
		}
		if p.count++; p.count > maxDirectives {
			return nil, s.fault("too many directives")
		}
		d := &directive{name: words[0], args: words[1:], in: in, file: s.name, line: s.line}
		switch in {
		case inTypes, inMap:
			if end == '{' {
				return nil, s.fault(`unexpected "{"`)
			}
			if d.name != "include" {
				list = append(list, d)
				continue
			}
		default:
			if err := d.check(end == '{'); err != nil {
				return nil, err
			}
		}
		if d.name == "include" {
			included, err := p.include(d, in, depth)
			if err != nil {
				return nil, err
			}
			list = append(list, included...)
			continue
		}
		if end == '{' {
			if depth >= maxDepth {
				return nil, s.fault("too many nested blocks")
			}
			if d.block, err = p.statements(s, inside(d), depth+1, true); err != nil {
				return nil, err
			}
		}
		list = append(list, d)
	}
}

// include reads the files that a name or pattern means. A pattern may match nothing.
func (p *parser) include(d *directive, in place, depth int) ([]*directive, error) {
	if len(d.args) != 1 {
		return nil, d.fault(`invalid number of arguments in "include" directive`)
	}
	name := d.args[0]
	if !path.IsAbs(name) {
		name = path.Join(p.prefix, name)
	}
	names := []string{name}
	if strings.ContainsAny(name, "*?[") {
		var err error
		if names, err = p.glob(name); err != nil {
			return nil, d.fault("glob() %q failed (22: Invalid argument)", name)
		}
	}
	var list []*directive
	for _, n := range names {
		more, err := p.parseFile(n, in, depth+1)
		if e, ok := err.(configError); ok && strings.HasPrefix(string(e), "open()") && !strings.Contains(string(e), " in ") { //nolint:errorlint // made here
			return nil, d.fault("%s", e)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// glob returns the files that a pattern matches, in order. Its last element and those before may be patterns.
func (p *parser) glob(pattern string) ([]string, error) {
	found := []string{"/"}
	for element := range strings.SplitSeq(strings.Trim(path.Clean(pattern), "/"), "/") {
		var next []string
		for _, dir := range found {
			if !strings.ContainsAny(element, "*?[") {
				if _, err := p.fs.Stat(path.Join(dir, element)); err == nil {
					next = append(next, path.Join(dir, element))
				}
				continue
			}
			entries, _ := p.fs.ReadDir(dir) // what is no directory has none
			for _, e := range entries {
				if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(element, ".") {
					continue
				}
				ok, err := path.Match(element, e.Name())
				if err != nil {
					return nil, err
				}
				if ok {
					next = append(next, path.Join(dir, e.Name()))
				}
			}
		}
		found = next
	}
	slices.Sort(found)
	return found[:min(len(found), maxFiles+1)], nil
}

// endOfFile is what ends a statement where there is none.
const endOfFile = byte(0)

func (s *source) fault(format string, args ...any) error {
	return configError(fmt.Sprintf(format, args...) + fmt.Sprintf(" in %s:%d", s.name, s.line))
}

// statement returns the words of the next statement and what ended it: a semicolon, a brace or the end of the file
// (ngx_conf_file.c, ngx_conf_read_token).
func (s *source) statement() (words []string, end byte, err error) {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '\n':
			s.line++
			s.at++
		case ' ', '\t', '\r':
			s.at++
		case '#':
			if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
				s.at += i
			} else {
				s.at = len(s.text)
			}
		case ';', '{':
			s.at++
			if len(words) == 0 {
				return nil, 0, s.fault("unexpected %q", string(c))
			}
			return words, c, nil
		case '}':
			s.at++
			if len(words) != 0 {
				return nil, 0, s.fault(`unexpected "}"`)
			}
			return nil, c, nil
		default:
			word, err := s.word(c)
			if err != nil {
				return nil, 0, err
			}
			words = append(words, word)
		}
	}
	if len(words) > 0 {
		if s.name == "command line" {
			return nil, 0, configError(`unexpected end of parameter, expecting ";" in command line`)
		}
		return nil, 0, s.fault(`unexpected end of file, expecting ";" or "}"`)
	}
	return nil, endOfFile, nil
}

// word reads a word that begins with c.
func (s *source) word(c byte) (string, error) {
	var b strings.Builder
	quote := byte(0)
	began := s.line
	if c == '"' || c == '\'' {
		quote = c
		s.at++
	}
	for s.at < len(s.text) {
		if b.Len() > maxToken {
			s.line = began
			if quote != 0 {
				return "", s.fault(`too long parameter, probably missing terminating "%c" character`, quote)
			}
			return "", s.fault(`too long parameter "%.10s..." started`, b.String())
		}
		c := s.text[s.at]
		switch {
		case c == '\\' && s.at+1 < len(s.text):
			s.escape(&b)
			continue
		case c == '$' && strings.HasPrefix(s.text[s.at:], "${"):
			b.WriteString("${")
			s.at += 2
			continue
		case quote != 0 && c == quote:
			s.at++
			return b.String(), s.afterQuote()
		case quote == 0 && (strings.IndexByte(" \t\r\n;", c) >= 0 || c == '{'):
			return b.String(), nil
		case c == '\n':
			s.line++
		}
		b.WriteByte(c)
		s.at++
	}
	if quote != 0 {
		return "", s.fault(`unexpected end of file, expecting ";" or "}"`)
	}
	return b.String(), nil
}

// escape takes a backslash and what follows it.
func (s *source) escape(b *strings.Builder) {
	switch c := s.text[s.at+1]; c {
	case '"', '\'', '\\':
		b.WriteByte(c)
	case 't':
		b.WriteByte('\t')
	case 'r':
		b.WriteByte('\r')
	case 'n':
		b.WriteByte('\n')
	default:
		b.WriteByte('\\')
		if c == '\n' {
			s.line++
		}
		b.WriteByte(c)
	}
	s.at += 2
}

// afterQuote refuses what stands right behind a closing quote.
func (s *source) afterQuote() error {
	if s.at >= len(s.text) || strings.IndexByte(" \t\r\n;{)", s.text[s.at]) >= 0 {
		return nil
	}
	return s.fault("unexpected %q", s.text[s.at:s.at+1])
}
