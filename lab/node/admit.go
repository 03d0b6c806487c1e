package node

import (
	"sync"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// refused returns why the pod may not run on this node, or nil (pkg/kubelet/lifecycle/predicate.go). One that may has its
// host ports to itself from then on.
func (a *Agent) refused(pod *v1.Pod) *waiting {
	if label := pod.Spec.NodeSelector[v1.LabelOSStable]; label != "" && label != string(v1.Linux) {
		return &waiting{"PodOSSelectorNodeLabelDoesNotMatch", "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"}
	}
	if pod.Spec.OS != nil && pod.Spec.OS.Name != v1.Linux {
		return &waiting{"PodOSNotSupported", "Failed to admit pod as the OS field doesn't match node OS"}
	}
	if !a.hostPorts.claim(pod) {
		return &waiting{"NodePorts", "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"}
	}
	return nil
}

// hostPort is a port of the node. No address is every address.
type hostPort struct {
	ip       string
	port     int32
	protocol v1.Protocol
}

func (p hostPort) collides(other hostPort) bool {
	return p.port == other.port && p.protocol == other.protocol && (p.ip == "" || other.ip == "" || p.ip == other.ip)
}

// hostPorts are the ports of the node that pods have.
type hostPorts struct {
	mu     sync.Mutex
	owners map[types.UID][]hostPort // guarded by mu
}

// claim gives the pod its host ports, all of them or none.
func (h *hostPorts) claim(pod *v1.Pod) bool {
	var wanted []hostPort
	for _, c := range allContainers(pod) {
		for _, p := range c.Ports {
			if p.HostPort > 0 {
				ip := p.HostIP
				if ip == "0.0.0.0" {
					ip = ""
				}
				wanted = append(wanted, hostPort{ip, p.HostPort, p.Protocol})
			}
		}
	}
	if len(wanted) == 0 {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for owner, ports := range h.owners {
		for _, port := range ports {
			for _, w := range wanted {
				if owner != pod.UID && w.collides(port) {
					return false
				}
			}
		}
	}
	if h.owners == nil {
		h.owners = map[types.UID][]hostPort{}
	}
	h.owners[pod.UID] = wanted
	return true
}

func (h *hostPorts) release(uid types.UID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.owners, uid)
}
