// Package plain shows the labs as plain lines with prompts: for screen readers, for terminals that cannot draw, and for
// pipes. Nothing is repainted, coloured or drawn with characters. Each line makes sense when it is read aloud, and states
// are words. The last line names the sensible next thing and what to type for it. What happens while a line is being typed is
// told after it.
//
// The goroutine that calls Run owns what was said, the open question and the answers given. Read has a goroutine of its
// own, which owns the line being typed. Run refuses to read the keyboard itself: its caller hands it lines, and the end of
// the lines is its end.
package plain
