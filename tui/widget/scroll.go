package widget

// Scroll is a window of Height lines onto Total lines. The zero value shows the first lines; NewScroll(true) follows the
// last ones until it is scrolled up, and again once it is scrolled to the end.
type Scroll struct {
	total, height, offset int
	followable, following bool
}

// NewScroll returns a window that follows the end, or stays at the beginning.
func NewScroll(follow bool) Scroll { return Scroll{followable: follow, following: follow} }

// Fit sets how many lines there are and how many can be seen.
func (s *Scroll) Fit(total, height int) {
	s.total, s.height = max(total, 0), max(height, 0)
	s.clamp()
}

// By scrolls n lines down, or up if n is negative.
func (s *Scroll) By(n int) {
	s.offset += n
	s.clampOffset()
	s.following = s.followable && s.offset == s.last()
}

// Page scrolls n windows down, leaving one line in sight.
func (s *Scroll) Page(n int) { s.By(n * max(s.height-1, 1)) }

// Top goes to the first line.
func (s *Scroll) Top() { s.By(-s.total) }

// Bottom goes to the last line.
func (s *Scroll) Bottom() { s.By(s.total) }

// Show scrolls as little as needed for line i to be seen.
func (s *Scroll) Show(i int) {
	switch {
	case i < s.offset:
		s.By(i - s.offset)
	case i >= s.offset+s.height:
		s.By(i - s.offset - s.height + 1)
	}
}

// Hold keeps what is in sight there, although new lines come.
func (s *Scroll) Hold() { s.following = false }

// Window returns the lines in sight, from inclusive to exclusive.
func (s *Scroll) Window() (from, to int) { return s.offset, min(s.offset+s.height, s.total) }

// Total is how many lines there are.
func (s *Scroll) Total() int { return s.total }

// Following reports whether new lines scroll into sight.
func (s *Scroll) Following() bool { return s.following }

// More reports whether there are lines above and below.
func (s *Scroll) More() (above, below bool) { return s.offset > 0, s.offset < s.last() }

func (s *Scroll) last() int { return max(s.total-s.height, 0) }

func (s *Scroll) clamp() {
	if s.following {
		s.offset = s.last()
	}
	s.clampOffset()
}

func (s *Scroll) clampOffset() { s.offset = min(max(s.offset, 0), s.last()) }

// Dropped says that the first n lines are gone, so that the lines in sight stay in sight.
func (s *Scroll) Dropped(n int) {
	if !s.following {
		s.offset = max(s.offset-n, 0)
	}
}

// Dropped returns how many elements at the start of before are no longer in after, which continues it.
func Dropped[T comparable](before, after []T) int {
	if len(after) == 0 {
		return len(before)
	}
	for i := range before {
		if before[i] == after[0] {
			return i
		}
	}
	return len(before)
}
