// Package curl is curl, for the built-in images that have it: HTTP/1.1 and HTTPS with the options that probes and tutorials
// use, and the messages and exit codes of curl 7.88. What it does not know it refuses as curl refuses an option.
//
// It writes requests and reads answers itself, so that -i and -v show what is really on the wire. State belongs to the
// goroutine of its process; a transfer ends with the process or at the time of -m.
package curl
