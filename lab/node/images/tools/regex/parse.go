package regex

import "strings"

// Error is why an expression is refused, in musl's words.
type Error string

func (e Error) Error() string { return string(e) }

// The errors of regcomp.
const (
	ErrClass     Error = "Unknown character class name"
	ErrCollate   Error = "Unknown collating element"
	ErrBackslash Error = "Trailing backslash"
	ErrBackref   Error = "Invalid back reference"
	ErrBracket   Error = "Missing ']'"
	ErrParen     Error = "Missing ')'"
	ErrBrace     Error = "Invalid contents of {}"
	ErrRange     Error = "Invalid character range"
	ErrSpace     Error = "Out of memory"
	ErrRepeat    Error = "Repetition not preceded by valid expression"
)

const (
	maxDepth  = 200 // groups and repetitions inside each other
	maxRepeat = 255 // RE_DUP_MAX
	unlimited = -1
)

type kind int

const (
	empty kind = iota
	char
	lineStart
	lineEnd
	wordStart
	wordEnd
	wordEdge
	noWordEdge
	group
	backref
	sequence
	choice
	repeat
)

// node is a part of a parsed expression.
type node struct {
	kind     kind
	set      byteSet // of char
	subs     []*node
	n        int // number of a group or back-reference
	min, max int // of repeat; max may be unlimited
	depth    int
}

type byteSet [4]uint64

func (s *byteSet) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *byteSet) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

func (s *byteSet) addRange(from, to byte) {
	for c := int(from); c <= int(to); c++ {
		s.add(byte(c))
	}
}

func (s *byteSet) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// fold adds the other case of each letter.
func (s *byteSet) fold() {
	for c := byte('a'); c <= 'z'; c++ {
		upper := c - 'a' + 'A'
		if s.has(c) || s.has(upper) {
			s.add(c)
			s.add(upper)
		}
	}
}

type parser struct {
	text   string
	pos    int
	start  int // where the innermost group or alternative begins
	ere    bool
	fold   bool
	groups int
	refs   bool
	maxRef int
}

func parse(text string, o Options) (*node, *parser, error) {
	p := &parser{text: text, ere: o.Extended, fold: o.IgnoreCase}
	root, err := p.alternatives(0)
	if err != nil {
		return nil, nil, err
	}
	if p.pos < len(text) { // only \) of a basic expression is left over
		return nil, nil, ErrParen
	}
	if p.maxRef > p.groups {
		return nil, nil, ErrBackref
	}
	return root, p, nil
}

func (p *parser) rest() string { return p.text[p.pos:] }

// at reports whether an operator comes next, which basic expressions write with a backslash.
func (p *parser) at(c byte) bool {
	if p.ere {
		return p.pos < len(p.text) && p.text[p.pos] == c
	}
	return p.pos+1 < len(p.text) && p.text[p.pos] == '\\' && p.text[p.pos+1] == c
}

func (p *parser) width() int {
	if p.ere {
		return 1
	}
	return 2
}

func (p *parser) alternatives(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, ErrSpace
	}
	all := &node{kind: choice}
	for {
		p.start = p.pos
		branch, err := p.branch(depth)
		if err != nil {
			return nil, err
		}
		all.subs = append(all.subs, branch)
		all.depth = max(all.depth, branch.depth+1)
		if !p.at('|') {
			break
		}
		p.pos += p.width()
	}
	if len(all.subs) == 1 {
		return all.subs[0], nil
	}
	return all, nil
}

func (p *parser) branch(depth int) (*node, error) {
	all := &node{kind: sequence}
	for p.pos < len(p.text) && !p.at('|') && (!p.at(')') || p.ere && depth == 0) {
		atom, err := p.atom(depth)
		if err != nil {
			return nil, err
		}
		if p.ere || atom.kind != lineStart || !strings.HasPrefix(p.rest(), "*") { // in a basic expression ^* is a star
			if atom, err = p.repeats(atom); err != nil {
				return nil, err
			}
		}
		all.subs = append(all.subs, atom)
		all.depth = max(all.depth, atom.depth+1)
	}
	return all, nil
}

// repeats reads what follows an atom: * + ? and braces, any number of them.
func (p *parser) repeats(atom *node) (*node, error) {
	for p.pos < len(p.text) {
		r := &node{kind: repeat, subs: []*node{atom}, max: unlimited, depth: atom.depth + 1}
		switch {
		case p.text[p.pos] == '*':
			p.pos++
		case p.at('+'):
			r.min = 1
			p.pos += p.width()
		case p.at('?'):
			r.max = 1
			p.pos += p.width()
		case p.at('{'):
			p.pos += p.width()
			if err := p.braces(r); err != nil {
				return nil, err
			}
		default:
			return atom, nil
		}
		if r.depth > 2*maxDepth {
			return nil, ErrSpace
		}
		if atom.kind >= lineStart && atom.kind <= noWordEdge {
			continue // musl's \>* is \>
		}
		if atom.kind == repeat && atom.min <= 1 && atom.max == unlimited && r.min <= 1 && r.max == unlimited {
			atom.min = min(atom.min, r.min) // a** is a*
			continue
		}
		atom = r
	}
	return atom, nil
}

func (p *parser) braces(r *node) error {
	number := func() (int, bool) {
		n, from := 0, p.pos
		for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
			n = min(n*10+int(p.text[p.pos]-'0'), maxRepeat+1)
			p.pos++
		}
		return n, p.pos > from
	}
	var ok bool
	if r.min, ok = number(); !ok {
		return ErrBrace
	}
	r.max = r.min
	if strings.HasPrefix(p.rest(), ",") {
		p.pos++
		if r.max, ok = number(); !ok {
			r.max = unlimited
		}
	}
	if !p.at('}') || r.min > maxRepeat || r.max > maxRepeat || r.max != unlimited && r.max < r.min {
		return ErrBrace
	}
	p.pos += p.width()
	return nil
}

func (p *parser) atom(depth int) (*node, error) {
	c := p.text[p.pos]
	switch {
	case p.at('('):
		return p.group(depth)
	case c == '[':
		p.pos++
		return p.bracket()
	case c == '.':
		p.pos++
		n := &node{kind: char}
		n.set.invert()
		return n, nil
	case c == '^' && (p.ere || p.pos == p.start):
		p.pos++
		return &node{kind: lineStart}, nil
	case c == '$' && (p.ere || p.endsBranch(p.pos+1)):
		p.pos++
		return &node{kind: lineEnd}, nil
	case c == '\\':
		return p.escape()
	case p.ere && (c == '*' || c == '+' || c == '?' || c == '{'):
		return nil, ErrRepeat
	}
	p.pos++
	return p.literal(c), nil
}

// endsBranch reports whether a branch of a basic expression ends here.
func (p *parser) endsBranch(i int) bool {
	rest := p.text[i:]
	return rest == "" || strings.HasPrefix(rest, `\)`) || strings.HasPrefix(rest, `\|`)
}

func (p *parser) literal(c byte) *node {
	n := &node{kind: char}
	n.set.add(c)
	if p.fold {
		n.set.fold()
	}
	return n
}

func (p *parser) group(depth int) (*node, error) {
	p.pos += p.width()
	p.groups++
	n := &node{kind: group, n: p.groups}
	inner, err := p.alternatives(depth + 1)
	if err != nil {
		return nil, err
	}
	if !p.at(')') {
		return nil, ErrParen
	}
	p.pos += p.width()
	n.subs, n.depth = []*node{inner}, inner.depth+1
	return n, nil
}

// escape reads what begins with a backslash and is no operator.
func (p *parser) escape() (*node, error) {
	if p.pos+1 >= len(p.text) {
		return nil, ErrBackslash
	}
	c := p.text[p.pos+1]
	p.pos += 2
	class := func(name string, inverted bool) (*node, error) {
		n := &node{kind: char, set: classes[name]}
		if name == "alnum" {
			n.set.add('_')
		}
		if inverted {
			n.set.invert()
		}
		return n, nil
	}
	switch c {
	case 't':
		return p.literal('\t'), nil
	case 'n':
		return p.literal('\n'), nil
	case 'r':
		return p.literal('\r'), nil
	case 'f':
		return p.literal('\f'), nil
	case 'a':
		return p.literal('\a'), nil
	case 'e':
		return p.literal('\x1b'), nil
	case 'w', 'W':
		return class("alnum", c == 'W')
	case 's', 'S':
		return class("space", c == 'S')
	case 'd', 'D':
		return class("digit", c == 'D')
	case '<':
		return &node{kind: wordStart}, nil
	case '>':
		return &node{kind: wordEnd}, nil
	case 'b':
		return &node{kind: wordEdge}, nil
	case 'B':
		return &node{kind: noWordEdge}, nil
	case 'x':
		return p.hex(), nil
	case '{', '+', '?':
		if !p.ere {
			return nil, ErrRepeat
		}
	}
	if !p.ere && c >= '1' && c <= '9' {
		p.refs = true
		p.maxRef = max(p.maxRef, int(c-'0'))
		return &node{kind: backref, n: int(c - '0')}, nil
	}
	return p.literal(c), nil
}

// hex reads \xHH or \x{H…}. What is above one byte matches nothing.
func (p *parser) hex() *node {
	most, braced := 2, strings.HasPrefix(p.rest(), "{")
	if braced {
		most = 8
		p.pos++
	}
	value := 0
	for range most {
		if p.pos >= len(p.text) {
			break
		}
		digit := strings.IndexByte("0123456789abcdef", p.text[p.pos]|0x20)
		if digit < 0 || p.text[p.pos] < '0' {
			break
		}
		value = min(value<<4|digit, 1<<20)
		p.pos++
	}
	if braced && strings.HasPrefix(p.rest(), "}") {
		p.pos++
	}
	if value > 0x7f {
		return &node{kind: char}
	}
	return p.literal(byte(value))
}
