package cluster

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type podOption func(*corev1.Pod)

func newPod(phase corev1.PodPhase, options ...podOption) *corev1.Pod {
	p := &corev1.Pod{Status: corev1.PodStatus{Phase: phase}}
	for _, option := range options {
		option(p)
	}
	return p
}

func with(status corev1.ContainerStatus) podOption {
	return func(p *corev1.Pod) {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: status.Name})
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, status)
	}
}

func withInit(status corev1.ContainerStatus) podOption {
	return func(p *corev1.Pod) {
		p.Spec.InitContainers = append(p.Spec.InitContainers, corev1.Container{Name: status.Name})
		p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, status)
	}
}

func withSidecar(status corev1.ContainerStatus) podOption {
	return func(p *corev1.Pod) {
		withInit(status)(p)
		always := corev1.ContainerRestartPolicyAlways
		p.Spec.InitContainers[len(p.Spec.InitContainers)-1].RestartPolicy = &always
	}
}

func condition(kind corev1.PodConditionType, status corev1.ConditionStatus, reason string) podOption {
	return func(p *corev1.Pod) {
		p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: kind, Status: status, Reason: reason})
	}
}

func deleting(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }

func running(name string, ready bool, restarts int32) corev1.ContainerStatus {
	s := corev1.ContainerStatus{Name: name, Ready: ready, Started: new(true), RestartCount: restarts}
	s.State.Running = &corev1.ContainerStateRunning{}
	if restarts > 0 {
		s.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{FinishedAt: metav1.Unix(int64(restarts), 0)}
	}
	return s
}

func waiting(name, reason string) corev1.ContainerStatus {
	s := corev1.ContainerStatus{Name: name}
	s.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason}
	return s
}

func terminated(name string, code, signal int32, reason string) corev1.ContainerStatus {
	s := corev1.ContainerStatus{Name: name}
	s.State.Terminated = &corev1.ContainerStateTerminated{ExitCode: code, Signal: signal, Reason: reason}
	return s
}

func TestPodRow(t *testing.T) {
	readyCondition := condition(corev1.PodReady, corev1.ConditionTrue, "")
	tests := []struct {
		name string
		pod  *corev1.Pod
		want row
	}{
		{"not scheduled", newPod("Pending", func(p *corev1.Pod) {
			p.Spec.Containers = []corev1.Container{{}}
		}), row{status: "Pending", total: 1}},
		{
			"scheduling gated", newPod("Pending", condition(corev1.PodScheduled, "False", "SchedulingGated")),
			row{status: "SchedulingGated"},
		},
		{"creating", newPod("Pending", with(waiting("a", "ContainerCreating"))), row{status: "ContainerCreating", total: 1}},
		{"image", newPod("Pending", with(waiting("a", "ImagePullBackOff"))), row{status: "ImagePullBackOff", total: 1}},
		{
			"running and ready", newPod("Running", with(running("a", true, 0)), readyCondition),
			row{status: "Running", ready: 1, total: 1},
		},
		{"running, not ready", newPod("Running", with(running("a", false, 0))), row{status: "Running", total: 1}},
		{
			"restarted", newPod("Running", with(running("a", true, 2)), readyCondition),
			row{status: "Running", ready: 1, total: 1, restarts: 2, lastRestart: time.Unix(2, 0)},
		},
		{"crash loop", newPod("Running", with(waiting("a", "CrashLoopBackOff"))), row{status: "CrashLoopBackOff", total: 1}},
		{"error", newPod("Failed", with(terminated("a", 1, 0, "Error"))), row{status: "Error", total: 1}},
		{"exit code without reason", newPod("Failed", with(terminated("a", 7, 0, ""))), row{status: "ExitCode:7", total: 1}},
		{"signal without reason", newPod("Failed", with(terminated("a", 7, 9, ""))), row{status: "Signal:9", total: 1}},
		{"completed", newPod("Succeeded", with(terminated("a", 0, 0, "Completed"))), row{status: "Completed", total: 1}},
		{
			"one completed, one running, pod ready",
			newPod("Running", with(terminated("a", 0, 0, "Completed")), with(running("b", true, 0)), readyCondition),
			row{status: "Running", ready: 1, total: 2},
		},
		{
			"one completed, one running, pod not ready",
			newPod("Running", with(terminated("a", 0, 0, "Completed")), with(running("b", true, 0))),
			row{status: "NotReady", ready: 1, total: 2},
		},
		{
			"one completed, one failed",
			newPod("Failed", with(terminated("a", 0, 0, "Completed")), with(terminated("b", 1, 0, "Error"))),
			row{status: "Error", total: 2},
		},
		{
			"first container's reason wins",
			newPod("Running", with(waiting("a", "CrashLoopBackOff")), with(terminated("b", 1, 0, "Error"))),
			row{status: "CrashLoopBackOff", total: 2},
		},
		{"evicted", newPod("Failed", func(p *corev1.Pod) { p.Status.Reason = "Evicted" }), row{status: "Evicted"}},
		{
			"being deleted", newPod("Running", with(running("a", true, 0)), readyCondition, deleting),
			row{status: "Terminating", ready: 1, total: 1},
		},
		{
			"deleted and failed", newPod("Failed", with(terminated("a", 137, 0, "Error")), deleting),
			row{status: "Error", total: 1},
		},
		{"node lost", newPod("Running", deleting, func(p *corev1.Pod) { p.Status.Reason = "NodeLost" }), row{status: "Unknown"}},
		{"first of two init containers", newPod("Pending", withInit(running("i", false, 0)), withInit(waiting("j", "PodInitializing")),
			with(waiting("a", "PodInitializing"))), row{status: "Init:0/2", total: 1}},
		{"second of two init containers", newPod("Pending", withInit(terminated("i", 0, 0, "Completed")),
			withInit(waiting("j", "PodInitializing")), with(waiting("a", "PodInitializing"))), row{status: "Init:1/2", total: 1}},
		{"init failed", newPod("Pending", withInit(terminated("i", 1, 0, "Error"))), row{status: "Init:Error"}},
		{"init exit code", newPod("Pending", withInit(terminated("i", 3, 0, ""))), row{status: "Init:ExitCode:3"}},
		{"init signal", newPod("Pending", withInit(terminated("i", 3, 9, ""))), row{status: "Init:Signal:9"}},
		{"init crash loop", newPod("Pending", withInit(waiting("i", "CrashLoopBackOff"))), row{status: "Init:CrashLoopBackOff"}},
		{
			"started sidecar counts as ready container", newPod("Running", withSidecar(running("s", true, 0)),
				with(running("a", true, 0)), readyCondition, condition(corev1.PodInitialized, "True", "")),
			row{status: "Running", ready: 2, total: 2},
		},
		{
			"restarts of init containers are forgotten, of sidecars not", newPod("Running", withInit(func() corev1.ContainerStatus {
				s := terminated("i", 0, 0, "Completed")
				s.RestartCount = 4
				return s
			}()), withSidecar(running("s", true, 3)), with(running("a", true, 1)), condition(corev1.PodInitialized, "True", "")),
			row{status: "Running", ready: 2, total: 2, restarts: 4, lastRestart: time.Unix(3, 0)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := podRow(test.pod)
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(row{})); diff != "" {
				t.Errorf("podRow (-want +got):\n%s", diff)
			}
		})
	}
}
