// Package session runs the labs on one cluster: it keeps the journal of what happens there, carries out the user's actions,
// listens to the kubelet or makes healthlab's own probes, and checks the goals of the steps.
//
// One goroutine, the one in Session.Run, owns the journal and its fold.State, and alone appends to it. It does no I/O that
// could block on the cluster; whatever takes time runs in goroutines of Run's, which hand their results to the owner as
// functions. Run waits for all of them before it returns. What happens goes one way: the owner makes an entry of it, the
// journal keeps the entry, the State folds it in and says what is worth telling, which is the next entry. At most ten times
// a second, and only when something has happened, the owner publishes the snapshot that the entries add up to; readers get
// it by Subscribe, with all facts before it. No reader can keep the owner waiting; see package journal.
//
// Package fold knows what an entry means, and gives the same snapshots for the same entries in any run. The Session keeps
// what snapshots do not hold: the connection to the cluster, the seats of the probe engine, and the tasks under way.
//
// Attempts at probes have two witnesses. On the node of healthlab's own agent the kubelet tells of each, and the session listens
// (listen.go); elsewhere, or where that is not permitted, it makes probes of its own (observe.go), but for those that would
// disturb what they watch, and as the user says (probing.go). An attempt is recorded once, by whoever made it.
//
// Requests to a Service (traffic.go) are sent by the cluster, by whichever way it has, in one stream at a time, which ends with the
// session at the latest. What comes of them is recorded each second.
//
// The package refuses client-go: it declares the Cluster interface that it needs, and whoever makes a Session says how to
// get one. It does not care how a cluster came about, but it does heed what its lab.Cluster says of it: on one of the user's
// own (Real) nothing is done before the preflight has ended, and read-only and dry runs are as they say. It shows nothing as
// done before the cluster says so. Package course says what can be done and why not; step.go and goal.go hold the other
// decisions as pure functions.
package session
