package course_test

import (
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
)

func TestGist(t *testing.T) {
	for message, want := range map[string]string{
		`Get "http://10.0.0.1:3000/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`: "context deadline exceeded",
		`Liveness probe failed: Get "http://10.0.0.1:3000/": dial tcp 10.0.0.1:3000: connect: connection refused`:       "connection refused",
		"dial tcp 10.0.0.1:3000: i/o timeout":          "i/o timeout",
		"HTTP probe failed with statuscode: 500":       "statuscode: 500",
		"cat: can't open '/tmp/healthy': No such file": "cat: can't open '/tmp/healthy': No such file",
		"": "",
	} {
		if got := course.Gist(message); got != want {
			t.Errorf("%s: got %q, want %q", message, got, want)
		}
	}
}

func TestTell(t *testing.T) {
	const timeout = `Get "http://10.0.0.1:3000/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
	for _, tt := range []struct {
		name, ko, en string
		fact         lab.Fact
	}{
		{name: "up", fact: lab.Fact{Kind: lab.FactClusterUp, Cluster: "c"}, ko: "클러스터 c에 연결되었습니다", en: "connected to cluster c"},
		{name: "lost", fact: lab.Fact{Kind: lab.FactClusterLost, Problem: text("gone")}, ko: "클러스터 연결이 끊겼습니다: gone(ko)", en: "the connection to the cluster is lost: gone"},
		{name: "failed", fact: lab.Fact{Kind: lab.FactClusterFailed, Problem: text("no")}, ko: "no(ko)", en: "no"},
		{name: "ready", fact: lab.Fact{Kind: lab.FactPodReady, Pod: "p", Ready: 1, Total: 2}, ko: "p: 준비되었습니다 (1/2)", en: "p: ready (1/2)"},
		{
			name: "within the threshold", fact: lab.Fact{Kind: lab.FactProbeFailed, Pod: "p", Probe: probes.Liveness, InRow: 2, Threshold: 3, Message: timeout},
			ko: "p: 활성 프로브 실패 2/3 — context deadline exceeded", en: "p: liveness probe failed 2/3 — context deadline exceeded",
		},
		{
			name: "beyond it", fact: lab.Fact{Kind: lab.FactProbeFailed, Pod: "p", Probe: probes.Readiness, InRow: 4, Threshold: 3, Message: "no file\nat all"},
			ko: "p: 준비성 프로브 실패 4번째 — no file", en: "p: readiness probe failed (no. 4) — no file",
		},
		{
			name: "killing", fact: lab.Fact{Kind: lab.FactKilling, Pod: "p", Probe: probes.Liveness, Grace: 30 * time.Second},
			ko: "p: 활성 프로브 실패로 컨테이너를 종료합니다. 유예 기간은 30초입니다", en: "p: killing the container because its liveness probe failed; the grace period is 30 s",
		},
		{
			name: "restarted", fact: lab.Fact{Kind: lab.FactRestarted, Pod: "p", Restarts: 1, ExitCode: 137},
			ko: "p: 컨테이너가 재시작되었습니다. RESTARTS 1, 이전 종료 코드 137", en: "p: the container was restarted: RESTARTS 1, previous exit code 137",
		},
		{
			name: "replicas", fact: lab.Fact{Kind: lab.FactReplicas, Replicas: lab.Deployment{Name: "d", Desired: 3, Updated: 3, Total: 3, Available: 2, Unavailable: 1}},
			ko: "d: Replicas 3 desired | 3 updated | 3 total | 2 available | 1 unavailable", en: "d: Replicas 3 desired | 3 updated | 3 total | 2 available | 1 unavailable",
		},
		{
			name: "left", fact: lab.Fact{Kind: lab.FactEndpointLeft, Endpoint: lab.Endpoint{Service: "s", Address: "10.0.0.1", Pod: "p"}},
			ko: "서비스 s: 10.0.0.1(p) 엔드포인트가 빠졌습니다", en: "service s: endpoint 10.0.0.1 (p) left",
		},
		{name: "warning", fact: lab.Fact{Kind: lab.FactWarning, Object: "p", Message: "Back-off"}, ko: "p: Back-off", en: "p: Back-off"},
		{
			name: "finding", fact: lab.Fact{Kind: lab.FactFinding, Finding: &lab.Finding{Subject: text("exec"), Found: text("denied"), Without: text("no faults")}},
			ko: "exec(ko): denied(ko) — no faults(ko)", en: "exec: denied — no faults",
		},
		{
			name: "command", fact: lab.Fact{Kind: lab.FactCommandFailed, Command: lab.FactTask{Line: "kubectl x"}, Problem: text("refused")},
			ko: "kubectl x — refused(ko)", en: "kubectl x — refused",
		},
		{name: "canceled", fact: lab.Fact{Kind: lab.FactCommandCut, Command: lab.FactTask{Title: text("reset")}}, ko: "reset(ko) — 취소했습니다", en: "reset — canceled"},
		{name: "goal", fact: lab.Fact{Kind: lab.FactGoalMet, Lab: "web", Step: "apply", Goal: "ready"}, ko: "목표 달성: ready(ko)", en: "goal met: ready"},
		{name: "step entered", fact: lab.Fact{Kind: lab.FactStepEntered, Lab: "web", Step: "apply"}, ko: "Web(ko) › Apply(ko)", en: "Web › Apply"},
		{name: "a step that is not there", fact: lab.Fact{Kind: lab.FactStepDone, Lab: "web", Step: "gone"}, ko: "단계 완료: gone", en: "step done: gone"},
		{name: "a lab that is not there", fact: lab.Fact{Kind: lab.FactLabDone, Lab: "gone"}, ko: "실습 완료: gone", en: "lab done: gone"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := course.Tell(labs(), tt.fact).Line(); got != lab.T(tt.ko, tt.en) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Every kind has words in both languages.
func TestEveryFactIsTold(t *testing.T) {
	for _, kind := range []lab.FactKind{
		lab.FactClusterUp, lab.FactClusterLost, lab.FactClusterEnded, lab.FactPodAdded, lab.FactPodRunning, lab.FactPodReady, lab.FactPodNotReady, lab.FactPodDeleting,
		lab.FactPodDeleted, lab.FactProbeFailed, lab.FactProbeRecovered, lab.FactKilling, lab.FactRestarted, lab.FactReplicas,
		lab.FactEndpointJoined, lab.FactEndpointLeft, lab.FactStepEntered, lab.FactGoalMet, lab.FactStepDone, lab.FactLabDone,
		lab.FactDenied, lab.FactProbing, lab.FactUntold,
	} {
		told := course.Tell(nil, lab.Fact{Kind: kind})
		if told.Said.Ko == "" || told.Said.En == "" || told.Said.En == string(kind) {
			t.Errorf("%s: %+v", kind, told)
		}
	}
}
