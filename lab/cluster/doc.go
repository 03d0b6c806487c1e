// Package cluster speaks to one Kubernetes cluster through client-go on behalf of a session: it opens a kubeconfig as
// kubectl does, watches the lab's namespace, follows logs, runs commands in containers, reaches their ports through the
// API server, and runs kubectl.
//
// It owns the connection, and of the cluster's state only what its watches need to tell what has gone. It cannot tell an
// embedded cluster from any other. It refuses whatever reaches past the lab's namespace: there is no list or watch over
// the whole cluster, and the user's kubeconfig is read and never written.
//
// A Client may be used from any goroutine. Watch starts one goroutine per resource and returns when all have ended; each
// emits its changes in order. Close waits for the goroutines behind connections that Dial handed out.
package cluster
