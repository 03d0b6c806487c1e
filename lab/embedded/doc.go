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
// Everything listens on 127.0.0.1 or on Unix sockets in the run's directory. Each run has its own authority. The API server
// shows a certificate of it and asks clients for theirs; the administrator's, which is in the kubeconfig, is the random
// credential of the run. Towards the node agent, and towards etcd where that has to listen on a port because the system
// has no Unix sockets or the directory's name is too long for one, both sides verify each other. RBAC is in force, so
// users with fewer rights can be made.
//
// # What is left out
//
// Controllers for storage, for certificates (nobody signs a CertificateSigningRequest), for lost nodes, for horizontal
// scaling; priority and fairness; finalizers that only such controllers would take off. There is no kube-proxy and no DNS:
// service addresses are given out, but lead nowhere. The kubernetes service has no endpoints. What the API server
// proxies to pods and services does reach them: it dials pod addresses through the node agent, whatever proxy the
// environment names.
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
// These goroutines of Kubernetes' libraries outlive Close: klog's flush daemon; one for each client certificate in
// client-go's cache of transports; waits of the API server's watch cache, for up to 3 seconds; and, if the cluster is
// closed within its first second or two, what follows the API server's start: some of it goes on trying for 30 seconds,
// some of it waits for good. None of them holds a file, a port or more than a little memory.
package embedded
