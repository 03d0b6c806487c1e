// Package gate keeps those who show no credential from taking all the files of the process.
//
// Any program of the machine can connect to a port of 127.0.0.1, and each connection costs an open file until it is refused:
// another user could so end a whole cluster, which needs files for its database. A Listener holds only so many connections
// whose clients have not shown a credential yet, and closes the oldest of them for a new one: a client that has a credential
// shows it within milliseconds. Who checks credentials says so with Proven; this package knows none.
//
// A Listener's state is guarded by its mutex; there are no goroutines.
package gate
