package cluster

import (
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	appsv1 "k8s.io/api/apps/v1"

	"healthlab/lab"
	"healthlab/lab/podspec"
)

// convertPod turns a pod into what the session needs of it.
func convertPod(pod *corev1.Pod) lab.Pod {
	p := lab.Pod{
		Name: pod.Name, UID: string(pod.UID), StaticUID: clip(pod.Annotations[corev1.MirrorPodAnnotationKey], maxText), Labels: pod.Labels,
		IP: pod.Status.PodIP, Node: pod.Spec.NodeName,
		Phase: string(pod.Status.Phase), Created: pod.CreationTimestamp.Time,
		GracePeriod: 30 * time.Second, RestartPolicy: string(pod.Spec.RestartPolicy),
		Reason: clip(pod.Status.Reason, maxText), Message: clip(pod.Status.Message, maxText),
		Finalizers: first(pod.Finalizers, maxFew),
	}
	row := podRow(pod)
	p.Status, p.ReadyContainers, p.TotalContainers = row.status, row.ready, row.total
	p.Restarts, p.LastRestart = row.restarts, row.lastRestart
	if t := pod.Status.StartTime; t != nil {
		p.Acknowledged = t.Time
	}
	if s := pod.Spec.TerminationGracePeriodSeconds; s != nil {
		p.GracePeriod = time.Duration(*s) * time.Second
	}
	if pod.DeletionTimestamp != nil {
		p.Deleting = pod.DeletionTimestamp.Time
		if s := pod.DeletionGracePeriodSeconds; s != nil {
			// The API stores when the grace period ends; the deletion was asked for that much earlier.
			p.DeletionGrace = time.Duration(*s) * time.Second
			p.Deleting = p.Deleting.Add(-p.DeletionGrace)
		}
	}
	if probing, ok := lab.ParseProbing(pod.Annotations[lab.ProbingAnnotation]); ok {
		p.Probing = probing
	}
	if owner := metav1.GetControllerOf(pod); owner != nil {
		p.Owner = lab.Owner{Kind: owner.Kind, Name: owner.Name}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			p.Ready, p.ReadySince = condition.Status == corev1.ConditionTrue, condition.LastTransitionTime.Time
		}
	}
	for _, c := range first(pod.Status.Conditions, maxFew) {
		p.Conditions = append(p.Conditions, lab.Condition{
			Type: string(c.Type), Status: string(c.Status), Reason: clip(c.Reason, maxText), Message: clip(c.Message, maxText),
			Since: c.LastTransitionTime.Time,
		})
	}
	for _, gate := range first(pod.Spec.ReadinessGates, maxFew) {
		p.ReadinessGates = append(p.ReadinessGates, string(gate.ConditionType))
	}
	statuses := map[string]*corev1.ContainerStatus{}
	for _, list := range [][]corev1.ContainerStatus{pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses} {
		for i := range list {
			statuses[list[i].Name] = &list[i]
		}
	}
	for _, c := range podspec.Probed(pod) {
		p.Containers = append(p.Containers, convertContainer(pod, c, statuses[c.Name]))
	}
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; !podspec.Sidecar(c) {
			p.Init = append(p.Init, convertContainer(pod, c, statuses[c.Name]))
		}
	}
	return p
}

// maxFew is how many conditions, readiness gates and finalizers of a pod are looked at.
const maxFew = 32

// first returns at most so many of the first elements.
func first[T any](all []T, most int) []T { return all[:min(len(all), most):min(len(all), most)] }

func convertContainer(pod *corev1.Pod, spec *corev1.Container, status *corev1.ContainerStatus) lab.Container {
	const killed = 137 // by SIGKILL
	c := lab.Container{
		Name: spec.Name, Image: spec.Image, State: lab.Waiting, Ports: podspec.Ports(spec),
		Sidecar: podspec.Sidecar(spec), MemoryLimit: spec.Resources.Limits.Memory().Value(),
		Once: !podspec.Restarts(pod, spec, killed), PreStop: podspec.PreStop(spec),
		OneByOne: clip(podspec.OneByOne(spec), maxText),
	}
	for _, s := range podspec.Probes(spec) {
		p := lab.Probe{Spec: s, Threshold: s.FailureThreshold, Caveats: caveats(pod, spec, s)}
		if s.Exec != nil {
			p.Changes = clip(podspec.Changes(s.Exec.Command), maxText)
		}
		c.Probes = append(c.Probes, p)
	}
	if status == nil {
		return c
	}
	c.ID, c.Ready, c.Restarts = status.ContainerID, status.Ready, int(status.RestartCount)
	c.Started = status.Started != nil && *status.Started
	c.StandIn = strings.HasPrefix(status.ImageID, lab.StandInImage+"@")
	switch {
	case status.State.Running != nil:
		c.State, c.StartedAt = lab.Running, status.State.Running.StartedAt.Time
	case status.State.Terminated != nil:
		t := status.State.Terminated
		c.State, c.StartedAt, c.Reason, c.Message = lab.Terminated, t.StartedAt.Time, clip(t.Reason, maxText), clip(t.Message, maxText)
		c.Final = !podspec.Restarts(pod, spec, int(t.ExitCode))
		c.Exit = termination(t)
	case status.State.Waiting != nil:
		c.Reason, c.Message = clip(status.State.Waiting.Reason, maxText), clip(status.State.Waiting.Message, maxText)
	}
	if t := status.LastTerminationState.Terminated; t != nil {
		c.Last = termination(t)
	}
	return c
}

func termination(t *corev1.ContainerStateTerminated) *lab.Termination {
	return &lab.Termination{
		ContainerID: t.ContainerID, ExitCode: int(t.ExitCode), Signal: int(t.Signal),
		Reason: clip(t.Reason, maxText), Message: clip(t.Message, maxText),
		StartedAt: t.StartedAt.Time, FinishedAt: t.FinishedAt.Time,
	}
}

func convertDeployment(d *appsv1.Deployment) lab.Deployment {
	out := lab.Deployment{
		Name: d.Name, Desired: 1, Updated: int(d.Status.UpdatedReplicas), Total: int(d.Status.Replicas),
		Available: int(d.Status.AvailableReplicas), Unavailable: int(d.Status.UnavailableReplicas),
		Deleting: d.DeletionTimestamp != nil,
	}
	if d.Spec.Replicas != nil {
		out.Desired = int(*d.Spec.Replicas)
	}
	if d.Spec.Selector != nil {
		out.Selector = d.Spec.Selector.MatchLabels
	}
	return out
}

// convertSlice lists a slice's addresses. An absent condition reads as the API says it does: ready and serving.
func convertSlice(slice *discoveryv1.EndpointSlice) []lab.Endpoint {
	isTrue := func(b *bool, absent bool) bool {
		if b == nil {
			return absent
		}
		return *b
	}
	var out []lab.Endpoint
	for _, endpoint := range slice.Endpoints {
		ready := isTrue(endpoint.Conditions.Ready, true)
		e := lab.Endpoint{
			Service: slice.Labels[discoveryv1.LabelServiceName], Ready: ready,
			Serving:     isTrue(endpoint.Conditions.Serving, ready),
			Terminating: isTrue(endpoint.Conditions.Terminating, false),
		}
		if endpoint.TargetRef != nil && endpoint.TargetRef.Kind == "Pod" {
			e.Pod = endpoint.TargetRef.Name
		}
		for _, address := range endpoint.Addresses {
			e.Address = address
			out = append(out, e)
		}
	}
	return out
}

// convertEvent reads an event of either API: those written through events.k8s.io have an eventTime and a series instead of
// timestamps and a count.
func convertEvent(event *corev1.Event) lab.Event {
	e := lab.Event{
		UID: string(event.UID), Type: event.Type, Reason: clip(event.Reason, maxText), Message: clip(event.Message, maxText),
		ObjectKind: event.InvolvedObject.Kind, ObjectName: event.InvolvedObject.Name,
		ObjectUID: string(event.InvolvedObject.UID),
		Source:    event.Source.Component, Count: max(int(event.Count), 1),
		First: event.FirstTimestamp.Time, Last: event.LastTimestamp.Time,
	}
	if e.Source == "" {
		e.Source = event.ReportingController
	}
	if e.First.IsZero() {
		e.First = event.EventTime.Time
	}
	if e.First.IsZero() {
		e.First = event.CreationTimestamp.Time
	}
	if event.Series != nil {
		e.Count, e.Last = max(e.Count, int(event.Series.Count)), event.Series.LastObservedTime.Time
	}
	if e.Last.Before(e.First) {
		e.Last = e.First
	}
	// The scheduler stamps microseconds, the kubelet and the controllers whole seconds. Kept as they are, what the scheduler
	// did first would come last. The version is etcd's revision, the order in which the API server took the events in.
	e.First, e.Last = e.First.Truncate(time.Second), e.Last.Truncate(time.Second)
	if seq, err := strconv.ParseUint(event.ResourceVersion, 10, 64); err == nil {
		e.Seq = seq
	}
	e.Container = containerOf(event.InvolvedObject.FieldPath)
	return e
}

// containerOf returns the name in a field path such as spec.containers{app}, or "".
func containerOf(fieldPath string) string {
	list, rest, _ := strings.Cut(fieldPath, "{")
	name, closed := strings.CutSuffix(rest, "}")
	if !closed || list != "spec.containers" && list != "spec.initContainers" {
		return ""
	}
	return name
}
