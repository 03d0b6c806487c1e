// Package services is what leads connections to Services on the node: a kube-proxy of our own.
//
// Objects reads Services, EndpointSlices and Namespaces, one informer each. That of the Services runs from the start, since
// every container is told of them in its environment; the others begin with the first who asks. Nothing is computed when an
// object changes: a connection looks at the objects of its own service. So a thousand services cost what they take in memory,
// and endpoints that come and go a hundred times a second cost what it takes to read them.
//
// Proxy chooses an endpoint for a new connection, by the rules of kube-proxy's iptables mode:
//
//   - The endpoints are those that are ready; where no endpoint is, those that still serve while they terminate
//     (pkg/proxy/topology.go, CategorizeEndpoints; there is one node, so hints do not matter). An unready endpoint of a
//     Service with publishNotReadyAddresses is ready for the controller that writes the slices already.
//   - One of them is chosen at random for each connection. With sessionAffinity ClientIP, the client gets the same as before
//     unless its last connection is longer ago than the timeout, or the endpoint is gone.
//   - Without an endpoint, a connection is refused at once. So is a port that the service has not, which kube-proxy does in its
//     nftables mode; by iptables it is lost on the way.
//   - A pod that reaches itself through a service, and whoever comes by a node port, has the node's address for the server.
//
// It refuses nothing that is open already: a connection stays with its endpoint when that is no longer one. A socket of UDP is
// such a connection too; kube-proxy would lead its next datagram elsewhere when its endpoint is gone.
package services
