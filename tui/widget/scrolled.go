package widget

import tea "charm.land/bubbletea/v2"

// Scrolled is what a pane of lines that scroll embeds: its picture, and which lines of it are in sight.
type Scrolled struct {
	Frame  Frame
	Scroll Scroll
	reveal int // the line that is to be brought into sight, counted from 1; 0 for none
}

// Reveal brings line i into sight when the lines are drawn next, and keeps it there.
func (s *Scrolled) Reveal(i int) {
	s.reveal = i + 1
	s.Frame.Invalidate()
}

// Window returns the lines in sight, from inclusive to exclusive, of so many, if height of them can be seen.
func (s *Scrolled) Window(total, height int) (from, to int) {
	s.Scroll.Fit(total, height)
	if s.reveal > 0 {
		s.Scroll.Show(s.reveal - 1)
		s.Scroll.Hold() // new lines would push it out of sight
		s.reveal = 0
	}
	return s.Scroll.Window()
}

// SetSize sets the size inside the border, in cells.
func (s *Scrolled) SetSize(w, h int) { s.Frame.Resize(w, h) }

// Animated reports whether something on the screen changes with time.
func (s *Scrolled) Animated() bool { return s.Frame.Ticking() }

// ScrollBy scrolls n lines down.
func (s *Scrolled) ScrollBy(n int) {
	s.Scroll.By(n)
	s.Frame.Invalidate()
}

// ScrollKey scrolls if msg is one of ScrollKeys, and reports whether it was.
func (s *Scrolled) ScrollKey(msg tea.KeyPressMsg) bool {
	if !s.Scroll.HandleKey(msg) {
		return false
	}
	s.Frame.Invalidate()
	return true
}
