// Package language decides which language the user reads, before the command line is parsed, and tells errors in it.
//
// It has no state and no goroutines, and keeps no texts: those stand beside the code that they are about, as lab.Text.
package language
