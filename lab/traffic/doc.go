// Package traffic sends requests to a Service and counts what comes of them, by the second and by the pod that got them: what
// the Service's users would feel.
//
// A Stream sends at a steady rate, each request on a connection of its own, as a load balancer's clients do at the worst. How a
// connection comes about is not its business: Stream.Open opens one and says who has it. So the same stream runs in the node
// agent, where Open goes by the node's own rules for Services (package services), and in a console, where it goes through
// port-forward. Serve and Read are how an agent that is asked for a stream at Path of its kubelet API tells of it, a line of JSON
// each second, and how a console hears that. PlanFor reads from a Service whether and how it can be sent requests.
//
// A request counts when it has ended. It is a GET where the port speaks HTTP, which its name or its first answer tells, and a
// connection alone otherwise. An answer with a status below 500 is one, whatever it says: the path is not the app's fault.
//
// # Bounds
//
// A stream sends at most lab.MaxTrafficRate requests a second, has at most twice its rate and 10 under way, gives each
// lab.TrafficTimeout, reads at most 64 KiB of an answer, and tells at most lab.MaxTrafficPods pods apart. Run waits for every
// goroutine that it starts. The package keeps nothing between streams, and opens no connection by itself.
package traffic
