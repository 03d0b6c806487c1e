// Package settings holds the user's own defaults: the settings file, and the directories that healthlab uses unless a flag
// names others.
//
// It reads strictly and never writes. The callers decide which defaults a flag overrides. The package has no state and no
// goroutines.
package settings
