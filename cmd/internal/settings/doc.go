// Package settings holds the user's own defaults: the settings file, and the directories that healthlab uses unless a flag
// names others.
//
// It reads, strictly, and refuses to write. Which of the defaults a flag overrules is not its to decide. It has no state and
// no goroutines.
package settings
