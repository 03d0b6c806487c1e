// Package standin is the program that runs in place of an image that is not built into healthlab, where a user has asked for
// it. It does not pretend to be that image: its first words say what it is. It does what a container's spec lets one expect
// of the app: it listens on the ports that the container and its probes name and answers them, over HTTP, HTTPS, gRPC, TCP and
// UDP, from a time on that can be set. Its own command, stand-in, gives it the everyday faults and takes them away again.
//
// What it is to do comes as a Plan, in a file that whoever makes the container puts there (PlanFile). Main program and command
// share a directory (Dir): the command writes what it wants and sends SIGUSR1, the main program writes how it stands, as
// daemons do that have a PID file. A fault is of the main program and ends with it, so that a restart cures it.
//
// The goroutine of serve owns the servers and decides; requests only read the fault of the moment.
package standin
