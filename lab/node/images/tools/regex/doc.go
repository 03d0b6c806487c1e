// Package regex matches POSIX basic and extended regular expressions on bytes, as musl's regcomp and regexec do for
// BusyBox: leftmost-longest, back-references in basic expressions, GNU's \+ \? \| \w \b \< and musl's error texts.
// Package regexp knows neither back-references nor \< nor these texts, and it cannot be interrupted.
//
// It refuses expressions that nest or grow too far, with musl's "Out of memory". Without back-references the time is
// bounded by the product of text and expression; with them it is not, as nowhere. Matching ends with its context in
// either case.
//
// A Regexp never changes once it is made and may be used by many goroutines.
package regex
