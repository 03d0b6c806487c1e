package node

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab/node/sandbox"
)

func TestMountedObjectsFollowTheAPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conf := &v1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: "conf", Namespace: "default"},
			Data:       map[string]string{"key": "old", "gone": "soon"},
		}
		l := startLab(t, nil, conf)
		l.create(testPod("a", func(p *v1.Pod) {
			p.Labels = map[string]string{"color": "blue"}
			p.Spec.Volumes = []v1.Volume{
				{Name: "conf", VolumeSource: v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{
					LocalObjectReference: v1.LocalObjectReference{Name: "conf"},
				}}},
				{Name: "info", VolumeSource: v1.VolumeSource{DownwardAPI: &v1.DownwardAPIVolumeSource{
					Items: []v1.DownwardAPIVolumeFile{{
						Path: "labels", FieldRef: &v1.ObjectFieldSelector{FieldPath: "metadata.labels"},
					}},
				}}},
			}
			p.Spec.Containers[0].VolumeMounts = []v1.VolumeMount{
				{Name: "conf", MountPath: "/conf"},
				{Name: "conf", MountPath: "/single", SubPath: "key"},
				{Name: "info", MountPath: "/info"},
			}
		}))
		l.wait("a", "running", running)
		app := containerOf(l.agent.worker("default", "a").running("app", ""))
		read := func(name string) string {
			data, err := app.ReadFile(name, 1<<10)
			if errors.Is(err, sandbox.ENOENT) {
				return "absent"
			}
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		if err := app.FS().WriteFile("/conf/key", nil, 0o644); !errors.Is(err, sandbox.EROFS) {
			t.Errorf("write into a ConfigMap: %v", err)
		}

		conf.Data = map[string]string{"key": "new", "more": "now"}
		if _, err := l.client.CoreV1().ConfigMaps("default").Update(t.Context(), conf, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		changed := time.Now()
		l.wait("a", "given the new ConfigMap", func(*v1.Pod) bool { return read("/conf/key") == "new" })
		if took := time.Since(changed); took > 100*time.Second {
			t.Errorf("the ConfigMap changed after %v", took)
		}
		for name, want := range map[string]string{"/conf/gone": "absent", "/conf/more": "now", "/single": "old"} {
			if got := read(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}

		pod := l.get("a")
		pod.Labels["color"] = "red"
		if _, err := l.client.CoreV1().Pods("default").Update(t.Context(), pod, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		changed = time.Now()
		l.wait("a", "given its labels", func(*v1.Pod) bool { return strings.Contains(read("/info/labels"), "red") })
		if took := time.Since(changed); took > time.Second {
			t.Errorf("the labels changed after %v", took)
		}

		// What is mounted stays when its object goes, and the pod says that something is wrong.
		if err := l.client.CoreV1().ConfigMaps("default").Delete(t.Context(), "conf", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		const missing = `Warning FailedMount MountVolume.SetUp failed for volume "conf" : configmap "conf" not found`
		l.wait("a", "without its ConfigMap", func(*v1.Pod) bool { return len(l.seen(missing)) > 0 })
		if got := read("/conf/key"); got != "new" {
			t.Errorf("/conf/key: %q after its ConfigMap was deleted", got)
		}
	})
}

func TestResizeIsNotSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", nil))
		pod := l.wait("a", "running", running)
		pod.Spec.Containers[0].Resources.Requests = v1.ResourceList{v1.ResourceCPU: resource.MustParse("2")}
		if _, err := l.client.CoreV1().Pods("default").Update(t.Context(), pod, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		l.wait("a", "warned", func(*v1.Pod) bool {
			return len(l.seen("Warning Unsupported The new resources of container app are shown")) == 1
		})
	})
}

func TestDebugContainerSeesItsTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/polite"} }))
		pod := l.wait("a", "running", running)
		pod.Spec.EphemeralContainers = []v1.EphemeralContainer{
			{
				EphemeralContainerCommon: v1.EphemeralContainerCommon{
					Name: "debugger", Image: "test", ImagePullPolicy: v1.PullAlways, Command: []string{"/stop", "1"},
				},
				TargetContainerName: "app",
			},
			{
				EphemeralContainerCommon: v1.EphemeralContainerCommon{
					Name: "lost", Image: "test", ImagePullPolicy: v1.PullAlways,
				},
				TargetContainerName: "none",
			},
		}
		if _, err := l.client.CoreV1().Pods("default").Update(t.Context(), pod, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		l.wait("a", "stopped by its debugger", func(p *v1.Pod) bool {
			return p.Status.ContainerStatuses[0].RestartCount > 0
		})
		l.wait("a", "told of the wrong target", func(*v1.Pod) bool {
			return len(l.seen("Warning Failed Error: unable to find target container none")) > 0
		})
	})
}
