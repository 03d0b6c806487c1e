package node

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/component-helpers/apimachinery/lease"
	"k8s.io/component-helpers/nodedeclaredfeatures/features/restartallcontainers"
	"k8s.io/utils/clock"
)

// How often the node says that it lives (the kubelet's defaults).
const (
	leaseSeconds    = 40
	leaseInterval   = leaseSeconds * time.Second / 4
	nodeCheckPeriod = 10 * time.Second
)

// keepNode registers the node and keeps it as it should be, also when somebody deletes it or taints it as not ready.
func (a *Agent) keepNode(ctx context.Context) {
	ready := false
	pause := 20 * time.Millisecond
	for {
		node, err := a.ensureNode(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.log.Warn("register node", "node", a.cfg.Name, "err", err)
			pause = min(pause*2, time.Second)
		default:
			pause = nodeCheckPeriod
		}
		if err == nil && !ready {
			ready = true
			close(a.ready)
			a.events.recorder.Event(nodeReference(node), v1.EventTypeNormal, "Starting", "Starting kubelet.")
			a.events.recorder.Eventf(nodeReference(node), v1.EventTypeNormal, "NodeReady",
				"Node %s status is now: NodeReady", a.cfg.Name)
			heartbeat := lease.NewController(clock.RealClock{}, a.cfg.Client, a.cfg.Name, leaseSeconds, nil, leaseInterval,
				a.cfg.Name, v1.NamespaceNodeLease, owned(node))
			a.wg.Go(func() { heartbeat.Run(ctx) })
		}
		if sleep(ctx, pause) != nil {
			return
		}
	}
}

// nodeReference is how the kubelet's events name its node: the UID is the name.
func nodeReference(node *v1.Node) *v1.ObjectReference {
	return &v1.ObjectReference{Kind: "Node", APIVersion: "v1", Name: node.Name, UID: types.UID(node.Name)}
}

// outOfMemory reports that the containers took too much together, as the kubelet's OOM watcher does.
func (a *Agent) outOfMemory(victim string) {
	a.events.recorder.Eventf(nodeReference(&v1.Node{ObjectMeta: metav1.ObjectMeta{Name: a.cfg.Name}}),
		v1.EventTypeWarning, "SystemOOM", "System OOM encountered, victim process: %s", victim)
}

// owned makes the lease go when the node goes.
func owned(node *v1.Node) lease.ProcessLeaseFunc {
	return func(l *coordinationv1.Lease) error {
		l.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}}
		return nil
	}
}

// ensureNode makes or updates the node so that it is Ready and can be used.
func (a *Agent) ensureNode(ctx context.Context) (*v1.Node, error) {
	nodes := a.cfg.Client.CoreV1().Nodes()
	node, err := nodes.Get(ctx, a.cfg.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		node, err = nodes.Create(ctx, a.wantedNode(nil), metav1.CreateOptions{})
	}
	if err != nil {
		return nil, fmt.Errorf("get or create node %s: %w", a.cfg.Name, err)
	}
	wanted := a.wantedNode(node)
	if !maps.Equal(node.Labels, wanted.Labels) || len(node.Spec.Taints) != len(wanted.Spec.Taints) ||
		node.Spec.PodCIDR != wanted.Spec.PodCIDR {
		patch, err := json.Marshal(map[string]any{
			"metadata": map[string]any{"labels": wanted.Labels},
			"spec": map[string]any{
				"taints": wanted.Spec.Taints, "podCIDR": wanted.Spec.PodCIDR, "podCIDRs": wanted.Spec.PodCIDRs,
			},
		})
		if err != nil {
			return nil, fmt.Errorf("marshal node: %w", err)
		}
		if node, err = nodes.Patch(ctx, node.Name, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
			return nil, fmt.Errorf("patch node %s: %w", a.cfg.Name, err)
		}
	}
	if !statusIsCurrent(node.Status, wanted.Status) {
		patch, err := json.Marshal(map[string]any{"status": wanted.Status})
		if err != nil {
			return nil, fmt.Errorf("marshal node status: %w", err)
		}
		node, err = nodes.Patch(ctx, node.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
		if err != nil {
			return nil, fmt.Errorf("patch status of node %s: %w", a.cfg.Name, err)
		}
	}
	return node, nil
}

// statusIsCurrent reports whether nothing but the time differs, and not by more than the kubelet's five minutes.
func statusIsCurrent(have, want v1.NodeStatus) bool {
	if have.DaemonEndpoints != want.DaemonEndpoints || have.NodeInfo != want.NodeInfo ||
		!slices.Equal(have.Addresses, want.Addresses) || !slices.Equal(have.DeclaredFeatures, want.DeclaredFeatures) || len(have.Conditions) != len(want.Conditions) {
		return false
	}
	for i, c := range have.Conditions {
		w := want.Conditions[i]
		if c.Type != w.Type || c.Status != w.Status || c.Reason != w.Reason ||
			w.LastHeartbeatTime.Sub(c.LastHeartbeatTime.Time) > 5*time.Minute {
			return false
		}
	}
	return true
}

// wantedNode returns the node as it should be, given what the API has (nil: nothing).
func (a *Agent) wantedNode(have *v1.Node) *v1.Node {
	node := &v1.Node{ObjectMeta: metav1.ObjectMeta{Name: a.cfg.Name}}
	if have != nil {
		node = have.DeepCopy()
	}
	node.Labels = maps.Clone(node.Labels)
	if node.Labels == nil {
		node.Labels = map[string]string{}
	}
	maps.Copy(node.Labels, map[string]string{
		v1.LabelHostname:          a.cfg.Name,
		v1.LabelOSStable:          "linux",
		v1.LabelArchStable:        runtime.GOARCH,
		"beta.kubernetes.io/os":   "linux",
		"beta.kubernetes.io/arch": runtime.GOARCH,
	})
	if node.Spec.PodCIDR == "" {
		node.Spec.PodCIDR, node.Spec.PodCIDRs = a.ips.prefix.String(), []string{a.ips.prefix.String()}
	}
	node.Spec.Taints = slices.DeleteFunc(slices.Clone(node.Spec.Taints), func(t v1.Taint) bool {
		return t.Key == v1.TaintNodeNotReady || t.Key == v1.TaintNodeUnreachable
	})
	a.fillStatus(node)
	return node
}

func (a *Agent) fillStatus(node *v1.Node) {
	old := node.Status
	port := int32(0)
	if tcp, ok := a.server.addr().(*net.TCPAddr); ok {
		port = int32(tcp.Port)
	}
	node.Status = v1.NodeStatus{
		Capacity:    capacity(),
		Allocatable: capacity(),
		Addresses: []v1.NodeAddress{
			{Type: v1.NodeInternalIP, Address: a.net.Host().String()},
			{Type: v1.NodeHostName, Address: a.cfg.Name},
		},
		// The scheduler gives pods that ask for a feature to nodes that declare it only.
		DeclaredFeatures: []string{restartallcontainers.RestartAllContainersOnContainerExits},
		DaemonEndpoints:  v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: port}},
		NodeInfo: v1.NodeSystemInfo{
			MachineID: "healthlab", SystemUUID: "healthlab", BootID: "healthlab",
			KernelVersion: "healthlab", OSImage: "healthlab (programs in one process)",
			ContainerRuntimeVersion: "healthlab://" + a.cfg.Version,
			KubeletVersion:          a.cfg.Version, OperatingSystem: "linux", Architecture: runtime.GOARCH,
		},
	}
	now := metav1.Now()
	for _, c := range []v1.NodeCondition{
		{
			Type: v1.NodeMemoryPressure, Status: v1.ConditionFalse, Reason: "KubeletHasSufficientMemory",
			Message: "kubelet has sufficient memory available",
		},
		{
			Type: v1.NodeDiskPressure, Status: v1.ConditionFalse, Reason: "KubeletHasNoDiskPressure",
			Message: "kubelet has no disk pressure",
		},
		{
			Type: v1.NodePIDPressure, Status: v1.ConditionFalse, Reason: "KubeletHasSufficientPID",
			Message: "kubelet has sufficient PID available",
		},
		{Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status"},
	} {
		c.LastHeartbeatTime, c.LastTransitionTime = now, now
		for _, o := range old.Conditions {
			if o.Type == c.Type && o.Status == c.Status {
				c.LastTransitionTime = o.LastTransitionTime
			}
		}
		node.Status.Conditions = append(node.Status.Conditions, c)
	}
}
