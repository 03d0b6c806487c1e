package regex

import (
	"bytes"
	"context"
)

// backtrack tries every way through the program, as back-references ask for, and keeps the longest match of the first
// position that has one.
func (r *Regexp) backtrack(ctx context.Context, text []byte, notStart bool) ([]int, error) {
	b := &backtracker{
		r: r, ctx: ctx, text: text, notStart: notStart,
		caps: make([]int, 2*(r.groups+1)), last: make([]int, len(r.program)),
	}
	for start := 0; start <= len(text); start++ {
		if !r.nullable && (start == len(text) || !r.first.has(text[start])) {
			continue
		}
		if err := b.from(start); err != nil || b.best != nil {
			return b.best, err
		}
	}
	return nil, ctx.Err()
}

type backtracker struct {
	r        *Regexp
	ctx      context.Context
	text     []byte
	notStart bool
	caps     []int
	last     []int // where each split was last passed on this way; a loop that takes nothing is left
	stack    []undo
	best     []int
	steps    int
}

// undo is a way not yet tried, or what to give back before it: a bound of a group (pos is its old value), or a split's
// last position.
type undo struct {
	what undoKind
	at   int32
	pos  int
}

type undoKind int8

const (
	tryAt undoKind = iota
	restoreBound
	restoreLast
)

func (b *backtracker) from(start int) error {
	for i := range b.caps {
		b.caps[i] = -1
	}
	for i := range b.last {
		b.last[i] = -1
	}
	b.caps[0] = start
	b.stack = append(b.stack[:0], undo{what: tryAt, pos: start})
	for len(b.stack) > 0 {
		u := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		switch u.what {
		case restoreBound:
			b.caps[u.at] = u.pos
		case restoreLast:
			b.last[u.at] = u.pos
		default:
			if err := b.follow(int(u.at), u.pos); err != nil {
				return err
			}
			if b.best != nil && b.best[1] == len(b.text) {
				return nil // nothing is longer
			}
		}
	}
	return nil
}

// follow goes one way until it fails or matches, and leaves the others on the stack.
func (b *backtracker) follow(pc, pos int) error {
	for {
		if b.steps++; b.steps >= checkEvery {
			b.steps = 0
			if err := b.ctx.Err(); err != nil {
				return err
			}
			if len(b.stack) > maxBacktrack {
				return ErrSpace
			}
		}
		switch i := &b.r.program[pc]; i.op {
		case opChar:
			if pos == len(b.text) || !i.set.has(b.text[pos]) {
				return nil
			}
			pc, pos = pc+1, pos+1
		case opSplit:
			if b.last[pc] == pos {
				return nil
			}
			b.stack = append(b.stack, undo{restoreLast, int32(pc), b.last[pc]}, undo{tryAt, int32(i.y), pos})
			b.last[pc] = pos
			pc = i.x
		case opJump:
			pc = i.x
		case opSave:
			b.stack = append(b.stack, undo{restoreBound, int32(i.x), b.caps[i.x]})
			b.caps[i.x] = pos
			pc++
		case opBackref:
			from, to := b.caps[2*i.x], b.caps[2*i.x+1]
			if from < 0 || to < from {
				from, to = 0, 0 // a group that has no part in the match is empty
			}
			if !bytes.HasPrefix(b.text[pos:], b.text[from:to]) {
				return nil
			}
			pc, pos = pc+1, pos+to-from
			b.steps += (to - from) / 64
		case opMatch:
			if b.best == nil || pos > b.best[1] {
				b.best = append(b.best[:0], b.caps...)
				b.best[1] = pos
			}
			return nil
		default:
			if !holds(i.op, b.text, pos, b.notStart) {
				return nil
			}
			pc++
		}
	}
}
