package tools

import (
	"fmt"
	"strings"

	"healthlab/lab/node/images/tools/regex"
)

// sedAddress is a line number, the last line, or an expression.
type sedAddress struct {
	line int // 0: none; lastLine
	plus int // of a second address: that many lines more, plus one; 0: not given so
	re   *regex.Regexp
}

const lastLine = -1

func (a sedAddress) given() bool { return a.line != 0 || a.re != nil || a.plus != 0 }

// sedCommand is one command of a script and what a run remembers of its range.
type sedCommand struct {
	from, to sedAddress
	inverted bool
	name     byte
	text     string // of a, i, c, r, w and the labels
	to256    *[256]byte
	re       *regex.Regexp // of s; nil: the last one used
	replace  []sedPiece
	which    int // which match s replaces; 0: all
	print    bool
	file     string // of s///w and w
	jump     int    // where b, t, T and a { that does not apply go on
}

// sedPiece is a part of a replacement: text, or a group.
type sedPiece struct {
	text  []byte
	group int // -1: text
}

type sedScript struct {
	extended bool
	quiet    bool
	commands []sedCommand

	text     string
	pos      int
	lastRead *regex.Regexp
}

// unterminated is where a block without an end goes on.
const unterminated = -1

// parse reads a script. It keeps blocks as jumps, so nothing nests.
func (s *sedScript) parse(text string) error {
	s.text = text
	var open []int
	for {
		s.pos += len(s.rest()) - len(strings.TrimLeft(s.rest(), "; \t\r\n\v\f"))
		if s.pos == len(text) {
			break
		}
		if s.text[s.pos] == '#' {
			if strings.HasPrefix(s.rest(), "#n") {
				s.quiet = true
			}
			s.untilLineEnd()
			continue
		}
		c, err := s.command()
		if err != nil {
			return err
		}
		switch c.name {
		case '{':
			open = append(open, len(s.commands))
		case '}':
			if len(open) > 0 {
				s.commands[open[len(open)-1]].jump = len(s.commands)
				open = open[:len(open)-1]
			}
		}
		s.commands = append(s.commands, c)
	}
	for _, i := range open {
		s.commands[i].jump = unterminated // an error only for a line that would skip it
	}
	return s.link()
}

func (s *sedScript) rest() string { return s.text[s.pos:] }

func (s *sedScript) untilLineEnd() string {
	line, _, _ := strings.Cut(s.rest(), "\n")
	s.pos += len(line)
	return line
}

func (s *sedScript) blanks() {
	s.pos += len(s.rest()) - len(strings.TrimLeft(s.rest(), " \t\r\v\f"))
}

// link turns labels into positions.
func (s *sedScript) link() error {
	for i, c := range s.commands {
		if c.name != 'b' && c.name != 't' && c.name != 'T' {
			continue
		}
		s.commands[i].jump = len(s.commands)
		for j, to := range s.commands {
			if c.text != "" && to.name == ':' && to.text == c.text {
				s.commands[i].jump = j
				break
			}
		}
		if c.text != "" && s.commands[i].jump == len(s.commands) {
			return fmt.Errorf("can't find label for jump to '%s'", c.text)
		}
	}
	return nil
}

func (s *sedScript) command() (c sedCommand, err error) {
	if c.from, err = s.address(); err != nil {
		return c, err
	}
	if strings.HasPrefix(s.rest(), ",") {
		s.pos++
		if len(s.rest()) > 1 && s.rest()[0] == '+' && isDigit(s.rest()[1]) {
			s.pos++
			c.to.plus = s.number() + 1
		} else if c.to, err = s.address(); err != nil {
			return c, err
		}
		if !c.to.given() {
			return c, fmt.Errorf("no address after comma")
		}
	}
	s.blanks()
	if strings.HasPrefix(s.rest(), "!") {
		c.inverted = true
		s.pos++
		s.blanks()
	}
	if s.rest() == "" || s.rest()[0] == '\n' {
		return c, fmt.Errorf("missing command")
	}
	c.name = s.text[s.pos]
	s.pos++
	return c, s.arguments(&c)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads digits; what is more than any count of lines stays below the bound.
func (s *sedScript) number() int {
	n := 0
	for s.pos < len(s.text) && isDigit(s.text[s.pos]) {
		n = min(n*10+int(s.text[s.pos]-'0'), 1<<40)
		s.pos++
	}
	return n
}

func (s *sedScript) address() (a sedAddress, err error) {
	rest := s.rest()
	switch {
	case rest == "":
	case isDigit(rest[0]):
		a.line = s.number()
	case rest[0] == '$':
		s.pos++
		a.line = lastLine
	case rest[0] == '/' || rest[0] == '\\' && len(rest) > 1:
		if rest[0] == '\\' {
			s.pos++
		}
		delimiter := s.text[s.pos]
		s.pos++
		text, err := s.until(delimiter, true)
		if err != nil {
			return a, err
		}
		if text == "" {
			if a.re = s.lastRead; a.re == nil {
				return a, fmt.Errorf("no previous regexp")
			}
			return a, nil
		}
		a.re, err = s.compile(sedEscapes(text, 0), false)
		s.lastRead = a.re
		return a, err
	}
	return a, nil
}

func (s *sedScript) compile(text string, fold bool) (*regex.Regexp, error) {
	re, err := regex.Compile(text, regex.Options{Extended: s.extended, IgnoreCase: fold})
	if err != nil {
		return nil, fmt.Errorf("bad regex '%s': %w", text, err)
	}
	return re, nil
}

// until reads up to a delimiter that is neither escaped nor, in an expression, inside brackets.
func (s *sedScript) until(delimiter byte, brackets bool) (string, error) {
	from, opened := s.pos, -1
	for i := s.pos; i < len(s.text); i++ {
		c := s.text[i]
		switch {
		case opened >= 0:
			first := i == opened+1 || i == opened+2 && s.text[i-1] == '^'
			if c == ']' && !first {
				opened = -1
			}
		case c == '\\':
			i++
		case c == '[' && brackets:
			opened = i
		case c == delimiter:
			s.pos = i + 1
			return s.text[from:i], nil
		}
	}
	return "", fmt.Errorf("unmatched '%c'", delimiter)
}

// sedEscapes replaces \n, \t and \r, and an escaped delimiter by itself.
func sedEscapes(text string, delimiter byte) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; {
		case c == delimiter && delimiter != 0:
			out.WriteByte(c)
		case c == 'n':
			out.WriteByte('\n')
		case c == 't':
			out.WriteByte('\t')
		case c == 'r':
			out.WriteByte('\r')
		default:
			out.WriteByte('\\')
			out.WriteByte(c)
		}
	}
	return out.String()
}

// arguments reads what follows a command's letter.
func (s *sedScript) arguments(c *sedCommand) error {
	switch c.name {
	case 's':
		return s.substitution(c)
	case 'y':
		return s.translation(c)
	case 'a', 'i', 'c':
		if c.name != 'c' && c.to.given() {
			return fmt.Errorf("command '%c' uses only one address", c.name)
		}
		c.text = s.editText()
	case 'r', 'w':
		if c.name == 'r' && c.to.given() {
			return fmt.Errorf("command '%c' uses only one address", c.name)
		}
		return s.fileName(&c.file)
	case ':', 'b', 't', 'T':
		s.blanks()
		end := strings.IndexAny(s.rest(), "; \t\r\n\v\f")
		if end < 0 {
			end = len(s.rest())
		}
		c.text = s.rest()[:end]
		s.pos += end
	case 'd', 'D', 'g', 'G', 'h', 'H', 'l', 'n', 'N', 'p', 'P', 'q', 'x', '=', '{', '}':
	default:
		return fmt.Errorf("unsupported command %c", c.name)
	}
	return nil
}

func (s *sedScript) fileName(to *string) error {
	s.blanks()
	if *to = s.untilLineEnd(); *to == "" {
		return fmt.Errorf("empty filename")
	}
	return nil
}

// editText reads the lines of a, i and c: up to a line end that is not escaped.
func (s *sedScript) editText() string {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		if c == '\n' || c == '\\' {
			s.pos++
			if c == '\\' && strings.HasPrefix(s.rest(), "\n") {
				s.pos++
			}
			break
		}
		if c != ' ' && c != '\t' {
			break
		}
		s.pos++
	}
	from := s.pos
	for s.pos < len(s.text) && s.text[s.pos] != '\n' {
		if s.text[s.pos] == '\\' && s.pos+1 < len(s.text) {
			s.pos++
		}
		s.pos++
	}
	text := sedEscapes(s.text[from:s.pos], 0)
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// pair reads the two parts of s and y.
func (s *sedScript) pair() (from, to string, err error) {
	if s.rest() == "" || s.rest()[0] == '\n' || s.rest()[0] == '\\' {
		return "", "", fmt.Errorf("bad format in substitution expression")
	}
	delimiter := s.text[s.pos]
	s.pos++
	if from, err = s.until(delimiter, true); err == nil {
		to, err = s.until(delimiter, false)
	}
	return sedEscapes(from, delimiter), sedEscapes(to, delimiter), err
}

func (s *sedScript) translation(c *sedCommand) error {
	from, to, err := s.pair()
	if err != nil {
		return err
	}
	from, to = strings.ReplaceAll(from, `\\`, `\`), strings.ReplaceAll(to, `\\`, `\`)
	c.to256 = new([256]byte)
	for i := range c.to256 {
		c.to256[i] = byte(i)
	}
	for i := min(len(from), len(to)) - 1; i >= 0; i-- {
		c.to256[from[i]] = to[i]
	}
	return nil
}

func (s *sedScript) substitution(c *sedCommand) error {
	from, to, err := s.pair()
	if err != nil {
		return err
	}
	c.which, c.replace = 1, sedReplacement(to)
	fold := false
flags:
	for s.pos < len(s.text) {
		f := s.text[s.pos]
		s.pos++
		switch {
		case isDigit(f):
			s.pos--
			if n := s.number(); !strings.HasPrefix(from, "^") {
				c.which = n
			}
		case f == '\n', f == ';', f == '}':
			s.pos--
			break flags
		case strings.IndexByte(" \t\r\v\f", f) >= 0:
		case f == 'g':
			c.which = 0
		case f == 'p':
			c.print = true
		case f == 'i', f == 'I':
			fold = true
		case f == 'w':
			if err := s.fileName(&c.file); err != nil {
				return err
			}
		case f == '#':
			s.untilLineEnd()
			break flags
		default:
			return fmt.Errorf("bad option in substitution expression")
		}
	}
	if from != "" {
		c.re, err = s.compile(from, fold)
	}
	return err
}

func sedReplacement(text string) []sedPiece {
	var pieces []sedPiece
	var plain []byte
	group := func(n int) {
		pieces = append(pieces, sedPiece{text: plain, group: -1}, sedPiece{group: n})
		plain = nil
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '&':
			group(0)
		case c == '\\' && i+1 < len(text):
			i++
			if isDigit(text[i]) {
				group(int(text[i] - '0'))
				continue
			}
			plain = append(plain, text[i])
		default:
			plain = append(plain, c)
		}
	}
	return append(pieces, sedPiece{text: plain, group: -1})
}
