// Package clusterdns is the cluster's name server: it answers as CoreDNS does with the kubernetes plugin as kubeadm configures
// it (pods insecure, ttl 30), from the Services, EndpointSlices and Namespaces that package services reads.
//
//	NAME.NS.svc.DOMAIN              A, AAAA: the Service's address; headless: those of its ready endpoints;
//	                                CNAME: an ExternalName
//	HOST.NAME.NS.svc.DOMAIN         an endpoint by its hostname, or its address with dashes
//	_PORT._PROTO.NAME.NS.svc.DOMAIN SRV
//	1-2-3-4.NS.pod.DOMAIN           any address, in a namespace that exists
//	4.3.2.1.in-addr.arpa            PTR of Services and endpoints
//
// A name that exists without a record of the kind asked for is answered with none (NODATA); one that does not exist, and a
// headless Service without a ready endpoint, with NXDOMAIN; both with the zone's SOA. There is no network to ask about other
// names: they fail at once (SERVFAIL), as do questions that come before the cluster could be read.
//
// Server owns a goroutine for each socket and, up to a bound, one for each question under way. Close waits for all.
package clusterdns
