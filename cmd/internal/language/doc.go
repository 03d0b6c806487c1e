// Package language decides which language the user reads, before the command line is parsed, and tells errors in it.
//
// It has no state and no goroutines, and refuses to keep texts: those are beside what they are about, as lab.Text.
package language
