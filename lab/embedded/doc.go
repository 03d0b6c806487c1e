// Package embedded runs a real Kubernetes in this process: etcd, kube-apiserver, the controllers and the scheduler from
// k8s.io/kubernetes, and healthlab's own node agent. It needs no root, no Docker and no network.
//
// It owns everything from the state directory to the kubeconfig. What comes out is a kubeconfig like any other; nothing
// above this package can tell the cluster from a remote one, except that it is gone when the process is. It is the only
// package that imports k8s.io/kubernetes and etcd, which take minutes to compile.
//
// # Files
//
// Each run has a directory of its own, run-PORT below the state directory, that only the user can read and that holds a
// lock for as long as the process lives. It is removed by Close. The next Start removes those that have no living owner,
// and what else such a run has left. The first living run has the file kubeconfig; one that is started beside it, in this
// process or another, has kubeconfig-PORT, which goes when it ends. An empty file called lock stays.
//
// # Security
//
// Any user of the machine may connect to a port of 127.0.0.1 and to an abstract Unix socket. So whatever listens wants a
// credential or lies in a directory that only the user may enter. A test holds this table against what the process and its
// children listen on:
//
//	listener     address                      who is let in               why
//	API server   127.0.0.1, --port or random  certificates of this run's  kubectl and the console; RBAC is in force.
//	                                          authority, tokens of its    Anonymous requests are answered with 401,
//	                                          service accounts            also for /version and /healthz.
//	kubelet API  127.0.0.1, random            certificates of this run's  the API server: exec, attach, logs,
//	                                          authority                   port-forward
//	etcd         run-PORT/etcd.sock, or       who may enter run-PORT,     the API server. It listens on a port where
//	             127.0.0.1, random            which has mode 0700; on a   there are no Unix sockets, or the path is too
//	                                          port certificates of this   long for one. Etcd has no peer listener.
//	                                          run's authority
//	container    127.0.0.1, random            what the node agent has     one for each port that a container listens on.
//	                                          announced: probes, the API  Whoever else connects is closed without a byte
//	                                          server, other pods          given or taken, and can at most fill the
//	                                                                      backlog meanwhile.
//	                                                                      A port of UDP drops what does not begin
//	                                                                      with the server's secret key.
//	cluster DNS  127.0.0.1, random, TCP and   as with containers          name lookups of containers. No program of the
//	             UDP                                                      machine is told of it.
//
// Connections take files, also those of clients without a credential, and a cluster without files ends. So the two ports that
// want one hold only so many of such connections (package gate). A client that connects without end can still keep
// the owner's new connections out meanwhile; established ones stay.
//
// Each run has its own authority, whose key never leaves the process. The administrator's certificate, which is in the
// kubeconfig, is the random credential of the run. Nobody signs the requests of users for certificates, so that there are
// no others than the process' own. RBAC lets users with fewer rights be made.
//
// # When something is missing
//
// Limits of the system that are too low, a state directory without room, and a path that is too long are told before
// anything is started. What runs out later makes etcd give up, which would end the process; instead the cluster is done, and
// Err tells why in both languages. The certificates are valid from 1970 on and for ten years: a clock that jumps, either
// way, does no harm. Only the API server's connections to itself have a certificate that Kubernetes makes, valid for a year
// from an hour before the start.
//
// # What is left out
//
// Controllers for certificates: nobody signs a CertificateSigningRequest. Metrics, so that a HorizontalPodAutoscaler says that
// it cannot read them; attaching, resizing and snapshots of volumes, which are directories; priority and fairness; gang
// scheduling. There is no kube-proxy and no
// CoreDNS: the node agent leads containers to services and answers their questions for names (packages services and
// clusterdns below lab/node). It does so on the pod network alone: no port of this machine leads to a service, whose node port
// is one of the node's address there. Nobody gives a LoadBalancer an address. The services kubernetes and kube-dns lead to the
// node's address on the pod network. What the API server proxies to pods and services reaches them through the node agent,
// whatever proxy the environment names.
//
// What Kubernetes' own end-to-end specs say of all this, and which of them cannot pass and why, is in e2e/exceptions.md; `make e2e`
// runs them.
//
// # Goroutines and global state
//
// Start has one goroutine for each component until all are ready; afterwards one waits for each component that can end by
// itself. No state is changed after Start but the reason why the cluster is done. Close waits for all of them.
//
// Several clusters may run in a process, at a time or one after the other, because nothing here uses Kubernetes' default
// registry of feature gates and versions. What is global nevertheless is set once: klog's output, which goes to the log
// of the youngest living cluster; klog's exit function, which makes the only cluster fail rather than the process end; panics of
// Kubernetes' loops, which are logged and survived; the size of etcd's log segments; the logger of etcd's clients.
// Metrics of all clusters are added up.
//
// Feature gates (Options.FeatureGates) are global too, since Kubernetes' validation looks them up there: they hold for all clusters
// of the process until the one that has set them is closed. Gates whose API groups are not served by default switch on little.
//
// These goroutines of Kubernetes' libraries outlive Close: klog's flush daemon; one for each client certificate in
// client-go's cache of transports; waits of the API server's watch cache, for up to 3 seconds; and, if the cluster is
// closed within its first second or two, what follows the API server's start: some of it goes on trying for 30 seconds,
// some of it waits for good. None of them holds a file, a port or more than a little memory. An etcd that has given
// up is the exception: its goroutines stay, with its files open (see lastWords).
package embedded
