package tuitest

import (
	"fmt"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Now is the moment at which the samples are.
func Now() time.Time { return time.Date(2026, 5, 4, 10, 0, 30, 0, time.UTC) }

// Labs returns two labs: one with a fault that hangs a pod, one with a fault and a repair among three.
func Labs() []lab.Lab {
	return []lab.Lab{liveness(), readiness()}
}

func text(ko, en string) lab.Text { return lab.T(ko, en) }

func liveness() lab.Lab {
	return lab.Lab{
		ID: "liveness", Title: text("활성 프로브(Liveness)", "Liveness probe"),
		Manifests: []string{"liveness-app.yaml"},
		Faults: []lab.Fault{{
			ID: "hang", Title: text("앱 멈추기", "Hang the app"), Effect: text("앱이 답하지 않습니다.", "The app stops answering."),
			Line: "kubectl -n {namespace} exec liveness-app -- /bin/kill -s SIGUSR1 1", Role: lab.RoleHang, Pod: "liveness-app",
		}},
		Steps: []lab.Step{
			{
				ID: "files", Title: text("매니페스트 준비", "Prepare the manifest"), Minutes: 3,
				Body: text(
					"# 매니페스트\n\n작업 디렉터리에 **매니페스트**를 만듭니다. kubelet은 5초마다 프로브를 실행합니다.",
					"# Manifest\n\nWrite the **manifest**. The kubelet probes every 5 seconds.",
				),
				Commands: []lab.Command{{Line: "cat > {dir}/liveness-app.yaml", Write: "liveness-app.yaml"}},
			},
			{
				ID: "apply", Title: text("파드 배포", "Deploy the pod"), Minutes: 3,
				Body: text("파드를 배포하고 Ready가 되기를 기다립니다.", "Deploy the pod and wait until it is Ready."),
				Commands: []lab.Command{
					{Line: "kubectl create namespace {namespace}", Tolerate: "AlreadyExists"},
					{Line: "kubectl apply -f {dir}/liveness-app.yaml"},
				},
				Goals: []lab.Goal{{ID: "ready", Title: text("liveness-app 파드가 Ready", "The pod liveness-app is Ready")}},
				Hints: []lab.Text{text("네임스페이스를 먼저 만듭니다.", "Create the namespace first."), text("이벤트를 봅니다.", "Look at the events.")},
			},
			{
				ID: "hang", Title: text("앱을 멈추고 지켜보기", "Hang the app and watch"), Minutes: 5, Fault: "hang",
				Body: text("앱을 멈추면 프로브가 실패합니다.", "Hang the app: its probe fails."),
				Question: &lab.Question{
					Prompt:  text("RESTARTS는 언제 1이 될까요?", "When will RESTARTS become 1?"),
					Options: []lab.Text{text("1초 안에", "Within a second"), text("45초쯤 뒤에", "After about 45 seconds")},
					Correct: 1, Because: text("유예 시간 30초를 기다립니다.", "The grace period is 30 seconds."),
				},
				Goals:    []lab.Goal{{ID: "restarted", Title: text("RESTARTS가 1 이상", "RESTARTS is 1 or more")}},
				Solution: text("x 키를 누르고 기다립니다.", "Press x and wait."),
			},
		},
	}
}

func readiness() lab.Lab {
	return lab.Lab{
		ID: "readiness", Title: text("준비성 프로브(Readiness)", "Readiness probe"),
		Manifests: []string{"readiness-deployment.yaml", "readiness-service.yaml"},
		Faults: []lab.Fault{
			{
				ID: "break", Title: text("준비 파일 지우기", "Remove the ready file"), Effect: text("0/1이 됩니다.", "It becomes 0/1."),
				Line: "kubectl -n {namespace} exec {pod} -- rm /tmp/healthy", Role: lab.RoleUnready, Selector: "app=readiness-deployment",
			},
			{
				ID: "repair", Title: text("준비 파일 되살리기", "Restore the ready file"), Effect: text("1/1이 됩니다.", "It becomes 1/1."),
				Line: "kubectl -n {namespace} exec {pod} -- touch /tmp/healthy", Role: lab.RoleRepair, Selector: "app=readiness-deployment",
			},
		},
		Steps: []lab.Step{
			{
				ID: "break", Title: text("파드 하나를 준비 안 됨으로", "Make one pod not ready"), Fault: "break", Minutes: 4,
				Body: text("파드 하나에서 파일을 지웁니다.", "Remove the file from one pod."),
			},
			{
				ID: "cleanup", Title: text("정리하기", "Clean up"),
				Body: text("모두 지웁니다.", "Delete everything."),
				Commands: []lab.Command{{
					Line:    "kubectl -n {namespace} delete deployment readiness-deployment",
					Confirm: text("디플로이먼트를 삭제할까요?", "Delete the deployment?"),
				}},
			},
		},
	}
}

// Starting returns a snapshot of an embedded cluster that comes up.
func Starting() *lab.Snapshot {
	now := Now()
	return &lab.Snapshot{
		Revision: 1, At: now, Dir: "~/environment/healthchecks",
		Cluster: lab.Cluster{
			Name: "healthlab", Namespace: "healthchecks", Phase: lab.Starting, Since: now.Add(-time.Second),
			Components: []lab.Component{
				{Name: "pki", State: lab.ComponentReady, Took: 40 * time.Millisecond},
				{Name: "etcd", State: lab.ComponentReady, Took: 300 * time.Millisecond},
				{Name: "kube-apiserver", State: lab.ComponentStarting},
				{Name: "controllers", State: lab.ComponentWaiting},
			},
		},
		Position: lab.Position{Since: now.Add(-time.Second), Done: [][]bool{{false, false, false}, {false, false}}},
	}
}

// Running returns a snapshot with revision at the second step of the first lab: the pod runs, its probe succeeds.
func Running(revision uint64) *lab.Snapshot {
	now := Now()
	s := Starting()
	s.Revision = revision
	s.Cluster.Phase, s.Cluster.Version, s.Cluster.Components = lab.Up, "v1.37.2", nil
	s.Position = lab.Position{
		Lab: 0, Step: 1, Since: now.Add(-65 * time.Second), Done: [][]bool{{true, false, false}, {false, false}},
		Goals: []lab.GoalState{{
			Goal: Labs()[0].Steps[1].Goals[0], Why: text("파드 1개 중 0개만 Ready입니다", "0 of 1 pods are Ready"),
		}},
	}
	s.Pods = []lab.Pod{Pod("liveness-app", probes.Liveness, 5*time.Second)}
	s.ChosenPod = "liveness-app"
	s.Events = []lab.Event{
		event("a", "Normal", "Scheduled", "Successfully assigned healthchecks/liveness-app to lab", 40*time.Second),
		event("b", "Normal", "Started", "Container started", 38*time.Second),
	}
	for i := range 6 {
		s.Attempts = append(s.Attempts, lab.Attempt{
			Pod: "liveness-app", Container: "liveness",
			Attempt: attempt(probes.Liveness, now.Add(time.Duration(i-6)*5*time.Second), probes.Success, i+1),
		})
		s.Log = append(s.Log, lab.LogLine{
			At: now.Add(time.Duration(i-6) * 5 * time.Second), Text: `::ffff:10.0.0.1 - "GET /health HTTP/1.1" 200 "kube-probe/1.37"`,
		})
	}
	s.Tasks = []lab.Task{{
		ID: 1, Title: text("적용", "Apply"), Line: "kubectl apply -f ~/environment/healthchecks/liveness-app.yaml",
		State: lab.TaskDone, Started: now.Add(-42 * time.Second), Took: 420 * time.Millisecond, Output: "pod/liveness-app created\n",
	}}
	return s
}

// Breaking returns a snapshot with revision at the readiness lab: three pods, the second of which is not ready, and a
// command under way.
func Breaking(revision uint64) *lab.Snapshot {
	now := Now()
	s := Running(revision)
	s.Position = lab.Position{Lab: 1, Step: 0, Since: now.Add(-20 * time.Second), Done: [][]bool{{true, true, true}, {false, false}}}
	s.Pods = nil
	for i := range 3 {
		p := Pod(fmt.Sprintf("readiness-deployment-7869b5d679-%s", []string{"hdqz5", "mxr2k", "w8tnp"}[i]), probes.Readiness, 3*time.Second)
		p.Labels = map[string]string{"app": "readiness-deployment", "pod-template-hash": "7869b5d679"}
		if i == 1 {
			p.Ready, p.ReadyContainers = false, 0
			p.Containers[0].Ready = false
			p.Containers[0].Probes[0].Outcome, p.Containers[0].Probes[0].Streak = probes.Failure, 3
			p.Containers[0].Probes[0].Verdict = probes.Failing
		}
		s.Pods = append(s.Pods, p)
	}
	s.ChosenPod = s.Pods[1].Name
	s.Deployments = []lab.Deployment{{
		Name: "readiness-deployment", Desired: 3, Updated: 3, Total: 3, Available: 2, Unavailable: 1,
		Selector: map[string]string{"app": "readiness-deployment"},
	}}
	for i, p := range s.Pods {
		s.Endpoints = append(s.Endpoints, lab.Endpoint{
			Service: "readiness-service", Address: fmt.Sprintf("10.0.0.%d", i+5), Pod: p.Name, Ready: p.Ready, Serving: p.Ready,
		})
	}
	s.Tasks = append(s.Tasks, lab.Task{
		ID: 2, Line: "kubectl -n healthchecks get pods --watch", State: lab.TaskRunning, Started: now.Add(-12 * time.Second),
		Title: text("파드 지켜보기", "Watch the pods"),
	})
	return s
}

// Pod returns a ready pod without labels, with one container that has one probe.
func Pod(name string, kind probes.Kind, period time.Duration) lab.Pod {
	now := Now()
	p := lab.Pod{
		Name: name, UID: "uid-" + name, IP: "10.0.0.5", Node: "lab", Phase: "Running", Status: "Running",
		ReadyContainers: 1, TotalContainers: 1, Created: now.Add(-42 * time.Second), Ready: true,
	}
	probe := lab.Probe{
		Spec: probes.Spec{
			Kind: kind, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
			Period: period, Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
		},
		Verdict: probes.Passing, Outcome: probes.Success, Streak: 1, Threshold: 1,
		Plan: probes.Plan{Next: now.Add(2 * time.Second)},
	}
	for i := range 8 {
		o := probes.Success
		if i == 3 {
			o = probes.Failure
		}
		probe.Recent = append(probe.Recent, attempt(kind, now.Add(time.Duration(i-8)*period), o, 1))
	}
	p.Containers = []lab.Container{{
		Name: "liveness", Image: "brentley/ecsdemo-nodejs", ID: "c1", State: lab.Running, StartedAt: now.Add(-40 * time.Second),
		Started: true, Ready: true, Probes: []lab.Probe{probe},
	}}
	return p
}

func attempt(kind probes.Kind, at time.Time, o probes.Outcome, streak int) probes.Attempt {
	return probes.Attempt{
		Key: probes.Key{Pod: "uid", Container: "liveness", Kind: kind}, ContainerID: "c1", Mechanism: probes.MechanismHTTP,
		Start: at, Took: 3 * time.Millisecond, Outcome: o, Streak: streak, Threshold: 3, Verdict: probes.Passing,
	}
}

func event(uid, kind, reason, message string, ago time.Duration) lab.Event {
	return lab.Event{
		UID: uid, Type: kind, Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: "liveness-app",
		Source: "kubelet", Count: 1, First: Now().Add(-ago), Last: Now().Add(-ago),
	}
}
