package node

import (
	"testing"
	"testing/synctest"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// pass lets d go by in the bubble.
func pass(d time.Duration) { <-time.After(d) }

func TestAPIServerGoneForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/exit", "1", "20s"} }))
		l.wait("a", "running", running)
		l.down.Store(true)
		pass(time.Minute)
		w := l.agent.worker("default", "a")
		here := w.current()
		if n := here.Status.ContainerStatuses[0].RestartCount; n < 2 {
			t.Errorf("%d restarts while the API server was gone", n)
		}
		l.down.Store(false)
		pass(10 * time.Second)
		there, here := l.get("a"), w.current()
		if there.Status.ContainerStatuses[0].RestartCount != here.Status.ContainerStatuses[0].RestartCount {
			t.Errorf("the API has %+v\nbut it is %+v", there.Status, here.Status)
		}
		l.down.Store(true)
		l.agent.onPod(t.Context(), there, true)
		pass(time.Minute)
		if n := len(l.agent.allWorkers()); n != 0 {
			t.Errorf("%d workers are left", n)
		}
	})
}

func TestLateAndDuplicateEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		pod := testPod("a", nil)
		l.create(pod)
		l.wait("a", "running", running)
		for range 5 {
			l.agent.onPod(t.Context(), pod.DeepCopy(), false)
		}
		pass(time.Minute)
		if n := len(l.seen("Started")); n != 1 {
			t.Errorf("started %d times", n)
		}
		// The watch was broken when the pod was deleted and made anew under its name.
		again := testPod("a", func(p *v1.Pod) { p.UID = "another" })
		if err := l.client.Tracker().Update(v1.SchemeGroupVersion.WithResource("pods"), again, "default"); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		workers := l.agent.allWorkers()
		if len(workers) != 1 || workers[0].uid != types.UID("another") {
			t.Fatalf("workers: %v", workers)
		}
		l.agent.onPod(t.Context(), pod, true)
		l.agent.onPod(t.Context(), pod, true)
		pass(time.Minute)
		now := l.get("a")
		if !running(now) || now.Status.ContainerStatuses[0].RestartCount != 0 || now.Status.PodIP == "10.244.0.2" {
			t.Errorf("%+v", now.Status)
		}
	})
}

func TestSecondLifeOfTheAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := testPod("a", func(p *v1.Pod) {
			p.Status.Phase = v1.PodRunning
			p.Status.ContainerStatuses = []v1.ContainerStatus{{
				Name: "app", ContainerID: "containerd://gone", RestartCount: 3,
				State: v1.ContainerState{Running: &v1.ContainerStateRunning{}},
			}}
		})
		done := testPod("b", func(p *v1.Pod) { p.Status.Phase = v1.PodSucceeded })
		l := startLab(t, nil, before, done)
		pod := l.wait("a", "running anew", func(p *v1.Pod) bool {
			s := p.Status.ContainerStatuses
			return len(s) == 1 && s[0].RestartCount == 4 && s[0].State.Running != nil
		})
		if pod.Status.ContainerStatuses[0].ContainerID == "containerd://gone" {
			t.Error("the container is still the old one")
		}
		pass(time.Minute)
		if n := len(l.seen("Started")); n != 1 {
			t.Errorf("%d containers were started", n)
		}
		if p := l.get("b").Status.Phase; p != v1.PodSucceeded {
			t.Errorf("phase %s", p)
		}
	})
}

func TestNodeIsKeptAsItShouldBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		nodes := v1.SchemeGroupVersion.WithResource("nodes")
		get := func() *v1.Node {
			object, err := l.client.Tracker().Get(nodes, "", "node-1")
			if err != nil {
				t.Fatal(err)
			}
			return object.(*v1.Node)
		}
		node := get()
		if node.Status.NodeInfo.KubeletVersion != "v1.37.2" || node.Status.DaemonEndpoints.KubeletEndpoint.Port != 10250 ||
			node.Status.Addresses[0] != (v1.NodeAddress{Type: v1.NodeInternalIP, Address: "10.244.0.1"}) {
			t.Errorf("%+v", node.Status)
		}
		node.Spec.Taints = []v1.Taint{{Key: v1.TaintNodeNotReady, Effect: v1.TaintEffectNoSchedule}, {Key: "mine"}}
		if err := l.client.Tracker().Update(nodes, node, ""); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if taints := get().Spec.Taints; len(taints) != 1 || taints[0].Key != "mine" {
			t.Errorf("taints %v", taints)
		}
		if err := l.client.Tracker().Delete(nodes, "", "node-1"); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if c := get().Status.Conditions; len(c) != 4 || c[3].Type != v1.NodeReady || c[3].Status != v1.ConditionTrue {
			t.Errorf("conditions %+v", c)
		}
		leases := l.client.CoordinationV1().Leases(v1.NamespaceNodeLease)
		if lease, err := leases.Get(t.Context(), "node-1", metav1.GetOptions{}); err != nil ||
			time.Since(lease.Spec.RenewTime.Time) > leaseInterval+time.Second {
			t.Errorf("lease %+v, %v", lease, err)
		}
	})
}
