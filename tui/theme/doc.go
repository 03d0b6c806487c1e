// Package theme says how things look: palettes of colour tokens, the Style made from one (named lipgloss styles and
// glyphs), and the themes by name. Components take a Style and nothing else.
//
// It owns no state and starts no goroutine; a Style is a value that is never changed after New made it. It refuses to
// know what is drawn: there is a style for "bad", none for "CrashLoopBackOff". Colour never carries a meaning alone, so
// whoever uses Good, Warn or Bad writes a glyph or a word beside it.
package theme
