package regex

import "context"

// maxBacktrack bounds what one match with back-references remembers, in steps of 24 bytes.
const maxBacktrack = 1 << 20

// checkEvery is how many steps are taken between two looks at the context.
const checkEvery = 1 << 14

// Find returns the bounds of the leftmost-longest match and of its groups, as pairs that are -1 where a group has no
// part in it; nil: no match. With notStart ^ does not match at the beginning of the text. The error is ctx's, or
// ErrSpace when the back-references of an expression need too much.
func (r *Regexp) Find(ctx context.Context, text []byte, notStart bool) ([]int, error) {
	return r.find(ctx, text, notStart, 2*(r.groups+1))
}

// Match reports whether the text has a match.
func (r *Regexp) Match(ctx context.Context, text []byte) (bool, error) {
	loc, err := r.find(ctx, text, false, 2)
	return loc != nil, err
}

func (r *Regexp) find(ctx context.Context, text []byte, notStart bool, bounds int) ([]int, error) {
	if r.refs {
		return r.backtrack(ctx, text, notStart)
	}
	m, ok := r.machines.Get().(*machine)
	if !ok {
		m = &machine{r: r, now: newThreads(len(r.program)), next: newThreads(len(r.program)), bounds: bounds}
	}
	if m.bounds != bounds {
		m.bounds, m.spare = bounds, nil
	}
	m.ctx, m.text, m.notStart, m.best = ctx, text, notStart, nil
	found, err := m.run()
	m.now.dense, m.next.dense, m.text = m.now.dense[:0], m.next.dense[:0], nil
	r.machines.Put(m)
	return found, err
}

// copied is a copy of bounds, in a slice that is no longer used if there is one.
func (m *machine) copied(caps []int) []int {
	if n := len(m.spare); n > 0 {
		s := m.spare[n-1]
		m.spare = m.spare[:n-1]
		copy(s, caps)
		return s
	}
	return append([]int(nil), caps...)
}

// machine follows every way through the program at once, one byte after the other.
type machine struct {
	r         *Regexp
	ctx       context.Context
	text      []byte
	notStart  bool
	bounds    int
	now, next *threads
	stack     []frame
	spare     [][]int
	best      []int
	steps     int
}

// threads is a set of program positions in order of preference.
type threads struct {
	sparse []int32
	dense  []thread
}

type thread struct {
	pc   int32
	caps []int
}

// frame is what add has still to do: go on at pc, or give a bound its old value back.
type frame struct{ pc, bound, old int }

func newThreads(n int) *threads { return &threads{sparse: make([]int32, n)} }

func (t *threads) has(pc int) bool {
	i := t.sparse[pc]
	return int(i) < len(t.dense) && t.dense[i].pc == int32(pc)
}

func (m *machine) run() ([]int, error) {
	start := make([]int, m.bounds)
	for i := range start {
		start[i] = -1
	}
	for pos := 0; ; pos++ {
		if len(m.now.dense) == 0 {
			if m.best != nil {
				break
			}
			if !m.r.nullable {
				for pos < len(m.text) && !m.r.first.has(m.text[pos]) {
					pos++
				}
				if pos == len(m.text) {
					break
				}
			}
		}
		if m.best == nil {
			start[0] = pos
			m.add(m.now, 0, pos, start)
		}
		if err := m.step(pos); err != nil {
			return nil, err
		}
		if pos >= len(m.text) {
			break
		}
	}
	return m.best, nil
}

// step lets every thread take the byte at pos.
func (m *machine) step(pos int) error {
	if m.steps += len(m.now.dense) + 1; m.steps >= checkEvery {
		m.steps = 0
		if err := m.ctx.Err(); err != nil {
			return err
		}
	}
	for _, t := range m.now.dense {
		if t.caps == nil {
			continue // it was only passed
		}
		i := &m.r.program[t.pc]
		switch {
		case m.best != nil && t.caps[0] > m.best[0]:
		case i.op == opMatch:
			if m.best == nil || t.caps[0] < m.best[0] || pos > m.best[1] {
				m.best = append(m.best[:0], t.caps...)
				m.best[1] = pos
			}
		case pos < len(m.text) && i.set.has(m.text[pos]):
			m.add(m.next, int(t.pc)+1, pos+1, t.caps)
		}
		m.spare = append(m.spare, t.caps)
	}
	m.now.dense = m.now.dense[:0]
	m.now, m.next = m.next, m.now
	return nil
}

// add puts what is reached from pc without taking a byte into a set, the preferred first.
func (m *machine) add(to *threads, pc, pos int, caps []int) {
	m.stack = append(m.stack[:0], frame{pc: pc})
	for len(m.stack) > 0 {
		f := m.stack[len(m.stack)-1]
		m.stack = m.stack[:len(m.stack)-1]
		if f.bound > 0 {
			caps[f.bound] = f.old
			continue
		}
		m.steps++
		if to.has(f.pc) {
			continue
		}
		to.sparse[f.pc] = int32(len(to.dense))
		to.dense = append(to.dense, thread{pc: int32(f.pc)})
		switch i := m.r.program[f.pc]; i.op {
		case opChar, opMatch:
			to.dense[len(to.dense)-1].caps = m.copied(caps)
			continue
		case opSplit:
			m.stack = append(m.stack, frame{pc: i.y}, frame{pc: i.x})
		case opJump:
			m.stack = append(m.stack, frame{pc: i.x})
		case opSave:
			if i.x < m.bounds {
				m.stack = append(m.stack, frame{bound: i.x, old: caps[i.x]})
				caps[i.x] = pos
			}
			m.stack = append(m.stack, frame{pc: f.pc + 1})
		default:
			if holds(i.op, m.text, pos, m.notStart) {
				m.stack = append(m.stack, frame{pc: f.pc + 1})
			}
		}
	}
}
