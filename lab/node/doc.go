// Package node is the node agent of the embedded cluster: a kubelet of our own. It registers one node, keeps it alive,
// runs the pods that the scheduler binds to it through a Runtime (containers in processes of their own: package shim) and
// serves the kubelet API, so that kubectl exec, logs, attach and port-forward work. Beyond a kubelet, it tells there of every
// attempt of its probes (package witness) and, for whoever asks, sends requests to a Service (package traffic). It listens on the
// loopback interface; the node's address is one of the pod network.
//
// # Who owns what
//
// Agent owns the informers, the event recorder, the probe engine, the container runtime, what the node gives the pod network
// (services, the name server and the way to the API server: packages services and clusterdns), and one podWorker for each pod
// UID. A podWorker is a goroutine that owns the pod's plan: it looks at what the API wants and what runs, publishes a
// status, decides (computeActions, a pure function) and carries the decision out, one action at a time, in a second
// goroutine, so that probe verdicts still reach the status while a container is given its grace period. A third
// goroutine writes the latest status to the API until the API has it. Everything that is decided is decided anew from
// the API object and the runtime at every sync: late, duplicate and lost events change nothing.
//
// # What it refuses
//
// What a spec asks for and a process cannot give (host namespaces, privileges, users, foreign volumes) is named in a
// Warning event; a pod whose volumes cannot be made does not start.
//
// # Stand-ins
//
// An image that is not built in cannot be pulled, unless the pod, its namespace or the configuration asks for a stand-in
// (lab.StandInAnnotation): then the stand-in's image runs, by a plan that is read from the container's spec (standInPlan). A
// Warning event StandIn, the imageID and the container's log say so. Namespaces are read from the first image on that is not
// there.
//
// # Volumes
//
// The node has a disk of its own (disk): a directory of the run that hostPath volumes, and hostPath and local persistent
// volumes, are directories of. The agent is also the provisioner of the default StorageClass (provisioner): it makes a
// volume for each claim that Kubernetes' controller gives to it, and removes it with its files when the claim is gone.
// Nobody enforces a volume's size; what a container may write bounds it.
//
// # Differences from the kubelet on purpose
//
//   - A container that is being killed when its pod is deleted is not started once more before it is stopped for good;
//     a kubelet 1.37 finishes its sync first.
//   - The end of a container is noticed at once, not by a list taken every second.
//   - A hostNetwork pod shares the node's address on the pod network with others of its kind, and nothing of this machine's.
//   - There are no ports of this machine: node ports and host ports exist on the node's address on the pod network.
//   - Volumes made from ConfigMaps and Secrets change file by file, not all files at the same moment, and show no
//     symbolic links.
//   - Resources that change in place are shown at once and kept from the container's next start on, which an event says.
//   - A limit of memory counts what the container's programs hold, without the few megabytes of the process around them.
package node
