package cluster

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/lab"
	"healthlab/probes"
)

func TestConvertPodContainer(t *testing.T) {
	spec := corev1.Container{
		Name: "app", Image: "alpine", Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 8080}, {ContainerPort: 9}},
		LivenessProbe: &corev1.Probe{
			ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{
				Path: "/health", Port: intstr.FromString("web"), Scheme: "HTTP",
				HTTPHeaders: []corev1.HTTPHeader{{Name: "X-A", Value: "1"}},
			}},
			InitialDelaySeconds: 5, PeriodSeconds: 5, TimeoutSeconds: 1, SuccessThreshold: 1, FailureThreshold: 3,
			TerminationGracePeriodSeconds: new(int64(7)),
		},
	}
	status := running("app", true, 1)
	status.ContainerID = "containerd://1"
	status.State.Running.StartedAt = metav1.Unix(50, 0)
	status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{
		ExitCode: 137, Reason: "Error", StartedAt: metav1.Unix(1, 0), FinishedAt: metav1.Unix(49, 0),
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", UID: "u", DeletionTimestamp: &metav1.Time{Time: time.Unix(130, 0)}, DeletionGracePeriodSeconds: new(int64(30))},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{spec}, TerminationGracePeriodSeconds: new(int64(30)), RestartPolicy: "Always"},
		Status: corev1.PodStatus{Phase: "Running", PodIP: "10.0.0.1", StartTime: new(metav1.Unix(48, 0)), ContainerStatuses: []corev1.ContainerStatus{status}, Conditions: []corev1.PodCondition{
			{Type: corev1.PodReady, Status: "True", LastTransitionTime: metav1.Unix(51, 0)},
		}},
	}
	want := lab.Pod{
		Name: "p", UID: "u", IP: "10.0.0.1", Phase: "Running", Status: "Terminating", ReadyContainers: 1, TotalContainers: 1,
		Restarts: 1, LastRestart: time.Unix(49, 0), Ready: true, ReadySince: time.Unix(51, 0), Deleting: time.Unix(100, 0),
		GracePeriod: 30 * time.Second, DeletionGrace: 30 * time.Second, Acknowledged: time.Unix(48, 0), RestartPolicy: "Always",
		Conditions: []lab.Condition{{Type: "Ready", Status: "True", Since: time.Unix(51, 0)}},
		Containers: []lab.Container{{
			Name: "app", Image: "alpine", ID: "containerd://1", State: lab.Running, StartedAt: time.Unix(50, 0), Started: true,
			Ready: true, Restarts: 1, Ports: map[string]int{"web": 8080},
			Last: &lab.Termination{ExitCode: 137, Reason: "Error", StartedAt: time.Unix(1, 0), FinishedAt: time.Unix(49, 0)},
			Probes: []lab.Probe{{Threshold: 3, Spec: probes.Spec{
				Kind: probes.Liveness,
				HTTP: &probes.HTTPAction{
					Scheme: "HTTP", Path: "/health", Port: probes.Port{Name: "web"}, Headers: []probes.Header{{Name: "X-A", Value: "1"}},
				},
				InitialDelay: 5 * time.Second, Period: 5 * time.Second, Timeout: time.Second,
				SuccessThreshold: 1, FailureThreshold: 3, GracePeriod: new(7 * time.Second),
			}}},
		}},
	}
	if diff := cmp.Diff(want, convertPod(pod)); diff != "" {
		t.Errorf("convertPod (-want +got):\n%s", diff)
	}
	for id, standIn := range map[string]bool{
		lab.StandInImage + "@sha256:12": true, "docker.io/library/node@sha256:12": false, "docker.io/" + lab.StandInImage + "@sha256:12": false, "": false,
	} {
		pod.Status.ContainerStatuses[0].ImageID = id
		if got := convertPod(pod).Containers[0].StandIn; got != standIn {
			t.Errorf("imageID %q: a stand-in: %t", id, got)
		}
	}
}

// TestConvertPodSidecars checks that the observer probes what a kubelet does, with the commands that a kubelet runs.
func TestConvertPodSidecars(t *testing.T) {
	probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"cat", "$(FILE)"}}}}
	env := []corev1.EnvVar{{Name: "FILE", Value: "/tmp/healthy"}}
	ended := func(name string, code int32) corev1.ContainerStatus {
		return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: code, Reason: "Error"},
		}}
	}
	pod := &corev1.Pod{
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyOnFailure,
			InitContainers: []corev1.Container{
				{Name: "init"},
				{Name: "sidecar", RestartPolicy: new(corev1.ContainerRestartPolicyAlways), Env: env, StartupProbe: probe},
			},
			Containers: []corev1.Container{
				{Name: "app", Env: env, ReadinessProbe: probe},
				{Name: "done", RestartPolicy: new(corev1.ContainerRestartPolicyNever)},
			},
			EphemeralContainers: []corev1.EphemeralContainer{
				{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debugger"}},
			},
		},
		Status: corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{ended("init", 0), ended("sidecar", 2)},
			ContainerStatuses:     []corev1.ContainerStatus{running("app", true, 1), ended("done", 3)},
		},
	}
	spec := func(kind probes.Kind) []lab.Probe {
		s := probes.Spec{Kind: kind, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}}}.Defaulted()
		return []lab.Probe{{Spec: s, Threshold: 3}}
	}
	want := []lab.Container{
		{Name: "app", State: lab.Running, Probes: spec(probes.Readiness)},
		{Name: "done", State: lab.Terminated, Reason: "Error", Final: true, Once: true, Exit: &lab.Termination{ExitCode: 3, Reason: "Error"}},
		{
			Name: "sidecar", State: lab.Terminated, Reason: "Error", Probes: spec(probes.Startup), Sidecar: true,
			Exit: &lab.Termination{ExitCode: 2, Reason: "Error"},
		},
	}
	ignored := cmpopts.IgnoreFields(lab.Container{}, "Ports", "Ready", "Started", "StartedAt", "Restarts", "Last")
	if diff := cmp.Diff(want, convertPod(pod).Containers, ignored); diff != "" {
		t.Errorf("convertPod (-want +got):\n%s", diff)
	}
	want = []lab.Container{{Name: "init", State: lab.Terminated, Reason: "Error", Final: true, Exit: &lab.Termination{Reason: "Error"}}}
	if diff := cmp.Diff(want, convertPod(pod).Init, ignored); diff != "" {
		t.Errorf("convertPod (-want +got):\n%s", diff)
	}
}

// What a pod may hold without end is cut.
func TestConvertPodIsBounded(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: "p", Annotations: map[string]string{"kubernetes.io/config.mirror": "hash"}, Finalizers: slices.Repeat([]string{"a"}, 1000),
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "web-1", Controller: new(true)}},
		},
		Spec: corev1.PodSpec{
			Containers:     []corev1.Container{{Name: "app", Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{"memory": resource.MustParse("64Mi")}}}},
			ReadinessGates: slices.Repeat([]corev1.PodReadinessGate{{ConditionType: "x/gate"}}, 1000),
		},
		Status: corev1.PodStatus{
			Reason: long, Message: long,
			Conditions: slices.Repeat([]corev1.PodCondition{{Type: "Ready", Reason: long, Message: long}}, 1000),
			ContainerStatuses: []corev1.ContainerStatus{{Name: "app", LastTerminationState: corev1.ContainerState{
				Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Signal: 9, Reason: long, Message: long, ContainerID: "containerd://1"},
			}}},
		},
	}
	got := convertPod(pod)
	last := got.Containers[0].Last
	for name, text := range map[string]string{
		"reason": got.Reason, "message": got.Message, "condition's reason": got.Conditions[0].Reason,
		"condition's message": got.Conditions[0].Message, "end's reason": last.Reason, "end's message": last.Message,
	} {
		if len(text) > maxText+len("…") || len(text) < maxText {
			t.Errorf("%s: %d bytes", name, len(text))
		}
	}
	if len(got.Conditions) != maxFew || len(got.ReadinessGates) != maxFew || len(got.Finalizers) != maxFew {
		t.Errorf("%d conditions, %d gates, %d finalizers", len(got.Conditions), len(got.ReadinessGates), len(got.Finalizers))
	}
	if last.ExitCode != 1 || last.Signal != 9 || last.ContainerID != "containerd://1" || got.Containers[0].MemoryLimit != 64<<20 ||
		got.StaticUID != "hash" || got.Owner != (lab.Owner{Kind: "ReplicaSet", Name: "web-1"}) {
		t.Errorf("%+v, end %+v", got, last)
	}
}

func TestContainerOf(t *testing.T) {
	for path, want := range map[string]string{
		"spec.containers{my-app}":     "my-app",
		"spec.initContainers{proxy}":  "proxy",
		"spec.containers{cut":         "",
		"spec.containers":             "",
		"spec.ephemeralContainers{x}": "",
		"":                            "",
	} {
		if got := containerOf(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestConvertEvent(t *testing.T) {
	object := corev1.ObjectReference{Kind: "Pod", Name: "p", UID: "u", FieldPath: "spec.containers{my-app}"}
	tests := []struct {
		name  string
		event corev1.Event
		want  lab.Event
	}{
		{"counted by the kubelet", corev1.Event{
			InvolvedObject: object, Type: "Warning", Reason: "Unhealthy", Message: "m", Count: 3,
			FirstTimestamp: metav1.Unix(1, 0), LastTimestamp: metav1.Unix(11, 0), Source: corev1.EventSource{Component: "kubelet"},
		}, lab.Event{
			Type: "Warning", Reason: "Unhealthy", Message: "m", ObjectKind: "Pod", ObjectName: "p", ObjectUID: "u",
			Container: "my-app", Source: "kubelet", Count: 3, First: time.Unix(1, 0), Last: time.Unix(11, 0),
		}},
		{"written through events.k8s.io", corev1.Event{
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: "p"}, Reason: "Scheduled",
			ObjectMeta: metav1.ObjectMeta{ResourceVersion: "1234"},
			EventTime:  metav1.NewMicroTime(time.Unix(5, 999_999_000)), ReportingController: "default-scheduler",
		}, lab.Event{
			Reason: "Scheduled", ObjectKind: "Pod", ObjectName: "p", Source: "default-scheduler", Count: 1,
			First: time.Unix(5, 0), Last: time.Unix(5, 0), Seq: 1234,
		}},
		{"a series", corev1.Event{
			EventTime: metav1.NewMicroTime(time.Unix(5, 0)),
			Series:    &corev1.EventSeries{Count: 9, LastObservedTime: metav1.NewMicroTime(time.Unix(8, 0))},
		}, lab.Event{Count: 9, First: time.Unix(5, 0), Last: time.Unix(8, 0)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, convertEvent(&test.event)); diff != "" {
				t.Errorf("convertEvent (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConvertSlice(t *testing.T) {
	got := convertSlice(&discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{discoveryv1.LabelServiceName: "svc"}},
		Endpoints: []discoveryv1.Endpoint{
			{Addresses: []string{"10.0.0.1"}, TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: "a"}},
			{Addresses: []string{"10.0.0.2"}, Conditions: discoveryv1.EndpointConditions{Ready: new(false), Serving: new(true), Terminating: new(true)}},
		},
	})
	want := []lab.Endpoint{
		{Service: "svc", Address: "10.0.0.1", Pod: "a", Ready: true, Serving: true},
		{Service: "svc", Address: "10.0.0.2", Serving: true, Terminating: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("convertSlice (-want +got):\n%s", diff)
	}
}

func TestConvertDeployment(t *testing.T) {
	got := convertDeployment(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "d"},
		Spec:       appsv1.DeploymentSpec{Replicas: new(int32(3)), Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "d"}}},
		Status:     appsv1.DeploymentStatus{Replicas: 3, UpdatedReplicas: 3, AvailableReplicas: 2, UnavailableReplicas: 1},
	})
	want := lab.Deployment{
		Name: "d", Selector: map[string]string{"app": "d"}, Desired: 3, Updated: 3, Total: 3, Available: 2, Unavailable: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("convertDeployment (-want +got):\n%s", diff)
	}
}
