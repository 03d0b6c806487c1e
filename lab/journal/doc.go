// Package journal holds what happened in a session: a stream of entries that is only ever appended to, the readers that
// follow it, and the form in which it is written to a file.
//
// A Journal belongs to one goroutine, its owner, which alone calls Append, Publish and Close. Append adds an entry;
// Publish makes the entries so far visible, with the snapshot that they add up to, and wakes the readers. Neither waits
// for anybody. Any number of goroutines may Subscribe; each Reader belongs to the goroutine that made it.
//
// A Reader takes what there is when it wants to: the newest snapshot and every fact before it, and the entries if it has
// asked for them. It keeps no queue of its own, only its place in the journal, so a reader that is slow, that has stopped
// or that has panicked costs the owner and the other readers nothing. What a Journal keeps is bounded in number and size.
// A reader that falls further behind than that goes on with the oldest that is left, and is told how many it has lost.
//
// The journal of a replay keeps everything (NewReplay) and may begin anew (Rewind), of which its readers are told.
//
// A file is one line of JSON for each entry, after a line with the version. A Decoder reads it whether or not gzip has
// compressed it, and goes on after what is no entry; Summarize tells what is in it without taking it apart.
//
// The package refuses to know how a session works: it decides nothing, does no input or output of its own but through the
// io.Reader and io.Writer that it is given, starts no goroutine and reads no clock.
package journal
