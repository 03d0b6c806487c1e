// Command healthlab is an interactive terminal lab console for learning Kubernetes health checks.
//
// The package owns flags, paths, signals, exit codes and the wiring of the parts; it is the only importer of
// lab/embedded and the only place that exits. It refuses to know anything about labs, probes or screens.
//
// Exit codes: 0 done, 1 something failed (the reason is on stderr), 2 wrong usage or no terminal, 130 interrupted.
package main
