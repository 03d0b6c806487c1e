// Package session runs the labs on one cluster: it merges what the cluster's watches and healthlab's own probes see into
// snapshots, tells what happened as facts, carries out the user's actions, and checks the goals of the steps.
//
// It owns the state of the lab: where the student is, what was done, what is being done. One goroutine, the one in
// Session.Run, owns that state and does no I/O that could block; whatever takes time runs in goroutines of Run's, which
// hand their results to that one as functions. Run waits for all of them before it returns. Snapshots are immutable and
// share what did not change with the ones before; they are made at most ten times a second and only when something
// changed. Facts queue up without bound until they are received.
//
// It refuses to know which kind of cluster it is on: it declares the Cluster interface that it needs, and whoever makes a
// Session says how to get one. It shows nothing as done before the cluster says so. Package course says
// what can be done and why not; merge.go, step.go and goal.go hold the other decisions as pure functions.
package session
