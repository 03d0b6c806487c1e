package cluster

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"healthlab/lab/podspec"
)

// row is what `kubectl get pods` prints of a pod.
type row struct {
	status       string
	ready, total int
	restarts     int
	lastRestart  time.Time
}

// podRow works out kubectl's columns. The API server computes them for kubectl in printPod of
// k8s.io/kubernetes/pkg/printers/internalversion/printers.go; a watch on pods gets objects instead, so the same rules are
// applied here.
func podRow(pod *corev1.Pod) row {
	r := row{status: string(pod.Status.Phase), total: len(pod.Spec.Containers)}
	if pod.Status.Reason != "" {
		r.status = pod.Status.Reason
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonSchedulingGated {
			r.status = corev1.PodReasonSchedulingGated
		}
	}
	sidecars := map[string]bool{}
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; podspec.Sidecar(c) {
			sidecars[c.Name] = true
			r.total++
		}
	}
	initializing, sidecarRow := r.addInit(pod, sidecars)
	if !initializing || conditionTrue(pod, corev1.PodInitialized) {
		r.restarts, r.lastRestart = sidecarRow.restarts, sidecarRow.lastRestart
		r.addContainers(pod)
	}
	terminal := pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
	switch {
	case pod.DeletionTimestamp == nil:
	case pod.Status.Reason == "NodeLost":
		r.status = "Unknown"
	case !terminal:
		r.status = "Terminating"
	}
	return r
}

// addInit goes through the init containers up to the one that is not done. It reports whether there is one, and what the
// sidecars among those seen count for by themselves.
func (r *row) addInit(pod *corev1.Pod, sidecars map[string]bool) (initializing bool, sidecarRow row) {
	for i, c := range pod.Status.InitContainerStatuses {
		sidecar := sidecars[c.Name]
		r.addRestarts(c)
		if sidecar {
			sidecarRow.addRestarts(c)
		}
		t, w := c.State.Terminated, c.State.Waiting
		switch {
		case t != nil && t.ExitCode == 0:
			continue
		case sidecar && c.Started != nil && *c.Started:
			if c.Ready {
				r.ready++
			}
			continue
		case t != nil && t.Reason == "" && t.Signal != 0:
			r.status = fmt.Sprintf("Init:Signal:%d", t.Signal)
		case t != nil && t.Reason == "":
			r.status = fmt.Sprintf("Init:ExitCode:%d", t.ExitCode)
		case t != nil:
			r.status = "Init:" + t.Reason
		case w != nil && w.Reason != "" && w.Reason != "PodInitializing":
			r.status = "Init:" + w.Reason
		default:
			r.status = fmt.Sprintf("Init:%d/%d", i, len(pod.Spec.InitContainers))
		}
		return true, sidecarRow
	}
	return false, sidecarRow
}

// addContainers goes through the regular containers, the last one first, so that the first one's reason is what is shown.
func (r *row) addContainers(pod *corev1.Pod) {
	running, failure := false, ""
	for i := len(pod.Status.ContainerStatuses) - 1; i >= 0; i-- {
		c := pod.Status.ContainerStatuses[i]
		r.addRestarts(c)
		switch t := c.State.Terminated; {
		case c.State.Waiting != nil && c.State.Waiting.Reason != "":
			r.status = c.State.Waiting.Reason
		case t != nil:
			switch {
			case t.Reason != "":
				r.status = t.Reason
			case t.Signal != 0:
				r.status = fmt.Sprintf("Signal:%d", t.Signal)
			default:
				r.status = fmt.Sprintf("ExitCode:%d", t.ExitCode)
			}
			if t.ExitCode != 0 {
				failure = r.status
			}
		case c.Ready && c.State.Running != nil:
			running = true
			r.ready++
		}
	}
	if r.status != "Completed" {
		return
	}
	switch {
	case running && conditionTrue(pod, corev1.PodReady):
		r.status = "Running"
	case failure != "":
		r.status = failure
	case running:
		r.status = "NotReady"
	}
}

func (r *row) addRestarts(c corev1.ContainerStatus) {
	r.restarts += int(c.RestartCount)
	if t := c.LastTerminationState.Terminated; t != nil && r.lastRestart.Before(t.FinishedAt.Time) {
		r.lastRestart = t.FinishedAt.Time
	}
}

func conditionTrue(pod *corev1.Pod, kind corev1.PodConditionType) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
