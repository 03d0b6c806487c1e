// Package witness is how a node agent tells of every attempt of its probes, successes included, and how a console hears of
// them. It owns the form in which they are told and where.
//
// A Log keeps the newest attempts of a node, numbered from 1 on, and serves them over HTTP at Path of the kubelet API: a line
// of JSON that says which Log this is and how far it has come, then one line for each attempt. The answer goes on as long as
// the client listens; while nothing is attempted, nothing is sent. Read reads such an answer. Whoever has lost his connection
// asks for what comes after the last one that he has read, his Cursor, and so is told none twice. What a Log has let go of
// meanwhile is missing. A Log that began anew (another agent) has another name, and its numbers are not compared.
//
// Nobody learns of a kubelet's successes elsewhere: this is healthlab's own node agent only. A console asks no node but the
// one that is named NodeName, so that no other cluster gets a request that it could not answer. It asks through the API
// server (nodes/proxy), and need not know where the node runs.
//
// A Log's methods may be called from any goroutine; Add never waits for a reader. The package knows no Kubernetes objects,
// starts no goroutine and reads no clock.
package witness
