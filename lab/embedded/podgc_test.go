package embedded

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
)

func TestPodsOfNodesThatDoNotExist(t *testing.T) {
	pod := func(name, node string, change func(*corev1.Pod)) *corev1.Pod {
		p := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default"},
			Spec:       corev1.PodSpec{NodeName: node}, Status: corev1.PodStatus{Phase: corev1.PodPending},
		}
		if change != nil {
			change(p)
		}
		return p
	}
	client := fake.NewClientset(
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "here"}},
		pod("runs", "here", nil), pod("waits", "", nil), pod("orphan", "nowhere", nil),
		pod("ended", "nowhere", func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }),
		pod("deleted", "", func(p *corev1.Pod) {
			p.DeletionTimestamp, p.Finalizers = &metav1.Time{Time: time.Now()}, []string{"a/b"}
		}),
	)
	c := &controllers{client: client, informers: informers.NewSharedInformerFactory(client, 0)}
	collector := newPodCollector(c)
	ctx, cancel := context.WithCancel(t.Context())
	defer func() {
		cancel()
		c.informers.Shutdown()
	}()
	c.informers.Start(ctx.Done())
	c.informers.WaitForCacheSync(ctx.Done())
	phase := func(name string) corev1.PodPhase {
		p, err := client.CoreV1().Pods("default").Get(t.Context(), name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return "gone"
		}
		if err != nil {
			t.Fatal(err)
		}
		return p.Status.Phase
	}
	began := time.Now()
	for _, step := range []struct {
		after time.Duration
		want  map[string]corev1.PodPhase
	}{
		{0, map[string]corev1.PodPhase{"runs": "Pending", "waits": "Pending", "orphan": "Pending", "ended": "Succeeded", "deleted": "gone"}},
		{quarantine - time.Second, map[string]corev1.PodPhase{"orphan": "Pending", "ended": "Succeeded"}},
		{quarantine, map[string]corev1.PodPhase{"runs": "Pending", "waits": "Pending", "orphan": "gone", "ended": "gone"}},
	} {
		if err := collector.collect(t.Context(), began.Add(step.after)); err != nil {
			t.Error(err)
		}
		for name, want := range step.want {
			if got := phase(name); got != want {
				t.Errorf("after %v %s is %s, want %s", step.after, name, got, want)
			}
		}
	}
}
