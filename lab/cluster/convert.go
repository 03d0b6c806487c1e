package cluster

import (
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	appsv1 "k8s.io/api/apps/v1"

	"healthlab/lab"
	"healthlab/probes"
)

// convertPod turns a pod into what the session needs of it. Containers are the regular ones, in the spec's order.
func convertPod(pod *corev1.Pod) lab.Pod {
	p := lab.Pod{
		Name: pod.Name, UID: string(pod.UID), Labels: pod.Labels,
		IP: pod.Status.PodIP, Node: pod.Spec.NodeName,
		Phase: string(pod.Status.Phase), Created: pod.CreationTimestamp.Time,
		RestartPolicy: string(pod.Spec.RestartPolicy), GracePeriod: 30 * time.Second,
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
			p.Deleting = p.Deleting.Add(-time.Duration(*s) * time.Second)
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			p.Ready, p.ReadySince = condition.Status == corev1.ConditionTrue, condition.LastTransitionTime.Time
		}
	}
	statuses := make(map[string]*corev1.ContainerStatus, len(pod.Status.ContainerStatuses))
	for i := range pod.Status.ContainerStatuses {
		statuses[pod.Status.ContainerStatuses[i].Name] = &pod.Status.ContainerStatuses[i]
	}
	for i := range pod.Spec.Containers {
		p.Containers = append(p.Containers, convertContainer(pod, &pod.Spec.Containers[i], statuses[pod.Spec.Containers[i].Name]))
	}
	return p
}

func convertContainer(pod *corev1.Pod, spec *corev1.Container, status *corev1.ContainerStatus) lab.Container {
	c := lab.Container{Name: spec.Name, Image: spec.Image, State: lab.Waiting}
	for _, port := range spec.Ports {
		if port.Name != "" {
			if c.Ports == nil {
				c.Ports = map[string]int{}
			}
			c.Ports[port.Name] = int(port.ContainerPort)
		}
	}
	add := func(kind probes.Kind, probe *corev1.Probe) {
		if probe != nil {
			s := convertProbe(kind, probe)
			c.Probes = append(c.Probes, lab.Probe{Spec: s, Threshold: s.FailureThreshold, Caveats: caveats(pod, spec, s)})
		}
	}
	add(probes.Startup, spec.StartupProbe)
	add(probes.Readiness, spec.ReadinessProbe)
	add(probes.Liveness, spec.LivenessProbe)
	if status == nil {
		return c
	}
	c.ID, c.Ready, c.Restarts = status.ContainerID, status.Ready, int(status.RestartCount)
	c.Started = status.Started != nil && *status.Started
	switch {
	case status.State.Running != nil:
		c.State, c.StartedAt = lab.Running, status.State.Running.StartedAt.Time
	case status.State.Terminated != nil:
		t := status.State.Terminated
		c.State, c.StartedAt, c.Reason, c.Message = lab.Terminated, t.StartedAt.Time, clip(t.Reason, maxText), clip(t.Message, maxText)
	case status.State.Waiting != nil:
		c.Reason, c.Message = clip(status.State.Waiting.Reason, maxText), clip(status.State.Waiting.Message, maxText)
	}
	if t := status.LastTerminationState.Terminated; t != nil {
		c.Last = &lab.Termination{
			ExitCode: int(t.ExitCode), Reason: t.Reason, StartedAt: t.StartedAt.Time, FinishedAt: t.FinishedAt.Time,
		}
	}
	return c
}

// convertProbe reads a probe as the API server stores it, which is with every default filled in.
func convertProbe(kind probes.Kind, probe *corev1.Probe) probes.Spec {
	seconds := func(n int32) time.Duration { return time.Duration(n) * time.Second }
	s := probes.Spec{
		Kind:         kind,
		InitialDelay: seconds(probe.InitialDelaySeconds), Period: seconds(probe.PeriodSeconds),
		Timeout:          seconds(probe.TimeoutSeconds),
		SuccessThreshold: int(probe.SuccessThreshold), FailureThreshold: int(probe.FailureThreshold),
	}
	if g := probe.TerminationGracePeriodSeconds; g != nil {
		d := time.Duration(*g) * time.Second
		s.GracePeriod = &d
	}
	switch {
	case probe.Exec != nil:
		s.Exec = &probes.ExecAction{Command: probe.Exec.Command}
	case probe.HTTPGet != nil:
		h := probe.HTTPGet
		s.HTTP = &probes.HTTPAction{
			Scheme: string(h.Scheme), Host: h.Host, Path: h.Path,
			Port: probes.Port{Number: int(h.Port.IntVal), Name: h.Port.StrVal},
		}
		for _, header := range h.HTTPHeaders {
			s.HTTP.Headers = append(s.HTTP.Headers, probes.Header{Name: header.Name, Value: header.Value})
		}
	case probe.TCPSocket != nil:
		t := probe.TCPSocket
		s.TCP = &probes.TCPAction{Host: t.Host, Port: probes.Port{Number: int(t.Port.IntVal), Name: t.Port.StrVal}}
	case probe.GRPC != nil:
		s.GRPC = &probes.GRPCAction{Port: int(probe.GRPC.Port)}
		if probe.GRPC.Service != nil {
			s.GRPC.Service = *probe.GRPC.Service
		}
	}
	return s
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
	var container string
	if _, err := fmt.Sscanf(event.InvolvedObject.FieldPath, "spec.containers{%s", &container); err == nil {
		e.Container = container[:max(len(container)-1, 0)]
	}
	return e
}
