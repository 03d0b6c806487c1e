package widget

import tea "charm.land/bubbletea/v2"

// Scrolled is what a pane of lines that scroll embeds: its picture, and which lines of it are in sight.
type Scrolled struct {
	Frame  Frame
	Scroll Scroll
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
