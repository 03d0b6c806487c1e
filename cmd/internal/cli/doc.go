// Package cli is healthlab's command line: the root command, which opens the console, and the commands below it, one file
// each. Run carries out one command line.
//
// It owns the flags, what is said about them (help and usage errors in both languages), and the lifetimes of what a command
// needs: the log, the session, the cluster, the terminal. Each command ends what it has started before it returns; what it
// has going meanwhile (the session's Run, the goroutine that leaves the position) is waited for there.
//
// It refuses Kubernetes itself: the control plane and kubectl are handed in as Parts. It does not exit and knows nothing of
// signals. Nor does it know labs, probes or screens: it only connects lab/session, which does the work, with tui, which
// shows it.
package cli
