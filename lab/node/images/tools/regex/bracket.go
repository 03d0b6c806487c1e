package regex

import "strings"

// classes are the sets of [[:name:]] in the C locale.
var classes = map[string]byteSet{
	"alnum":  ranges('0', '9', 'A', 'Z', 'a', 'z'),
	"alpha":  ranges('A', 'Z', 'a', 'z'),
	"blank":  ranges(' ', ' ', '\t', '\t'),
	"cntrl":  ranges(0, 31, 127, 127),
	"digit":  ranges('0', '9'),
	"graph":  ranges('!', '~'),
	"lower":  ranges('a', 'z'),
	"print":  ranges(' ', '~'),
	"punct":  ranges('!', '/', ':', '@', '[', '`', '{', '~'),
	"space":  ranges('\t', '\r', ' ', ' '),
	"upper":  ranges('A', 'Z'),
	"xdigit": ranges('0', '9', 'A', 'F', 'a', 'f'),
}

func ranges(ends ...byte) (s byteSet) {
	for i := 0; i < len(ends); i += 2 {
		s.addRange(ends[i], ends[i+1])
	}
	return s
}

// bracket reads [...] after its opening.
func (p *parser) bracket() (*node, error) {
	n := &node{kind: char}
	inverted := strings.HasPrefix(p.rest(), "^")
	if inverted {
		p.pos++
	}
	for first := true; ; first = false {
		if p.pos >= len(p.text) {
			return nil, ErrBracket
		}
		c := p.text[p.pos]
		if c == ']' && !first {
			p.pos++
			break
		}
		if c == '-' && !first && !strings.HasPrefix(p.rest(), "-]") {
			return nil, ErrRange // as musl has it: a dash is first, last, or between two
		}
		if strings.HasPrefix(p.rest(), "[:") {
			if err := p.class(&n.set); err != nil {
				return nil, err
			}
			continue
		}
		if strings.HasPrefix(p.rest(), "[.") || strings.HasPrefix(p.rest(), "[=") {
			return nil, ErrCollate
		}
		p.pos++
		to := c
		if strings.HasPrefix(p.rest(), "-") && !strings.HasPrefix(p.rest(), "-]") {
			p.pos++
			if p.pos >= len(p.text) {
				return nil, ErrBracket
			}
			to = p.text[p.pos]
			if strings.HasPrefix(p.rest(), "[.") || strings.HasPrefix(p.rest(), "[=") {
				return nil, ErrCollate
			}
			p.pos++
			if to < c {
				return nil, ErrRange
			}
		}
		n.set.addRange(c, to)
	}
	if p.fold {
		n.set.fold()
	}
	if inverted {
		n.set.invert()
	}
	return n, nil
}

func (p *parser) class(set *byteSet) error {
	name, _, ok := strings.Cut(p.text[p.pos+2:], ":")
	if !ok {
		return ErrClass
	}
	members, known := classes[name]
	p.pos += 2 + len(name) + 1
	if !known || !strings.HasPrefix(p.rest(), "]") {
		return ErrClass
	}
	p.pos++
	for i := range set {
		set[i] |= members[i]
	}
	return nil
}
