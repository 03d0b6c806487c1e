package regex

import "sync"

// Options say how an expression is read.
type Options struct {
	Extended   bool
	IgnoreCase bool // of ASCII letters, as in the C locale
}

// maxProgram is how many instructions an expression may have.
const maxProgram = 1 << 15

type op uint8

const (
	opChar op = iota
	opSplit
	opJump
	opSave
	opLineStart
	opLineEnd
	opWordStart
	opWordEnd
	opWordEdge
	opNoWordEdge
	opBackref
	opMatch
)

// inst is an instruction of a matching machine. A split prefers x to y.
type inst struct {
	op   op
	x, y int // where it goes on; of opSave and opBackref x is the number
	set  *byteSet
}

// Regexp is a compiled expression.
type Regexp struct {
	program  []inst
	groups   int
	refs     bool
	nullable bool    // it may match nothing
	first    byteSet // what a match can begin with, unless it is nullable
	machines sync.Pool
}

// Compile reads an expression. The error is an Error.
func Compile(text string, o Options) (*Regexp, error) {
	root, p, err := parse(text, o)
	if err != nil {
		return nil, err
	}
	c := &compiler{}
	if !c.emit(root) || !c.add(inst{op: opMatch}) {
		return nil, ErrSpace
	}
	r := &Regexp{program: c.program, groups: p.groups, refs: p.refs}
	r.findFirst()
	return r, nil
}

// Groups returns how many groups the expression has.
func (r *Regexp) Groups() int { return r.groups }

type compiler struct{ program []inst }

func (c *compiler) add(i inst) bool {
	c.program = append(c.program, i)
	return len(c.program) <= maxProgram
}

// emit appends the instructions of a node; false: they are too many. Its depth is bounded by the parser.
func (c *compiler) emit(n *node) bool {
	switch n.kind {
	case empty:
		return true
	case char:
		return c.add(inst{op: opChar, set: &n.set})
	case group:
		return c.add(inst{op: opSave, x: 2 * n.n}) && c.emit(n.subs[0]) && c.add(inst{op: opSave, x: 2*n.n + 1})
	case backref:
		return c.add(inst{op: opBackref, x: n.n})
	case sequence:
		for _, s := range n.subs {
			if !c.emit(s) {
				return false
			}
		}
		return true
	case choice:
		return c.choice(n.subs)
	case repeat:
		return c.repeat(n)
	default:
		return c.add(inst{op: map[kind]op{
			lineStart: opLineStart, lineEnd: opLineEnd, wordStart: opWordStart, wordEnd: opWordEnd,
			wordEdge: opWordEdge, noWordEdge: opNoWordEdge,
		}[n.kind]})
	}
}

func (c *compiler) choice(subs []*node) bool {
	var ends []int
	for i, s := range subs {
		split := len(c.program)
		last := i == len(subs)-1
		if !last && !c.add(inst{op: opSplit, x: split + 1}) {
			return false
		}
		if !c.emit(s) {
			return false
		}
		if !last {
			ends = append(ends, len(c.program))
			if !c.add(inst{op: opJump}) {
				return false
			}
			c.program[split].y = len(c.program)
		}
	}
	for _, e := range ends {
		c.program[e].x = len(c.program)
	}
	return true
}

func (c *compiler) repeat(n *node) bool {
	for range n.min {
		if !c.emit(n.subs[0]) {
			return false
		}
	}
	if n.max == unlimited {
		split := len(c.program)
		if !c.add(inst{op: opSplit, x: split + 1}) || !c.emit(n.subs[0]) || !c.add(inst{op: opJump, x: split}) {
			return false
		}
		c.program[split].y = len(c.program)
		return true
	}
	var splits []int
	for range n.max - n.min {
		splits = append(splits, len(c.program))
		if !c.add(inst{op: opSplit, x: len(c.program) + 1}) || !c.emit(n.subs[0]) {
			return false
		}
	}
	for _, s := range splits {
		c.program[s].y = len(c.program)
	}
	return true
}

// findFirst finds what a match can begin with.
func (r *Regexp) findFirst() {
	seen := make([]bool, len(r.program))
	todo := []int{0}
	for len(todo) > 0 {
		pc := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		switch i := r.program[pc]; i.op {
		case opChar:
			for k := range r.first {
				r.first[k] |= i.set[k]
			}
		case opSplit:
			todo = append(todo, i.x, i.y)
		case opJump:
			todo = append(todo, i.x)
		case opMatch, opBackref:
			r.nullable = true
		default:
			todo = append(todo, pc+1)
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// holds reports whether an assertion is true between two bytes. Outside the text there is no word, but both ends of the
// text are edges, whatever is beside them.
func holds(o op, text []byte, pos int, notStart bool) bool {
	before := pos > 0 && isWord(text[pos-1])
	after := pos < len(text) && isWord(text[pos])
	switch o {
	case opLineStart:
		return pos == 0 && !notStart
	case opLineEnd:
		return pos == len(text)
	case opWordStart:
		return !before && after
	case opWordEnd:
		return before && !after
	case opWordEdge:
		return pos == 0 || pos == len(text) || before != after
	default:
		return pos > 0 && pos < len(text) && before == after
	}
}
