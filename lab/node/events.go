package node

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"

	"healthlab/probes"
)

// events records events about pods as the kubelet does. It never blocks.
type events struct{ recorder record.EventRecorder }

// pod records an event about the pod as a whole.
func (e events) pod(pod *v1.Pod, eventType, reason, format string, args ...any) {
	e.recorder.Eventf(pod, eventType, reason, "%s", fmt.Sprintf(format, args...))
}

// container records an event about one container of the pod, which the event's field path names.
func (e events) container(pod *v1.Pod, name, eventType, reason, format string, args ...any) {
	ref, err := reference.GetReference(scheme.Scheme, pod)
	if err != nil { // a Pod is always known to the scheme
		return
	}
	ref.FieldPath = fieldPath(pod, name)
	e.recorder.Eventf(ref, eventType, reason, "%s", fmt.Sprintf(format, args...))
}

func fieldPath(pod *v1.Pod, name string) string {
	if initContainer(pod, name) {
		return "spec.initContainers{" + name + "}"
	}
	for _, c := range pod.Spec.EphemeralContainers {
		if c.Name == name {
			return "spec.ephemeralContainers{" + name + "}"
		}
	}
	return "spec.containers{" + name + "}"
}

// attempt records what the kubelet says about an attempt of a probe: nothing about a success.
func (e events) attempt(pod *v1.Pod, a probes.Attempt) {
	reason, text := attemptEvent(a)
	if reason != "" {
		e.container(pod, a.Key.Container, v1.EventTypeWarning, reason, "%s", text)
	}
}

// attemptEvent returns the reason and the message of the event about an attempt (prober.go, probe); empty for none.
func attemptEvent(a probes.Attempt) (reason, message string) {
	kind := a.Key.Kind.Title()
	switch {
	case a.Outcome == probes.Success && a.Warning:
		return "ProbeWarning", fmt.Sprintf("%s probe warning: %s", kind, a.Message)
	case a.Outcome == probes.Failure:
		return "Unhealthy", fmt.Sprintf("%s probe failed: %s", kind, a.Message)
	case a.Outcome == probes.Unknown:
		return "Unhealthy", fmt.Sprintf("%s probe errored and resulted in unknown state: %s", kind, a.Message)
	}
	return "", ""
}
