package panetest

import (
	"fmt"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Now is the moment of Snapshot, in the local zone, so that times of day read the same everywhere.
func Now() time.Time { return time.Date(2026, time.November, 23, 14, 5, 30, 0, time.Local) }

// Snapshot is both labs at once: the liveness app within its grace period, after three failed attempts, and three pods
// of which one has left the available ones.
func Snapshot() *lab.Snapshot {
	s := &lab.Snapshot{
		Revision: 7, At: Now(), Dir: "~/environment/healthchecks", ChosenPod: "readiness-deployment-6c4f9d7b8-q2xkz",
		Cluster:  lab.Cluster{Name: "healthlab", Namespace: "healthchecks", Version: "v1.37.2", Phase: lab.Up, Since: ago(300)},
		Position: lab.Position{Lab: 0, Step: 1},
		Pods:     []lab.Pod{livenessPod()},
		Deployments: []lab.Deployment{{
			Name: "readiness-deployment", Desired: 3, Updated: 3, Total: 3, Available: 2, Unavailable: 1,
		}},
	}
	for i, suffix := range []string{"7hgtp", "q2xkz", "w9rdn"} {
		pod := readinessPod(suffix, i != 1)
		s.Pods = append(s.Pods, pod)
		s.Endpoints = append(s.Endpoints, lab.Endpoint{
			Service: "readiness", Address: fmt.Sprintf("10.244.0.%d", 5+i), Pod: pod.Name, Ready: pod.Ready, Serving: pod.Ready,
		})
	}
	s.Position.Goals = []lab.GoalState{
		{Goal: lab.Goal{ID: "unhealthy", Title: lab.T("프로브가 세 번 실패함", "The probe failed three times")}, Met: true},
		{
			Goal: lab.Goal{ID: "left", Title: lab.T("파드 하나가 0/1", "One pod is 0/1")},
			Why:  lab.T("파드 3개 중 2개만 Ready입니다.", "Only 2 of 3 pods are ready."),
		},
		{Goal: lab.Goal{ID: "restart", Title: lab.T("컨테이너가 다시 시작됨", "The container was restarted")}},
	}
	s.Events = events()
	s.Attempts = attempts(s.Pods)
	s.Log = log()
	s.Tasks = tasks()
	return s
}

func ago(seconds float64) time.Time { return Now().Add(-time.Duration(seconds * float64(time.Second))) }

const timeout = `Get "http://10.244.0.3:3000/health": context deadline exceeded (Client.Timeout exceeded while ` +
	`awaiting headers)`

func livenessPod() lab.Pod {
	spec := probes.Spec{
		Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
		InitialDelay: 5 * time.Second, Period: 5 * time.Second, Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
	}
	p := lab.Probe{
		Spec: spec, Verdict: probes.Failing, Streak: 3, Outcome: probes.Failure, Threshold: 3,
		Plan:            probes.Plan{Wait: probes.WaitSuccessor},
		Failures:        3,
		KubeletFailures: 3, KubeletLast: ago(13), KubeletMessage: timeout,
	}
	outcomes := []probes.Outcome{
		probes.Success, probes.Success, probes.Success, probes.Success, probes.Failure, probes.Failure, probes.Failure,
	}
	p.Recent = recent("uid-live", "liveness", spec, outcomes, 13, timeout)
	return lab.Pod{
		Name: "liveness-app", UID: "uid-live", IP: "10.244.0.3", Node: "healthlab", Phase: "Running", Status: "Running",
		ReadyContainers: 1, TotalContainers: 1, Created: ago(75), Ready: true, ReadySince: ago(74),
		Containers: []lab.Container{{
			Name: "liveness", Image: "brentley/ecsdemo-nodejs", State: lab.Running, StartedAt: ago(74), Started: true,
			Ready: true, Grace: &lab.Grace{Since: ago(13), Until: ago(-17)}, Probes: []lab.Probe{p},
		}},
	}
}

func readinessPod(suffix string, ready bool) lab.Pod {
	spec := probes.Spec{
		Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
		InitialDelay: 5 * time.Second, Period: 3 * time.Second, Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
	}
	name := "readiness-deployment-6c4f9d7b8-" + suffix
	p := lab.Probe{
		Spec: spec, Verdict: probes.Passing, Streak: 14, Outcome: probes.Success, Threshold: 1,
		Plan: probes.Plan{Next: ago(-2)},
	}
	outcomes := []probes.Outcome{probes.Success, probes.Success, probes.Success, probes.Success, probes.Success}
	message := ""
	if !ready {
		outcomes[3], outcomes[4] = probes.Failure, probes.Failure
		message = "cat: can't open '/tmp/healthy': No such file or directory\n"
		p.Streak, p.Outcome, p.Threshold = 2, probes.Failure, 3
		p.Failures, p.KubeletFailures, p.KubeletLast, p.KubeletMessage = 2, 2, ago(2), message
	}
	p.Recent = recent("uid-"+suffix, "readiness-deployment", spec, outcomes, 1, message)
	pod := lab.Pod{
		Name: name, UID: "uid-" + suffix, Labels: map[string]string{"app": "readiness-deployment", "pod-template-hash": "6c4f9d7b8"}, Node: "healthlab", Phase: "Running", Status: "Running", TotalContainers: 1, Created: ago(190),
		Ready: ready, ReadySince: ago(180),
		Containers: []lab.Container{{
			Name: "readiness-deployment", Image: "alpine", State: lab.Running, StartedAt: ago(188), Started: true, Ready: ready,
			Probes: []lab.Probe{p},
		}},
	}
	if ready {
		pod.ReadyContainers = 1
	}
	return pod
}

// recent returns attempts one period apart, the last one so many seconds ago.
func recent(
	uid, container string, spec probes.Spec, outcomes []probes.Outcome, last float64, message string,
) []probes.Attempt {
	var out []probes.Attempt
	streak := 0
	for i, o := range outcomes {
		if i > 0 && o != outcomes[i-1] {
			streak = 0
		}
		streak++
		a := probes.Attempt{
			Key: probes.Key{Pod: uid, Container: container, Kind: spec.Kind}, Mechanism: probes.MechanismExec,
			Start: ago(last).Add(-time.Duration(len(outcomes)-1-i) * spec.Period), Took: 16 * time.Millisecond,
			Way:     12 * time.Millisecond,
			Outcome: o, Streak: streak, Threshold: spec.SuccessThreshold, Verdict: probes.Passing,
		}
		if spec.HTTP != nil {
			a.Mechanism = probes.MechanismHTTP
		}
		if o == probes.Failure {
			a.Message, a.Took, a.Threshold = message, time.Second+a.Way, spec.FailureThreshold
		}
		if streak == a.Threshold && o == probes.Failure {
			a.Verdict, a.Changed, a.OnHold = probes.Failing, true, spec.Kind == probes.Liveness
		}
		out = append(out, a)
	}
	return out
}

func attempts(pods []lab.Pod) []lab.Attempt {
	var out []lab.Attempt
	for _, pod := range pods {
		for _, c := range pod.Containers {
			for _, p := range c.Probes {
				for _, a := range p.Recent {
					out = append(out, lab.Attempt{Pod: pod.Name, Container: c.Name, Attempt: a})
				}
			}
		}
	}
	return out
}

func events() []lab.Event {
	event := func(typ, reason, message, kind, name, container string, count int, first, last float64) lab.Event {
		return lab.Event{
			UID: reason + name, Type: typ, Reason: reason, Message: message, ObjectKind: kind, ObjectName: name,
			Container: container, Source: "kubelet", Count: count, First: ago(first), Last: ago(last),
		}
	}
	const app = "liveness-app"
	return []lab.Event{
		event("Normal", "Scheduled", "Successfully assigned healthchecks/liveness-app to node-1", "Pod", app, "", 1, 75, 75),
		event("Normal", "Pulled", `Successfully pulled image "brentley/ecsdemo-nodejs" in 1.491s`, "Pod", app, "liveness", 1, 74, 74),
		event("Normal", "Started", "Container started", "Pod", app, "liveness", 1, 74, 74),
		event("Warning", "Unhealthy", "Liveness probe failed: "+timeout, "Pod", app, "liveness", 3, 23, 13),
		event("Normal", "Killing", "Container liveness failed liveness probe, will be restarted", "Pod", app, "liveness", 1, 13, 13),
		event("Normal", "ScalingReplicaSet", "Scaled up replica set readiness-deployment-6c4f9d7b8 from 0 to 3", "Deployment",
			"readiness-deployment", "", 1, 190, 190),
		event("Warning", "Unhealthy", "Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n", "Pod",
			"readiness-deployment-6c4f9d7b8-q2xkz", "readiness-deployment", 2, 5, 2),
	}
}

func log() []lab.LogLine {
	lines := []lab.LogLine{{At: ago(74), Text: "Example app listening on port 3000!"}}
	for i := range 6 {
		at := ago(float64(60 - 5*i))
		lines = append(lines, lab.LogLine{At: at, Text: "::ffff:10.244.0.1 - - [" + at.Format("02/Jan/2006:15:04:05") +
			` +0000] "GET /health HTTP/1.1" 200 16 "-" "kube-probe/1.37"`})
	}
	return append(lines, lab.LogLine{At: ago(1), Text: "앱이 \x1b[31mSIGUSR1\x1b[0m을 받아\t멈춥니다"})
}

func tasks() []lab.Task {
	return []lab.Task{
		{
			ID: 1, Title: lab.T("적용", "apply"), Line: "kubectl -n healthchecks apply -f liveness-app.yaml",
			State: lab.TaskDone, Started: ago(76), Took: 212 * time.Millisecond, Output: "pod/liveness-app created\n",
		},
		{
			ID: 2, Title: lab.T("보기", "look"), Line: "kubectl -n healthchecks get pods", State: lab.TaskDone,
			Started: ago(4), Took: 35 * time.Millisecond,
			Output: "NAME           READY   STATUS    RESTARTS   AGE\nliveness-app   \x1b[32m1/1\x1b[0m     Running   0          71s\n" +
				"한글로 된 출력도\t그대로 보입니다\n",
		},
	}
}
