// Package replay shows a run that is over as it was: a Recording is what a journal's file holds, and a Player publishes it
// again, at the speed that the user wants.
//
// A Player is to a console what a session is: Subscribe gives snapshots, facts and entries up to the position, and Do refuses.
// What a snapshot shows is what package fold makes of the entries, in a replay as in a session. When the position jumps back,
// the player's journal begins anew and says so to its readers (journal.Batch.Anew). Now is the clock for whoever shows how long
// ago something was.
//
// A Recording is read once and held in memory, bounded; what of a file has no room there, or cannot be read, is left out and
// said (Recording.Missing). It is never changed, so it may be used from any goroutine. So may a Player: a mutex guards it, and
// whoever moves it waits until the position is reached. The goroutine in Run plays.
//
// Positions count the time that has passed while recording. A clock that was set back does not pass, and one that leaps, as that
// of a suspended machine does, passes ten minutes at most.
//
// The texts of labs and manifests are not in a journal: those of today are shown, and Recording.Compare says what has changed.
//
// The package refuses clusters, files and faces: it is given an io.Reader.
package replay
