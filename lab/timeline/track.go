package timeline

import (
	"slices"
)

// How much is kept. What comes first is dropped first.
const (
	maxKept        = 200_000 // attempts and spans of all lanes: some 30 MB
	maxAttempts    = 16_384  // of a lane
	maxSpans       = 1024    // of a lane
	maxPods        = 256     // those that are gone are dropped first
	maxContainers  = 512     // of all pods
	maxServices    = 64
	maxMembers     = 256 // of a service
	maxDeployments = 64
	maxActs        = 512
	maxGaps        = 512
	maxEpisodes    = 256
	maxShifts      = 256 // of the clock
	maxEvents      = 2048
	maxEarly       = 512 // events about pods that are not known yet
	maxNodes       = 64
	maxLines       = 6           // of a log that tell when a probe is asked
	maxText        = 256         // letters of a text
	longText       = 4 * maxText // bytes of one that is looked at
)

// track is a lane while it is made.
type track interface {
	len() int
	// trim drops the n oldest.
	trim(n int)
}

// spans are a lane of states while it is made.
type spans[T comparable] struct {
	Spans[T]
	kept *int // by all lanes
}

func (s *spans[T]) len() int { return len(s.past) }

func (s *spans[T]) trim(n int) {
	s.past = s.past[n:]
	s.Dropped += n
	*s.kept -= n
}

// set says that from an instant on the state is another one, or still the same. It reports whether it is another one.
func (s *spans[T]) set(at Instant, is T) bool {
	if s.open && s.last.Is == is {
		return false
	}
	s.end(at)
	s.last, s.open = Span[T]{From: at.after(s.ended()), Is: is}, true
	return true
}

// end says that from an instant on nothing is known of a state.
func (s *spans[T]) end(at Instant) {
	if !s.open {
		return
	}
	s.last.To = at.after(s.last.From)
	s.past = append(s.past, s.last)
	s.last, s.open = Span[T]{}, false
	if *s.kept++; len(s.past) > maxSpans {
		s.trim(1)
	}
}

// ended is when the last of past did.
func (s *spans[T]) ended() Instant {
	if len(s.past) == 0 {
		return Instant{}
	}
	return s.past[len(s.past)-1].To
}

// split says of a state of the past that it was another one from an instant on.
func (s *spans[T]) split(at Instant, of func(T) bool, to func(T) T) bool {
	i := s.endsAfter(at.At)
	if i == len(s.past) || at.At.Before(s.past[i].From.At) || !of(s.past[i].Is) {
		return false
	}
	before := s.past[i]
	before.To = at.after(before.From)
	later := Span[T]{From: before.To, To: s.past[i].To.after(before.To), Is: to(before.Is)}
	past := slices.Concat(s.past[:i], []Span[T]{before, later}, s.past[i+1:]) // views have the old one
	s.past = past
	if *s.kept++; len(s.past) > maxSpans {
		s.trim(1)
	}
	return true
}

func (s *spans[T]) view() Spans[T] {
	v := s.Spans
	v.past = slices.Clip(v.past)
	return v
}

// attempts are a lane of attempts while it is made.
type attempts struct {
	Attempts
	shared bool // a view has all
	kept   *int // by all lanes
}

func (a *attempts) len() int { return len(a.all) }

func (a *attempts) trim(n int) {
	a.all, a.ends = a.all[n:], a.ends[n:]
	a.Dropped += n
	*a.kept -= n
}

// add puts an attempt where it belongs: at the end unless it was told late.
func (a *attempts) add(one Attempt) {
	n := len(a.all)
	if n > 0 && one.Message == a.all[n-1].Message {
		one.Message = a.all[n-1].Message // one text in memory for all of them
	}
	if n == 0 && a.zero.IsZero() {
		a.zero = one.Ended.At
	}
	end := one.Ended.At.Sub(a.zero)
	i := a.from(one.Ended.At.Add(1))
	switch {
	case i == n:
		a.all, a.ends = append(a.all, one), append(a.ends, end)
	case i == 0 && a.Dropped > 0:
		a.Dropped++
		return
	case a.shared:
		a.all = slices.Insert(slices.Clone(a.all), i, one)
		a.ends = slices.Insert(slices.Clone(a.ends), i, end)
		a.shared = false
	default:
		a.all, a.ends = slices.Insert(a.all, i, one), slices.Insert(a.ends, i, end)
	}
	if *a.kept++; len(a.all) > maxAttempts {
		a.trim(1)
	}
}

func (a *attempts) view() Attempts {
	a.shared = true
	v := a.Attempts
	v.all, v.ends = slices.Clip(v.all), slices.Clip(v.ends)
	return v
}

// push appends to what views share, and drops the oldest beyond a limit.
func push[T any](all []T, one T, limit int, dropped *int) []T {
	all = append(all, one)
	if over := len(all) - limit; over > 0 {
		*dropped += over
		all = all[over:]
	}
	return all
}
