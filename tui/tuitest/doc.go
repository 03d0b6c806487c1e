// Package tuitest holds what tests of the console share: a session that only counts what it is asked, and labs and
// snapshots to draw. Only tests import it.
package tuitest
