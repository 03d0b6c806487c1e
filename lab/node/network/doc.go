// Package network is the pod network of the node: which pod address and port leads to which real socket of this machine.
//
// # Real sockets
//
// A program in a container listens on a pod's address and port; below is a real socket on 127.0.0.1 with a free port.
// Pipes in memory would do for the bytes, but not for what probes are about: a backlog that accepts although the program
// hangs, deadlines, half-closed and reset connections, and net.TCPConn where code asks for one. Addresses and errors show
// the pod network.
//
// # Who may connect
//
// Any program of the machine can connect to a port of 127.0.0.1. So the dialing end of TCP tells the accepting end, over a
// way that only healthlab's own processes have, which connection is its own (Claim), and what nobody claims is closed without
// a byte. A datagram of UDP begins with a random key of its server, which only the same way gives away (Route.Key), and with
// the address on the pod network that it comes from; one that does not is dropped.
//
// # Services
//
// What has the address of a service is led to one of its endpoints before a server is looked for (Services), as a node's
// kernel does it by the rules of a kube-proxy. That is done once, when a connection is made: it then stays whatever becomes
// of the service.
//
// # Who owns what
//
// Switch is the one table of a node, guarded by its mutex. Fabric is what a container's process sees of it, in the same
// process or from another one. Claims belongs to the process that accepts.
package network
