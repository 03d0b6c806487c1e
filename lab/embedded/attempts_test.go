package embedded

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"healthlab/lab/witness"
)

// readAttempts asks the API server for a node's attempts until want of them have come, and returns their outcomes.
func readAttempts(ctx context.Context, client kubernetes.Interface, namespace string, want int) (got []string, err error) {
	ctx, hangUp := context.WithTimeout(ctx, time.Minute)
	defer hangUp()
	request := client.CoreV1().RESTClient().Get().Resource("nodes").Name(NodeName).SubResource("proxy").Suffix(witness.Path)
	for key, values := range witness.Query(namespace, witness.Cursor{}) {
		request.Param(key, values[0])
	}
	answer, err := request.Stream(ctx)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	_, err = witness.Read(answer, witness.Cursor{}, witness.Told{Begun: func() {}, Record: func(r witness.Record, _ bool) {
		if got = append(got, string(r.Attempt.Outcome)+" "+r.Pod); len(got) == want {
			hangUp()
		}
	}})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return got, err
}

// The kubelet's successes, of which Kubernetes itself says nothing, come through the API server as they happen, to whoever may
// get nodes/proxy.
func TestAttemptsThroughTheAPIServer(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	namespace := makeNamespace(t, client)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "app", Image: "busybox:1.36", Command: []string{"sleep", "1000"},
			LivenessProbe: &corev1.Probe{
				ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"true"}}}, PeriodSeconds: 1,
			},
		}}},
	}
	if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := readAttempts(t.Context(), client, namespace, 3)
	if want := slices.Repeat([]string{"success web"}, 3); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %q", err, got)
	}
	student := rest.CopyConfig(c.RESTConfig())
	student.Impersonate = rest.ImpersonationConfig{UserName: "student"}
	if _, err := readAttempts(t.Context(), clientOf(t, student), namespace, 1); !apierrors.IsForbidden(err) {
		t.Errorf("a student is told %v", err)
	}
	raw, err := client.CoreV1().RESTClient().Get().AbsPath("/api/v1/nodes/" + NodeName + "/proxy/healthz").DoRaw(t.Context())
	if err != nil || !bytes.Equal(raw, []byte("ok")) {
		t.Errorf("the kubelet API through the API server: %v, %q", err, raw)
	}
}
