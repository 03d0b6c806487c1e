package node

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPodRunsAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", nil))
		pod := l.wait("a", "running", running)
		s := pod.Status.ContainerStatuses[0]
		if !s.Ready || s.RestartCount != 0 || !*s.Started || pod.Status.PodIP != "10.244.0.2" {
			t.Errorf("status: %+v", pod.Status)
		}
		var order []v1.PodConditionType
		for _, c := range pod.Status.Conditions {
			order = append(order, c.Type)
			if c.Status != v1.ConditionTrue || c.ObservedGeneration != 1 {
				t.Errorf("condition: %+v", c)
			}
		}
		if diff := cmp.Diff(ownConditions[:5], order); diff != "" {
			t.Error(diff)
		}
		start := metav1.Now()
		l.delete("a", 30)
		l.wait("a", "failed", func(p *v1.Pod) bool { return p == nil || p.Status.Phase == v1.PodFailed })
		if took := metav1.Now().Sub(start.Time).Seconds(); took < 30 || took > 31 {
			t.Errorf("took %v s", took)
		}
		l.wait("a", "gone", gone)
		want := []string{
			`Normal Pulling Pulling image "test"`,
			`Normal Pulled Successfully pulled image "test" in 0s (0s including waiting). Image size: 42 bytes.`,
			`Normal Created Container created`,
			`Normal Started Container started`,
			`Normal Killing Stopping container app`,
		}
		if diff := cmp.Diff(want, l.seen("")[2:]); diff != "" {
			t.Error(diff)
		}
	})
}
