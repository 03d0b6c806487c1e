// Package cli is healthlab's command line: the root command, which opens the console, and the commands below it, one file
// each. Run carries out one command line.
//
// It owns the flags, what is said about them (help and usage errors in both languages), and the lifetimes of what a command
// needs: the log, the session, the cluster, the terminal. Each command ends what it has started before it returns; what it
// has going meanwhile (the session's Run, the goroutine that leaves the position) is waited for there.
//
// It refuses Kubernetes itself: the control plane and kubectl are handed in as Parts. It does not exit and knows nothing of
// signals. What a lab is about, what a probe does and what a screen looks like is not its to know either: lab/session and
// tui do, which it introduces to each other.
package cli
