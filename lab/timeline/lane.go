package timeline

import (
	"iter"
	"slices"
	"time"
)

// Span is a state that held from From on.
type Span[T any] struct {
	From Instant
	To   Instant // zero while it holds
	Is   T
}

// Open reports whether the state still holds.
func (s Span[T]) Open() bool { return s.To.IsZero() }

// Spans are the states of one thing, in order and without overlap. There may be time between two of them of which nothing is
// known.
type Spans[T any] struct {
	past []Span[T]
	last Span[T] // the open one
	open bool
	// Dropped is how many of the oldest are not kept any more.
	Dropped int
}

// Len is how many there are.
func (s Spans[T]) Len() int {
	if s.open {
		return len(s.past) + 1
	}
	return len(s.past)
}

// Last is the latest one; ok is false if there is none.
func (s Spans[T]) Last() (last Span[T], ok bool) {
	switch {
	case s.open:
		return s.last, true
	case len(s.past) > 0:
		return s.past[len(s.past)-1], true
	}
	return Span[T]{}, false
}

// At is the one that held at a time; ok is false if none is known to have.
func (s Spans[T]) At(t time.Time) (at Span[T], ok bool) {
	if s.open && !t.Before(s.last.From.At) {
		return s.last, true
	}
	i := s.endsAfter(t)
	if i == len(s.past) || t.Before(s.past[i].From.At) {
		return Span[T]{}, false
	}
	return s.past[i], true
}

// In are those that held at some time from from on and before to, in order. It takes the logarithm of their number to find
// the first.
func (s Spans[T]) In(from, to time.Time) iter.Seq[Span[T]] {
	return func(yield func(Span[T]) bool) {
		for _, span := range s.past[s.endsAfter(from):] {
			if !span.From.At.Before(to) {
				return
			}
			if !yield(span) {
				return
			}
		}
		if s.open && s.last.From.At.Before(to) {
			yield(s.last)
		}
	}
}

// All are all of them, in order.
func (s Spans[T]) All() iter.Seq[Span[T]] {
	return func(yield func(Span[T]) bool) {
		for _, span := range s.past {
			if !yield(span) {
				return
			}
		}
		if s.open {
			yield(s.last)
		}
	}
}

// endsAfter is the index of the first of past that ends after t.
func (s Spans[T]) endsAfter(t time.Time) int {
	i, _ := slices.BinarySearchFunc(s.past, t, func(span Span[T], t time.Time) int {
		if span.To.At.After(t) {
			return 1
		}
		return -1
	})
	return i
}

// Attempts are the attempts at one probe that one witness has told of, in the order in which they ended.
type Attempts struct {
	all []Attempt
	// ends are those of all, counted from zero: they lie close together in memory, where they are searched.
	ends []time.Duration
	zero time.Time
	// Dropped is how many of the oldest are not kept any more.
	Dropped int
}

// Len is how many there are.
func (a Attempts) Len() int { return len(a.all) }

// All are all of them. They must not be changed.
func (a Attempts) All() []Attempt { return slices.Clip(a.all) }

// In are those that ended from from on and before to. They must not be changed.
func (a Attempts) In(from, to time.Time) []Attempt {
	i, j := a.from(from), a.from(to)
	return slices.Clip(a.all[i:max(i, j)])
}

// Cells are those of n cells in a row, each so wide, the first of which begins at from: to draw a lane. It is faster than to
// ask for one after the other.
func (a Attempts) Cells(from time.Time, width time.Duration, n int) iter.Seq2[int, []Attempt] {
	return func(yield func(int, []Attempt) bool) {
		i := a.from(from)
		for cell := range n {
			end := from.Add(time.Duration(cell+1) * width).Sub(a.zero)
			j, ahead := i, 1
			for j+ahead <= len(a.ends) && a.ends[j+ahead-1] < end { // they are near
				j, ahead = j+ahead, 2*ahead
			}
			n, _ := slices.BinarySearch(a.ends[j:min(j+ahead, len(a.ends))], end)
			j += n
			if !yield(cell, slices.Clip(a.all[i:j])) {
				return
			}
			i = j
		}
	}
}

// At is the last one that had ended at a time; ok is false if none is known.
func (a Attempts) At(t time.Time) (at Attempt, ok bool) {
	i := a.from(t.Add(1)) - 1
	if i < 0 {
		return Attempt{}, false
	}
	return a.all[i], true
}

// from is the index of the first that ended at t or later.
func (a Attempts) from(t time.Time) int {
	i, _ := slices.BinarySearch(a.ends, t.Sub(a.zero))
	return i
}
