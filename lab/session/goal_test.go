package session

import (
	"testing"
	"time"

	"healthlab/lab"
)

func TestEvaluate(t *testing.T) {
	start := time.Unix(100, 0)
	pod := func(name string, ready bool, restarts int) lab.Pod {
		return lab.Pod{
			Name: name, UID: "uid-" + name, Labels: map[string]string{"app": "web"}, Phase: "Running", Ready: ready, Restarts: restarts,
			Containers: []lab.Container{{Name: "c", StartedAt: start}},
		}
	}
	deleting := pod("d", true, 0)
	deleting.Deleting = start
	pending := pod("p", false, 0)
	pending.Phase = "Pending"
	event := func(uid string, count int) lab.Event {
		return lab.Event{
			ObjectKind: "Pod", ObjectName: "a", ObjectUID: uid, Reason: "Unhealthy", Message: "Liveness probe failed: x", Count: count,
		}
	}
	pods := func(check lab.PodsCheck) lab.Check { check.Selector = "app=web"; return lab.Check{Pods: &check} }
	log := lab.Check{Log: &lab.LogCheck{Pod: "a", Contains: "kube-probe", AtLeast: 2}}
	unhealthy := lab.Check{Event: &lab.EventCheck{Pod: "a", Reason: "Unhealthy", Contains: "Liveness", AtLeast: 3}}
	replicas := lab.Check{Replicas: &lab.ReplicasCheck{Deployment: "web", Desired: 3, Available: 2, Unavailable: 1}}
	gone := lab.Check{Gone: &lab.GoneCheck{Pod: "x", Deployment: "web", Selector: "app=web"}}
	namespace := lab.Check{Namespace: &lab.NamespaceCheck{}}
	file := lab.Check{File: &lab.FileCheck{Name: "a.yaml"}}
	lines := func(at time.Time, text ...string) (out []lab.LogLine) {
		for _, s := range text {
			out = append(out, lab.LogLine{At: at, Text: s})
		}
		return out
	}
	tests := []struct {
		name  string
		check lab.Check
		view  view
		why   string // Korean; empty: met
	}{
		{"file", file, view{hasFile: func(string) bool { return true }}, ""},
		{"no file", file, view{Snapshot: &lab.Snapshot{Dir: "/d"}, hasFile: func(string) bool { return false }}, "/d 디렉터리에 a.yaml 파일이 없습니다"},
		{"namespace", namespace, view{namespace: "Active"}, ""},
		{"no namespace", namespace, view{}, "ns 네임스페이스가 없습니다"},
		{"namespace in deletion", namespace, view{namespace: "Terminating"}, "ns 네임스페이스가 Terminating 상태입니다"},

		{"ready", pods(lab.PodsCheck{Ready: new(2)}), view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 0), pod("b", true, 0)}}}, ""},
		{
			"one of two", pods(lab.PodsCheck{Ready: new(2)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 0), pod("b", false, 0)}}},
			"파드 2개 중 1개만 Ready입니다",
		},
		{
			"a pod that does not start", pods(lab.PodsCheck{Ready: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pending}, Events: []lab.Event{
				{Type: "Warning", ObjectKind: "Pod", ObjectName: "p", ObjectUID: "uid-earlier", Reason: "Failed"},
				{Type: "Warning", ObjectKind: "Pod", ObjectName: "p", ObjectUID: "uid-p", Reason: "FailedCreatePodSandBox"},
				{Type: "Normal", ObjectKind: "Pod", ObjectName: "p", ObjectUID: "uid-p", Reason: "Scheduled"},
				{Type: "Warning", ObjectKind: "Pod", ObjectName: "q", ObjectUID: "uid-q", Reason: "FailedMount"},
			}}},
			"파드 1개 중 0개만 Ready입니다 (p: FailedCreatePodSandBox)",
		},
		{
			"a warning from before the pod ran", pods(lab.PodsCheck{Ready: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("b", false, 0)}, Events: []lab.Event{
				{Type: "Warning", ObjectKind: "Pod", ObjectName: "b", ObjectUID: "uid-b", Reason: "FailedScheduling"},
			}}},
			"파드 1개 중 0개만 Ready입니다",
		},
		{
			"pods that may not be made", pods(lab.PodsCheck{Ready: new(1)}),
			view{Snapshot: &lab.Snapshot{Events: []lab.Event{
				{Type: "Warning", ObjectKind: "ReplicaSet", ObjectName: "web-1", Reason: "FailedCreate"},
			}}},
			"app=web 파드가 아직 없습니다 (web-1: FailedCreate)",
		},
		{
			"deleting pods do not count", pods(lab.PodsCheck{Ready: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{deleting}}},
			"app=web 파드가 아직 없습니다",
		},
		{
			"too many", pods(lab.PodsCheck{Ready: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 0), pod("b", true, 0)}}},
			"Ready인 파드가 2개입니다. 1개여야 합니다",
		},
		{
			"not ready", pods(lab.PodsCheck{NotReady: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 0), pod("b", false, 0)}}},
			"",
		},
		{
			"pending is not counted as not ready", pods(lab.PodsCheck{NotReady: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pending}}},
			"Ready가 아닌 파드가 0개입니다. 1개여야 합니다",
		},
		{"restarted", pods(lab.PodsCheck{MinRestarts: new(1)}), view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 2)}}}, ""},
		{
			"not restarted", pods(lab.PodsCheck{MinRestarts: new(1)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 0)}}},
			"RESTARTS가 0입니다. 1 이상이어야 합니다",
		},
		{
			"restarted too often", pods(lab.PodsCheck{MaxRestarts: new(0)}),
			view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{pod("a", true, 1)}}},
			"RESTARTS가 1입니다. 0 이하여야 합니다",
		},

		{"events add up", unhealthy, view{Snapshot: &lab.Snapshot{
			Pods: []lab.Pod{pod("a", true, 0)}, Events: []lab.Event{event("uid-a", 2), event("", 1)},
		}}, ""},
		{"events of an earlier pod of the name", unhealthy, view{Snapshot: &lab.Snapshot{
			Pods: []lab.Pod{pod("a", true, 0)}, Events: []lab.Event{event("uid-a", 1), event("uid-old", 5)},
		}}, "Unhealthy 이벤트가 3번 중 1번 나왔습니다"},

		{"replicas", replicas, view{Snapshot: &lab.Snapshot{
			Deployments: []lab.Deployment{{Name: "web", Desired: 3, Available: 2, Unavailable: 1}},
		}}, ""},
		{
			"other replicas", replicas,
			view{Snapshot: &lab.Snapshot{Deployments: []lab.Deployment{{Name: "web", Desired: 3, Available: 3}}}},
			"3 available, 0 unavailable입니다. 2 available, 1 unavailable이어야 합니다",
		},
		{"no deployment", replicas, view{}, "web 디플로이먼트가 아직 없습니다"},

		{"log", log, view{Snapshot: &lab.Snapshot{
			ChosenPod: "a", Pods: []lab.Pod{pod("a", true, 0)},
			Log: lines(start, "kube-probe", "other", "kube-probe"),
		}}, ""},
		{
			"log of the run before", log,
			view{Snapshot: &lab.Snapshot{
				ChosenPod: "a", Pods: []lab.Pod{pod("a", true, 0)},
				Log: append(lines(start.Add(-time.Second), "kube-probe", "kube-probe"), lines(start, "kube-probe")...),
			}},
			`"kube-probe" 문구가 있는 로그 줄이 2개 중 1개 나왔습니다`,
		},
		{"log of another pod", log, view{Snapshot: &lab.Snapshot{ChosenPod: "b"}}, "a 파드의 로그를 보고 있지 않습니다"},

		{"gone", gone, view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{{Name: "stranger"}}, Deployments: []lab.Deployment{{Name: "other"}}}}, ""},
		{"pod is still there", gone, view{Snapshot: &lab.Snapshot{Pods: []lab.Pod{deleting}}}, "d 파드가 아직 있습니다"},
		{
			"deployment is still there", gone,
			view{Snapshot: &lab.Snapshot{Deployments: []lab.Deployment{{Name: "web"}}}},
			"web 디플로이먼트가 아직 있습니다",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.view.Snapshot == nil {
				test.view.Snapshot = &lab.Snapshot{}
			}
			test.view.Cluster.Namespace = "ns"
			met, why := evaluate(test.check, test.view)
			if met != (test.why == "") {
				t.Errorf("met: %t", met)
			}
			if !met && (why.Ko != test.why || why.En == "") {
				t.Errorf("why: %q / %q, want %q", why.Ko, why.En, test.why)
			}
		})
	}
}
