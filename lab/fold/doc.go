// Package fold is the state that a journal's entries add up to.
//
// A State depends on nothing but its entries: Apply reads no clock, does no input or output and starts nothing, so that the
// same entries give the same snapshots again, in a session that goes on as in one that is long over. Whoever owns a State
// calls its methods from one goroutine; snapshots may go anywhere and are never changed.
//
// The package decides nothing: the session acts on what has happened, and the faces show it.
package fold
