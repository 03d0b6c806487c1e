package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	v1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// errForgotten says that the API has no such pod any more.
var errForgotten = errors.New("the pod is gone")

// writeStatus is the goroutine that brings the pod's status to the API. Only the latest counts. What cannot be written
// is tried again until it can, or until the API has forgotten the pod.
func (w *podWorker) writeStatus(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.write:
		}
		for pause := 100 * time.Millisecond; ; pause = min(pause*2, 5*time.Second) {
			err := w.writeOnce(ctx)
			if err == nil || ctx.Err() != nil || errors.Is(err, errForgotten) {
				break
			}
			w.agent.log.Warn("write pod status", "pod", string(w.uid), "err", err)
			if sleep(ctx, pause) != nil {
				return
			}
		}
	}
}

// writeOnce writes the latest status, and once that is the last one of a deleted pod, removes the pod from the API.
func (w *podWorker) writeOnce(ctx context.Context) error {
	w.mu.Lock()
	status, final, name, namespace := *w.status.DeepCopy(), w.final, w.pod.Name, w.pod.Namespace
	w.mu.Unlock()
	pods := w.agent.cfg.Client.CoreV1().Pods(namespace)
	pod, err := pods.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && pod.UID != w.uid {
		return errForgotten
	}
	if err != nil {
		return fmt.Errorf("get pod %s/%s: %w", namespace, name, err)
	}
	patch, err := statusPatch(pod, status)
	if err != nil {
		return err
	}
	if patch != nil {
		pod, err = pods.Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
		if apierrors.IsNotFound(err) {
			return errForgotten
		}
		if err != nil {
			return fmt.Errorf("patch status of pod %s/%s: %w", namespace, name, err)
		}
	}
	if !final || pod.DeletionTimestamp == nil {
		return nil
	}
	err = pods.Delete(ctx, name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64),
		Preconditions:      &metav1.Preconditions{UID: &w.uid},
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete pod %s/%s: %w", namespace, name, err)
	}
	return nil
}

// statusPatch returns the patch that turns the pod's status in the API into status, or nil if they are equal.
// Conditions that others own stay as the API has them.
func statusPatch(pod *v1.Pod, status v1.PodStatus) ([]byte, error) {
	var conditions []v1.PodCondition
	for _, c := range pod.Status.Conditions {
		if !ownCondition(c.Type) {
			conditions = append(conditions, c)
		}
	}
	for _, c := range status.Conditions {
		if ownCondition(c.Type) {
			conditions = append(conditions, c)
		}
	}
	status.Conditions = conditions
	old, err := json.Marshal(v1.Pod{Status: pod.Status})
	if err != nil {
		return nil, fmt.Errorf("marshal pod status: %w", err)
	}
	wanted, err := json.Marshal(v1.Pod{ObjectMeta: metav1.ObjectMeta{UID: pod.UID}, Status: status})
	if err != nil {
		return nil, fmt.Errorf("marshal pod status: %w", err)
	}
	var unchanged v1.Pod
	if err := json.Unmarshal(wanted, &unchanged); err == nil &&
		apiequality.Semantic.DeepEqual(unchanged.Status, pod.Status) {
		return nil, nil
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(old, wanted, v1.Pod{})
	if err != nil {
		return nil, fmt.Errorf("compare pod status: %w", err)
	}
	return patch, nil
}

// needsSync reports whether the API's change of a pod asks for a look at it: anything but its status, or a condition
// that a readiness gate waits for.
func needsSync(old, pod *v1.Pod) bool {
	if !apiequality.Semantic.DeepEqual(old.Spec, pod.Spec) ||
		!apiequality.Semantic.DeepEqual(old.Labels, pod.Labels) ||
		!apiequality.Semantic.DeepEqual(old.Annotations, pod.Annotations) ||
		!apiequality.Semantic.DeepEqual(old.DeletionTimestamp, pod.DeletionTimestamp) ||
		!apiequality.Semantic.DeepEqual(old.DeletionGracePeriodSeconds, pod.DeletionGracePeriodSeconds) {
		return true
	}
	for _, gate := range pod.Spec.ReadinessGates {
		if gateProblem(gate.ConditionType, old.Status.Conditions) != gateProblem(gate.ConditionType, pod.Status.Conditions) {
			return true
		}
	}
	return false
}
