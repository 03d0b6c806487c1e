// Package store keeps the journals of healthlab's runs as files in one folder, so that each can be replayed later.
//
// A Folder holds the newest runs, bounded in number and in size; the oldest go first, when a run begins and while it goes on. A
// file is what journal.Encoder writes, compressed by gzip, and named after the time and the process. Only the user may read it:
// it holds what kubectl has printed. What is in the folder and is no journal of this version is left alone.
//
// A Keeper writes one file. It is a reader of the session's journal like any other, in a goroutine of its own that ends with the
// journal, and that whoever made it waits for. What it has got is in the file within a second, also if the program is killed
// then. What goes wrong (a full disk, a folder that cannot be written) ends the file and is told once; the session never
// notices.
//
// The package refuses to know what entries mean, except for one thing: the values of options that are secrets by their name
// (see redact.go) are not written.
package store
