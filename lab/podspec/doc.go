// Package podspec reads the probes of a pod's spec: it turns an API probe and its container into a probes.Spec. The node
// agent, which runs the probes as a kubelet does, and the observer, which runs them again from outside the node, both use
// it, so that they never disagree about what a manifest asks for.
//
// It owns what a kubelet knows of a spec before anything runs: which containers are probed, in which order, by which
// probes, what their port names stand for, and how $(NAME) is expanded. It follows pkg/kubelet/prober,
// pkg/kubelet/container/helpers.go and pkg/probe of Kubernetes 1.37.
//
// How a container is reached is not its business: a host that a probe leaves out stays empty in the Spec, and the
// probes.Target says what stands in for it. Headers are handed through as they are; the engine adds User-Agent and Accept.
// A spec is not judged either: a port name that no port has is an error of each attempt, and what the API server would not
// have taken is found by probes.Spec.Validate.
//
// All functions are pure and may be called from any goroutine. What they return shares no memory with the pod, except for
// the containers that Probed points to.
package podspec
