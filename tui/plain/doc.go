// Package plain shows the labs as plain lines with prompts: for screen readers, for terminals that cannot draw, and for
// pipes. Nothing is repainted, nothing is coloured, nothing is drawn with characters; each line makes sense when it is
// read aloud, and states are words. The last line always names the next sensible thing and the key for it.
//
// It owns what was said, the question that is open and the answers given; the goroutine that calls Run owns all of it. It
// refuses to read the keyboard itself: lines come from whoever calls Run, so that their end is an end like any other.
package plain
