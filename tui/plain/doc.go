// Package plain shows the labs as plain lines with prompts: for screen readers, for terminals that cannot draw, and for
// pipes. Nothing is repainted, nothing is coloured, nothing is drawn with characters; each line makes sense when it is
// read aloud, and states are words. The last line always names the next sensible thing and the key for it. What happens
// while a line is being typed is told after it.
//
// The goroutine that calls Run owns what was said, the question that is open and the answers given. Read has a goroutine
// of its own, which owns the line being typed. Run refuses to read the keyboard itself: lines come from whoever calls it,
// so that their end is an end like any other.
package plain
