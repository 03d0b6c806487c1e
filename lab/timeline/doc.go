// Package timeline tells from a journal what happened, when, and why just then: for every pod and container its lanes (what it
// does, the attempts at its probes, whether it is ready and among the endpoints), the replicas of deployments, the faults and
// commands that healthlab carried out, the times of which less is known, and the episodes: what followed from a fault, beside
// what the pod's probes let one expect.
package timeline
