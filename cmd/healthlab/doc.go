// Command healthlab is an interactive terminal lab console for learning Kubernetes health checks.
//
// The package holds main and what compiles Kubernetes itself: the wiring to lab/embedded, of which it is the only importer,
// and kubectl. It owns the process: its signals, its environment, its exit, which is nowhere else. One goroutine listens for
// Ctrl-C and ends before the exit; one keeps the terminal writable and ends with the process. The commands are in
// cmd/internal/cli, which refuses all of that. The tests here are those that need a control plane; they run the real program.
//
// Exit codes: 0 done, 1 something failed (the reason is on stderr), 2 wrong usage or no terminal, 130 interrupted.
package main
