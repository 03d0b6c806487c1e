// Package record writes what a console draws into an asciicast (version 2), for `--record`.
//
// A Recorder is a terminal whose output is recorded too. It owns the file from New to End, and may be written to from any
// goroutine. An error of the file ends the recording but not the console; End tells it. The package refuses to record what
// is typed.
package record
