package embedded

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	"sigs.k8s.io/yaml"
)

// decode reads one manifest.
func decode[T any](t *testing.T, manifest string) *T {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(manifest), object); err != nil {
		t.Fatal(err)
	}
	return object
}

// inPod runs a command in a pod's first container, as kubectl exec does, and returns what it prints.
func inPod(t *testing.T, c *Cluster, namespace, pod string, command ...string) string {
	t.Helper()
	config := c.RESTConfig()
	request := clientOf(t, config).CoreV1().RESTClient().Post().Namespace(namespace).Resource("pods").Name(pod).
		SubResource("exec").VersionedParams(
		&corev1.PodExecOptions{Command: command, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	exec, err := remotecommand.NewWebSocketExecutor(config, "GET", request.URL().String())
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer // each is written by a goroutine of its own
	if err := exec.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdout: &out, Stderr: &errs}); err != nil {
		t.Fatalf("%v in %s: %v: %s", command, pod, err, errs.String())
	}
	return out.String()
}

const statefulSet = `
metadata:
  name: web
spec:
  serviceName: web
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: web
        image: alpine
        command: [sleep, "3600"]
        securityContext: {privileged: true}
        readinessProbe:
          exec: {command: [test, -f, /data/ready]}
          periodSeconds: 1
        volumeMounts:
        - {name: data, mountPath: /data}
        - {name: home, mountPath: /home}
      volumes:
      - name: home
        hostPath: {path: /tmp/home}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 10Gi}}
`

// readiness returns which pods of the namespace there are, in their order, those that are ready with a mark.
func readiness(ctx context.Context, client kubernetes.Interface, namespace string) (string, error) {
	pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return "", err
	}
	var all []string
	for _, pod := range pods.Items {
		name := pod.Name
		for _, c := range pod.Status.Conditions {
			if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
				name += "+"
			}
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, " "), nil
}

func awaitReadiness(t *testing.T, client kubernetes.Interface, namespace, want string) {
	t.Helper()
	var got string
	defer func() {
		if t.Failed() {
			t.Logf("pods: %s, want %s", got, want)
		}
	}()
	eventually(t, want, func(ctx context.Context) (_ bool, err error) {
		got, err = readiness(ctx, client, namespace)
		return got == want, err
	})
}

// TestStatefulSetHasItsVolumes holds that pods come one after the other, each with a name and a volume of its own, that the
// volume outlives the pod, and that it goes with the claim.
func TestStatefulSetHasItsVolumes(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	namespace := makeNamespace(t, client)
	ctx := t.Context()
	sets := client.AppsV1().StatefulSets(namespace)
	if _, err := sets.Create(ctx, decode[appsv1.StatefulSet](t, statefulSet), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	running := func(name string) types.UID {
		var uid types.UID
		eventually(t, name+" runs", func(ctx context.Context) (bool, error) {
			pod, err := client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
			if err == nil {
				uid = pod.UID
			}
			return err == nil && pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil, ignoreNotFound(err)
		})
		return uid
	}
	running("web-0")
	awaitReadiness(t, client, namespace, "web-0")
	inPod(t, c, namespace, "web-0", "sh", "-c", "hostname > /data/ready; touch /home/shared")
	running("web-1")
	if got := inPod(t, c, namespace, "web-1", "sh", "-c", "hostname; ls /data /home"); got != "web-1\n/data:\n\n/home:\nshared\n" {
		t.Errorf("in web-1: %q", got)
	}
	inPod(t, c, namespace, "web-1", "touch", "/data/ready")
	awaitReadiness(t, client, namespace, "web-0+ web-1+")

	before := running("web-0")
	if err := client.CoreV1().Pods(namespace).Delete(ctx, "web-0", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another web-0", func(context.Context) (bool, error) { return running("web-0") != before, nil })
	if got := inPod(t, c, namespace, "web-0", "cat", "/data/ready"); got != "web-0\n" {
		t.Errorf("the volume of the next web-0 has %q", got)
	}

	claims := client.CoreV1().PersistentVolumeClaims(namespace)
	claim, err := claims.Get(ctx, "data-web-0", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pv, err := client.CoreV1().PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(c.run.dir, "node", "disk", filepath.FromSlash(pv.Spec.HostPath.Path))
	if _, err := os.Stat(filepath.Join(dir, "ready")); err != nil {
		t.Error(err)
	}
	// A claim that is used does not go before the last pod that uses it.
	if err := claims.Delete(ctx, claim.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if claim, err = claims.Get(ctx, claim.Name, metav1.GetOptions{}); err != nil || claim.DeletionTimestamp == nil {
		t.Errorf("the claim of a pod that runs: %v, deleted %v", err, claim.DeletionTimestamp)
	}
	if err := sets.Delete(ctx, "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the volume is gone", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().PersistentVolumes().Get(ctx, pv.Name, metav1.GetOptions{})
		return apierrors.IsNotFound(err), ignoreNotFound(err)
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the directory of a volume that is gone: %v", err)
	}
	// The other claim stays until it is deleted, as StatefulSets have it.
	if claim, err := claims.Get(ctx, "data-web-1", metav1.GetOptions{}); err != nil || claim.Status.Phase != corev1.ClaimBound {
		t.Errorf("data-web-1: %v, %s", err, claim.Status.Phase)
	}
}

// TestStatefulSetUpdates holds partitions, parallel pods and minReadySeconds.
func TestStatefulSetUpdates(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	ctx := t.Context()
	set := decode[appsv1.StatefulSet](t, statefulSet)
	set.Spec.PodManagementPolicy = appsv1.ParallelPodManagement
	set.Spec.Replicas, set.Spec.MinReadySeconds = new(int32(3)), 1
	set.Spec.Template.Spec.Containers[0].ReadinessProbe = nil
	set.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: new(int32(2))}
	sets := client.AppsV1().StatefulSets(namespace)
	if _, err := sets.Create(ctx, set, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	awaitReadiness(t, client, namespace, "web-0+ web-1+ web-2+")
	available := func(n int32) {
		eventually(t, fmt.Sprintf("%d available", n), func(ctx context.Context) (bool, error) {
			set, err := sets.Get(ctx, "web", metav1.GetOptions{})
			return err == nil && set.Status.AvailableReplicas == n, err
		})
	}
	available(3)
	patch := func(text string) {
		t.Helper()
		if _, err := sets.Patch(ctx, "web", types.MergePatchType, []byte(text), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	colors := func(want string) {
		t.Helper()
		eventually(t, want, func(ctx context.Context) (bool, error) {
			pods, err := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return false, err
			}
			got := make([]string, 0, 3)
			for _, pod := range pods.Items {
				got = append(got, pod.Name+"="+pod.Labels["color"])
			}
			slices.Sort(got)
			return strings.Join(got, " ") == want, nil
		})
	}
	patch(`{"spec": {"template": {"metadata": {"labels": {"color": "blue"}}}}}`)
	colors("web-0= web-1= web-2=blue")
	awaitReadiness(t, client, namespace, "web-0+ web-1+ web-2+")
	available(3)
	colors("web-0= web-1= web-2=blue") // the partition holds the others back
	patch(`{"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}}`)
	colors("web-0=blue web-1=blue web-2=blue")
	awaitReadiness(t, client, namespace, "web-0+ web-1+ web-2+")
	patch(`{"spec": {"replicas": 1}}`)
	awaitReadiness(t, client, namespace, "web-0+")
}

// TestClaims holds what becomes of claims that a StatefulSet has not made.
func TestClaims(t *testing.T) {
	client := clientOf(t, sharedCluster(t).RESTConfig())
	namespace := makeNamespace(t, client)
	ctx := t.Context()
	claim := func(manifest string) string {
		t.Helper()
		made, err := client.CoreV1().PersistentVolumeClaims(namespace).Create(
			ctx, decode[corev1.PersistentVolumeClaim](t, manifest), metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return made.Name
	}
	said(t, client, namespace, claim(`
metadata: {name: idle}
spec: {accessModes: [ReadWriteMany], resources: {requests: {storage: 1Gi}}}`),
		"WaitForFirstConsumer", "waiting for first consumer to be created before binding")

	claim(`
metadata: {name: raw}
spec: {accessModes: [ReadWriteOnce], volumeMode: Block, resources: {requests: {storage: 1Gi}}}`)
	createPod(t, client, namespace, `
metadata: {name: raw}
spec:
  containers: [{name: app, image: alpine, command: [sleep, "3600"], volumeDevices: [{name: raw, devicePath: /dev/x}]}]
  volumes: [{name: raw, persistentVolumeClaim: {claimName: raw}}]`)
	said(t, client, namespace, "raw", "ProvisioningFailed", "volumeMode Block is not supported")

	// A volume that somebody has made by hand, and one for the pod alone.
	name := "by-hand-" + namespace
	if _, err := client.CoreV1().PersistentVolumes().Create(ctx, decode[corev1.PersistentVolume](t, `
metadata: {name: `+name+`}
spec:
  storageClassName: manual
  capacity: {storage: 10Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /mnt/data}`), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.CoreV1().PersistentVolumes().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	eventually(t, "volume available", func(ctx context.Context) (bool, error) {
		pv, err := client.CoreV1().PersistentVolumes().Get(ctx, name, metav1.GetOptions{})
		return err == nil && pv.Status.Phase == corev1.VolumeAvailable, err
	})
	claim(`
metadata: {name: by-hand}
spec: {storageClassName: manual, accessModes: [ReadWriteOnce], resources: {requests: {storage: 3Gi}}}`)
	createPod(t, client, namespace, `
metadata: {name: both}
spec:
  restartPolicy: Never
  containers:
  - name: app
    image: alpine
    command: [sh, -c, "touch /own/a /hand/b && ! touch /fixed/c"]
    volumeMounts: [{name: own, mountPath: /own}, {name: hand, mountPath: /hand}, {name: fixed, mountPath: /fixed}]
  volumes:
  - name: hand
    persistentVolumeClaim: {claimName: by-hand}
  - name: fixed
    persistentVolumeClaim: {claimName: by-hand, readOnly: true}
  - name: own
    ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}
`)
	got := awaitPod(t, client, namespace, "both", "ended", ended).Status
	if got.Phase != corev1.PodSucceeded {
		t.Errorf("got %+v", got.ContainerStatuses)
	}
}
