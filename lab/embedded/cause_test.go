package embedded

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/wait"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/cluster"
)

func execProbe(threshold int32, command ...string) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: command}},
		PeriodSeconds: 1, FailureThreshold: threshold,
	}
}

func shell(script string) []string { return []string{"sh", "-c", script} }

// Pods are restarted and kept from being Ready on purpose, all at the same time, and what is said of each is what was done.
func TestCausesOnACluster(t *testing.T) {
	c := sharedCluster(t)
	admin := clientOf(t, c.RESTConfig())
	namespace := makeNamespace(t, admin)
	client, err := cluster.Open(cluster.Config{Kubeconfig: c.Kubeconfig(), Namespace: namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	const hangs = "trap '' TERM; sleep 3600 & wait; sleep 3600"
	tests := []struct {
		name   string
		change func(p *corev1.Pod, app *corev1.Container)
		about  cause.About
		code   cause.Code
		en, ko string
	}{
		{
			"liveness", func(_ *corev1.Pod, app *corev1.Container) {
				app.Command, app.LivenessProbe = []string{"sleep", "3600"}, execProbe(2, "cat", "/none")
			}, cause.Restart, cause.LivenessProbe,
			"The liveness probe failed 2 times in a row, so the kubelet stopped the container; after a grace period of 3 s it ended by SIGKILL (137)",
			"활성 프로브가 2번 이어서 실패해 kubelet이 종료했고, 3초 유예 뒤 SIGKILL(137)로 끝났습니다",
		},
		{"liveness-polite", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.LivenessProbe = shell("trap 'exit 143' TERM; while :; do sleep 1; done"), execProbe(2, "cat", "/none")
		}, cause.Restart, cause.LivenessProbe, "it ended on SIGTERM (143) after", "SIGTERM(143)으로 끝났습니다"},
		{"startup", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.StartupProbe = []string{"sleep", "3600"}, execProbe(2, "cat", "/none")
		}, cause.Restart, cause.StartupProbe, "The startup probe failed 2 times in a row", "스타트업 프로브가 2번 이어서 실패해"},
		{"never", func(p *corev1.Pod, app *corev1.Container) {
			p.Spec.RestartPolicy = corev1.RestartPolicyNever
			app.Command, app.LivenessProbe = []string{"sleep", "3600"}, execProbe(2, "cat", "/none")
		}, cause.NotReady, cause.LivenessProbe, "The liveness probe failed 2 times in a row, so the kubelet stopped the pod", "kubelet이 파드를 끝냈고"},
		{
			"exit", func(_ *corev1.Pod, app *corev1.Container) { app.Command = shell("sleep 1; exit 3") },
			cause.Restart, cause.Exit, "The program ended by itself with code 3", "프로그램이 스스로 코드 3으로 끝났습니다",
		},
		{"failing-and-exit", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.LivenessProbe = shell("sleep 3; exit 3"), execProbe(50, "cat", "/none")
		}, cause.Restart, cause.Exit, "The program ended by itself with code 3", "프로그램이 스스로 코드 3으로 끝났습니다"},
		{
			"completed", func(_ *corev1.Pod, app *corev1.Container) { app.Command = shell("sleep 1") },
			cause.Restart, cause.Completed, "The program finished with code 0", "프로그램이 일을 마치고 코드 0으로 끝났습니다",
		},
		{"crash-loop", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.ReadinessProbe = shell("exit 1"), execProbe(1, "true")
		}, cause.NotReady, cause.CrashLoop, "the last run: the program ended by itself with code 1", "지난 실행은 이렇습니다: 프로그램이 스스로 코드 1로 끝났습니다"},
		{"memory", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command = shell("sleep 1; tail /dev/zero")
			app.Resources.Limits = corev1.ResourceList{"memory": resource.MustParse("16Mi")}
		}, cause.Restart, cause.OutOfMemory, "It ran out of memory and the kernel killed it (OOMKilled, 137); its memory limit is 16Mi", "메모리 한도가 16Mi인데"},
		{
			"killed", func(_ *corev1.Pod, app *corev1.Container) { app.Command = shell("sleep 1; exit 137") },
			cause.Restart, cause.KilledUnknown, "It ended with code 137, which stands for SIGKILL; who sent it cannot be told", "누가 보냈는지는 알 수 없습니다",
		},
		{
			"no-program", func(_ *corev1.Pod, app *corev1.Container) { app.Command = []string{"/nothing"} },
			cause.NotReady, cause.StartError, "because the image has no such program", "실행할 프로그램이 이미지에 없어",
		},
		{"hook", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command = []string{"sleep", "3600"}
			app.Lifecycle = &corev1.Lifecycle{PostStart: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"false"}}}}
		}, cause.Restart, cause.PostStartHook, "The postStart hook failed, so the kubelet stopped the container", "postStart 훅이 실패해"},
		{
			"image", func(_ *corev1.Pod, app *corev1.Container) { app.Image = "alpineee" },
			cause.NotReady, cause.ImagePull, "healthlab has no such image; a stand-in can run in its place; the nearest built-in ones are alpine", "healthlab에 없는 이미지이고, 대역(stand-in)을 대신 실행할 수 있습니다(이름이 가까운 내장 이미지: alpine",
		},
		{
			"tag", func(_ *corev1.Pod, app *corev1.Container) { app.Image = "alpine:no-such-tag" },
			cause.NotReady, cause.ImagePull, "the image has no such tag; it has 2.6 to ", "그런 태그가 없습니다(있는 태그: 2.6~",
		},
		{"image-never", func(_ *corev1.Pod, app *corev1.Container) {
			app.Image, app.ImagePullPolicy = "alpineee", corev1.PullNever
		}, cause.NotReady, cause.ImageNeverPull, "imagePullPolicy Never", "imagePullPolicy가 Never라"},
		{"config-map", func(_ *corev1.Pod, app *corev1.Container) {
			app.EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "conf"}}}}
		}, cause.NotReady, cause.Config, "because there is no ConfigMap conf", "ConfigMap(conf)이 없어"},
		{"secret-key", func(_ *corev1.Pod, app *corev1.Container) {
			app.Env = []corev1.EnvVar{{Name: "A", ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: "kube-root-ca.crt"}, Key: "nothing",
			}}}}
		}, cause.NotReady, cause.Config, "because there is no key nothing in ConfigMap " + namespace + "/kube-root-ca.crt", "키(nothing)가 없어"},
		{"volume", func(p *corev1.Pod, app *corev1.Container) {
			p.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
				LocalObjectReference: corev1.LocalObjectReference{Name: "conf"},
			}}}}
			app.VolumeMounts = []corev1.VolumeMount{{Name: "v", MountPath: "/v"}}
		}, cause.NotReady, cause.Volume, `configmap "conf" not found`, "볼륨을 마운트하지 못합니다"},
		{"init", func(p *corev1.Pod, _ *corev1.Container) {
			p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "alpine", Command: []string{"sleep", "3600"}}}
		}, cause.NotReady, cause.InitRunning, "Init container: it still runs", "초기화 컨테이너: 아직 실행 중이며"},
		{"init-fails", func(p *corev1.Pod, _ *corev1.Container) {
			p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "alpine", Command: shell("exit 4")}}
		}, cause.NotReady, cause.CrashLoop, "Init container: it ended again and again", "초기화 컨테이너: 거듭 끝나서"},
		{"sidecar", func(p *corev1.Pod, _ *corev1.Container) {
			p.Spec.InitContainers = []corev1.Container{{
				Name: "proxy", Image: "alpine", Command: []string{"sleep", "3600"}, RestartPolicy: new(corev1.ContainerRestartPolicyAlways),
				StartupProbe: execProbe(1000, "cat", "/none"),
			}}
		}, cause.NotReady, cause.StartupFailing, "Sidecar: the startup probe is failing", "사이드카: 스타트업 프로브가 실패해"},
		{"readiness", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.ReadinessProbe = []string{"sleep", "3600"}, execProbe(1, "cat", "/tmp/healthy")
		}, cause.NotReady, cause.ReadinessFailing, "so the pod gets no traffic from Services: cat: can't open '/tmp/healthy'", "준비성 프로브가 실패해 트래픽을 받지 않습니다"},
		{"readiness-delay", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.ReadinessProbe = []string{"sleep", "3600"}, execProbe(1, "true")
			app.ReadinessProbe.InitialDelaySeconds = 3600
		}, cause.NotReady, cause.ReadinessDelay, "(initialDelaySeconds 3600)", "준비성 프로브의 첫 시도까지"},
		{"readiness-error", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.ReadinessProbe = []string{"sleep", "3600"}, execProbe(1, "/nothing")
		}, cause.NotReady, cause.ReadinessError, "The readiness probe cannot be run", "준비성 프로브를 실행할 수 없어"},
		{"named-port", func(_ *corev1.Pod, app *corev1.Container) {
			app.Command, app.ReadinessProbe = []string{"sleep", "3600"}, execProbe(1)
			app.ReadinessProbe.ProbeHandler = corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromString("web")}}
		}, cause.NotReady, cause.ReadinessError, "The readiness probe cannot be run", "준비성 프로브를 실행할 수 없어"},
		{"gate", func(p *corev1.Pod, app *corev1.Container) {
			app.Command = []string{"sleep", "3600"}
			p.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/lb"}}
		}, cause.NotReady, cause.ReadinessGate, "a readiness gate is not True yet: example.com/lb", "준비성 게이트가 아직 True가 아닙니다"},
		{"unschedulable", func(_ *corev1.Pod, app *corev1.Container) {
			app.Resources.Requests = corev1.ResourceList{"cpu": resource.MustParse("9999")}
		}, cause.NotReady, cause.Unschedulable, "The scheduler found no node for it: 0/1 nodes are available: 1 Insufficient cpu", "놓을 노드를 찾지 못했습니다"},
		{"scheduling-gate", func(p *corev1.Pod, _ *corev1.Container) {
			p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/wait"}}
		}, cause.NotReady, cause.SchedulingGated, "because of a scheduling gate", "스케줄링 게이트가 남아 있어"},
		{"deadline", func(p *corev1.Pod, app *corev1.Container) {
			app.Command, p.Spec.ActiveDeadlineSeconds = []string{"sleep", "3600"}, new(int64(2))
		}, cause.NotReady, cause.DeadlineExceeded, "activeDeadlineSeconds was over", "activeDeadlineSeconds가 지나"},
		{"deleted", func(p *corev1.Pod, app *corev1.Container) {
			app.Command, p.Spec.TerminationGracePeriodSeconds = shell(hangs), new(int64(600))
		}, cause.NotReady, cause.Deleting, "It is being deleted and ends by SIGKILL in", "삭제되는 중이고"},
		{"done", func(p *corev1.Pod, app *corev1.Container) {
			p.Spec.RestartPolicy, app.Command = corev1.RestartPolicyNever, []string{"true"}
		}, cause.NotReady, cause.Succeeded, "All its containers have finished", "모두 일을 마쳐"},
	}
	for _, test := range tests {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: test.name},
			Spec: corev1.PodSpec{
				TerminationGracePeriodSeconds: new(int64(3)),
				Containers:                    []corev1.Container{{Name: "app", Image: "alpine", ImagePullPolicy: corev1.PullIfNotPresent}},
			},
		}
		test.change(pod, &pod.Spec.Containers[0])
		eventually(t, "pod created", func(ctx context.Context) (bool, error) {
			_, err := admin.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{})
			return err == nil, ignoreForbidden(err)
		})
	}
	eventually(t, "the pod to be deleted runs", func(ctx context.Context) (bool, error) {
		pod, err := admin.CoreV1().Pods(namespace).Get(ctx, "deleted", metav1.GetOptions{})
		return err == nil && pod.Status.Phase == corev1.PodRunning, err
	})
	if err := admin.CoreV1().Pods(namespace).Delete(t.Context(), "deleted", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var last []cause.Cause
			err := wait.PollUntilContextTimeout(t.Context(), 200*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
				pod, err := client.Pod(ctx, test.name)
				if err != nil {
					return false, err
				}
				events, err := client.Events(ctx, func(e lab.Event) bool { return e.ObjectName == test.name })
				if err != nil {
					return false, err
				}
				last = cause.Of(pod, cause.Seen{At: time.Now(), Events: events})
				for _, found := range last {
					if found.About == test.about && found.Code == test.code && strings.Contains(found.Sentence.En, test.en) &&
						strings.Contains(found.Sentence.Ko, test.ko) && len(found.Evidence) > 0 {
						return true, nil
					}
				}
				return false, nil
			})
			if err != nil {
				t.Errorf("%v: want %s %s: %s\n%s", err, test.about, test.code, test.en, listed(last))
			}
		})
	}
}

func listed(causes []cause.Cause) string {
	var out strings.Builder
	for _, c := range causes {
		fmt.Fprintf(&out, "%s %s %s: %s\n", c.About, c.Container, c.Code, c.Sentence.En)
		for i, e := range c.Evidence {
			fmt.Fprintf(&out, "  %d %s %s\n", i+1, e.At.Format(time.TimeOnly), e.Text.En)
		}
		fmt.Fprintln(&out, "  +", c.Known, "?", c.Unknown)
	}
	return out.String()
}
