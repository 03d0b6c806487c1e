package widget

import "time"

// Frame keeps what a pane drew until its size, its contents or, for what shows ages and countdowns, the second changes.
type Frame struct {
	w, h    int
	clean   bool
	second  int64
	ticking bool
	text    string
}

// Resize sets the size in cells; anything below zero counts as zero.
func (f *Frame) Resize(w, h int) {
	w, h = max(w, 0), max(h, 0)
	if w != f.w || h != f.h {
		f.w, f.h, f.clean = w, h, false
	}
}

// Size returns the size in cells.
func (f *Frame) Size() (w, h int) { return f.w, f.h }

// Invalidate makes the next Draw draw anew.
func (f *Frame) Invalidate() { f.clean = false }

// Draw returns exactly as many lines and cells as the frame has. It calls draw if something has changed since it last
// did. The second result of draw says that the picture is only good for the current second of now.
func (f *Frame) Draw(now time.Time, tail string, draw func(w, h int) (lines []string, ticking bool)) string {
	if f.clean && (!f.ticking || f.second == now.Unix()) {
		return f.text
	}
	var lines []string
	f.ticking = false
	if f.w > 0 && f.h > 0 {
		lines, f.ticking = draw(f.w, f.h)
	}
	f.text = Block(lines, f.w, f.h, tail)
	f.clean, f.second = true, now.Unix()
	return f.text
}

// Ticking reports whether the last picture shows something that changes with time.
func (f *Frame) Ticking() bool { return f.ticking }
