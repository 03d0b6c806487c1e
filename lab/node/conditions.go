package node

import (
	"fmt"
	"slices"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab/podspec"
)

// ownConditions are the pod conditions that a kubelet writes, in the order in which it writes them.
var ownConditions = [...]v1.PodConditionType{
	v1.PodReadyToStartContainers, v1.PodInitialized, v1.PodReady, v1.ContainersReady, v1.PodScheduled,
	v1.AllContainersRestarting,
}

func ownCondition(t v1.PodConditionType) bool {
	for _, own := range ownConditions {
		if t == own {
			return true
		}
	}
	return false
}

// setConditions fills in the conditions (pkg/kubelet/status/generate.go): those of others first, as they are, then the
// agent's own. The time of a transition changes only with the condition's status.
func setConditions(in statusInput, s *v1.PodStatus) {
	for _, c := range in.Pod.Status.Conditions {
		if !ownCondition(c.Type) {
			s.Conditions = append(s.Conditions, c)
		}
	}
	containersReady := containersReadyCondition(in.Pod, s)
	own := []v1.PodCondition{
		sandboxCondition(in.View.Sandbox),
		initializedCondition(in.Pod, in.Old, s),
		readyCondition(in.Pod, s.Conditions, containersReady),
		containersReady,
		{Type: v1.PodScheduled, Status: v1.ConditionTrue},
	}
	if mayRestartAll(in.Pod) {
		own = append(own, restartingAllCondition(in, s.Phase))
	}
	for _, c := range own {
		c.ObservedGeneration = in.Pod.Generation
		c.LastTransitionTime = metav1.NewTime(in.Now)
		for _, old := range in.Old.Conditions {
			if old.Type == c.Type && old.Status == c.Status {
				c.LastTransitionTime = old.LastTransitionTime
			}
		}
		s.Conditions = append(s.Conditions, c)
	}
}

func sandboxCondition(state sandboxState) v1.PodCondition {
	c := v1.PodCondition{Type: v1.PodReadyToStartContainers, Status: v1.ConditionTrue}
	switch state {
	case sandboxReady:
	case sandboxNone:
		c.Status, c.Reason, c.Message = v1.ConditionFalse, "PodSandboxNotReady", "no pod sandbox exists"
	case sandboxGone:
		c.Status, c.Reason, c.Message = v1.ConditionFalse, "PodSandboxNotReady", "pod sandbox is not ready"
	}
	return c
}

// initializedCondition tells whether the init containers are done. A pod never becomes uninitialized again.
func initializedCondition(pod *v1.Pod, old v1.PodStatus, s *v1.PodStatus) v1.PodCondition {
	c := v1.PodCondition{Type: v1.PodInitialized, Status: v1.ConditionTrue}
	if s.Phase == v1.PodSucceeded {
		c.Reason = "PodCompleted"
		return c
	}
	if anyStatusStarted(s.ContainerStatuses) || slices.ContainsFunc(old.Conditions, func(c v1.PodCondition) bool {
		return c.Type == v1.PodInitialized && c.Status == v1.ConditionTrue
	}) {
		return c
	}
	var incomplete []string
	for i := range pod.Spec.InitContainers {
		spec, status := &pod.Spec.InitContainers[i], s.InitContainerStatuses[i]
		if podspec.Sidecar(spec) && (status.Started == nil || !*status.Started) || !podspec.Sidecar(spec) && !status.Ready {
			incomplete = append(incomplete, spec.Name)
		}
	}
	if len(incomplete) > 0 {
		c.Status, c.Reason = v1.ConditionFalse, "ContainersNotInitialized"
		c.Message = fmt.Sprintf("containers with incomplete status: %s", incomplete)
	}
	return c
}

func containersReadyCondition(pod *v1.Pod, s *v1.PodStatus) v1.PodCondition {
	c := v1.PodCondition{Type: v1.ContainersReady, Status: v1.ConditionTrue}
	switch s.Phase {
	case v1.PodSucceeded:
		c.Status, c.Reason = v1.ConditionFalse, "PodCompleted"
		return c
	case v1.PodFailed:
		c.Status, c.Reason = v1.ConditionFalse, "PodFailed"
		return c
	case v1.PodPending, v1.PodRunning, v1.PodUnknown:
	}
	var unready []string
	for i := range pod.Spec.InitContainers {
		if podspec.Sidecar(&pod.Spec.InitContainers[i]) && !s.InitContainerStatuses[i].Ready {
			unready = append(unready, pod.Spec.InitContainers[i].Name)
		}
	}
	for _, cs := range s.ContainerStatuses {
		if !cs.Ready {
			unready = append(unready, cs.Name)
		}
	}
	if len(unready) > 0 {
		c.Status, c.Reason = v1.ConditionFalse, "ContainersNotReady"
		c.Message = fmt.Sprintf("containers with unready status: %s", unready)
	}
	return c
}

func readyCondition(pod *v1.Pod, others []v1.PodCondition, containersReady v1.PodCondition) v1.PodCondition {
	c := containersReady
	c.Type = v1.PodReady
	if c.Status != v1.ConditionTrue {
		return c
	}
	var missing []string
	for _, gate := range pod.Spec.ReadinessGates {
		if msg := gateProblem(gate.ConditionType, others); msg != "" {
			missing = append(missing, msg)
		}
	}
	if len(missing) > 0 {
		c.Status, c.Reason, c.Message = v1.ConditionFalse, "ReadinessGatesNotReady", strings.Join(missing, ", ")
	}
	return c
}

func gateProblem(gate v1.PodConditionType, conditions []v1.PodCondition) string {
	for _, c := range conditions {
		switch {
		case c.Type != gate:
		case c.Status == v1.ConditionTrue:
			return ""
		default:
			return fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", string(gate), c.Status)
		}
	}
	return fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", string(gate))
}
