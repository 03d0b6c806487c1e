package course

import (
	"strings"

	"healthlab/lab"
	"healthlab/probes"
)

// Telling is a fact in words, in parts that a face puts together as it is seen or heard. None of them ends with a stop.
type Telling struct {
	// Subject is the name of what it is about; empty if Said speaks of that, and then begins with a small letter.
	Subject string
	Said    lab.Text
	// Why is the reason; zero if there is none to tell.
	Why lab.Text
}

// Line is a telling in one line.
func (t Telling) Line() lab.Text {
	out := t.Said
	if t.Subject != "" {
		out = lab.Textf("%s: %s", "%s: %s", t.Subject, out)
	}
	if !t.Why.IsZero() {
		out = lab.Textf("%s — %s", "%s — %s", out, t.Why)
	}
	return out
}

// Tell puts a fact into words. Names of what the labs do not have are told by their IDs.
func Tell(labs []lab.Lab, f lab.Fact) Telling {
	if told, ok := tellPod(f); ok {
		return told
	}
	switch f.Kind {
	case lab.FactClusterUp:
		return said(lab.Textf("클러스터 %s에 연결되었습니다", "connected to cluster %s", f.Cluster))
	case lab.FactClusterLost:
		return Telling{Said: lab.Textf("클러스터 연결이 끊겼습니다: %s", "the connection to the cluster is lost: %s", f.Problem)}
	case lab.FactClusterEnded:
		return Telling{Said: lab.Textf("클러스터가 스스로 멈췄습니다: %s", "the cluster stopped unexpectedly: %s", f.Problem)}
	case lab.FactClusterFailed:
		return Telling{Said: f.Problem}
	case lab.FactDenied:
		return said(lab.Textf("%s 리소스를 볼 권한이 없습니다", "no permission to watch %s", f.Resource))
	case lab.FactFinding:
		if f.Finding == nil {
			return Telling{}
		}
		return Telling{Said: lab.Textf("%s: %s", "%s: %s", f.Finding.Subject, f.Finding.Found), Why: f.Finding.Without}
	case lab.FactProbing:
		return said(probingWords(f.Probing))
	case lab.FactTraffic:
		return tellTraffic(f.Traffic)
	case lab.FactUntold:
		return Telling{Said: lab.T("kubelet이 한 시도를 하나씩 볼 수 없어 이벤트와 healthlab의 시도를 보여 줍니다",
			"the kubelet's attempts cannot be seen one by one; events and healthlab's own attempts are shown instead"), Why: f.Problem}
	case lab.FactReplicas:
		d := f.Replicas
		const counts = "Replicas %d desired | %d updated | %d total | %d available | %d unavailable"
		return of(d.Name, lab.Textf(counts, counts, d.Desired, d.Updated, d.Total, d.Available, d.Unavailable))
	case lab.FactEndpointJoined:
		return said(lab.Textf("서비스 %s: %s(%s) 엔드포인트가 들어왔습니다", "service %s: endpoint %s (%s) joined",
			f.Endpoint.Service, f.Endpoint.Address, f.Endpoint.Pod))
	case lab.FactEndpointLeft:
		return said(lab.Textf("서비스 %s: %s(%s) 엔드포인트가 빠졌습니다", "service %s: endpoint %s (%s) left",
			f.Endpoint.Service, f.Endpoint.Address, f.Endpoint.Pod))
	case lab.FactCommand, lab.FactCommandFailed:
		return Telling{Said: f.Command.Name(), Why: f.Problem}
	case lab.FactCommandCut:
		return Telling{Said: f.Command.Name(), Why: lab.T("취소했습니다", "canceled")}
	default:
		return tellLab(labs, f)
	}
}

// tellPod tells what happened to a pod.
func tellPod(f lab.Fact) (Telling, bool) {
	switch f.Kind {
	case lab.FactPodAdded:
		return of(f.Pod, lab.T("파드가 만들어졌습니다", "the pod was created")), true
	case lab.FactPodRunning:
		return of(f.Pod, lab.Textf("실행 중입니다 (%d/%d)", "running (%d/%d)", f.Ready, f.Total)), true
	case lab.FactPodReady:
		return of(f.Pod, lab.Textf("준비되었습니다 (%d/%d)", "ready (%d/%d)", f.Ready, f.Total)), true
	case lab.FactPodNotReady:
		return of(f.Pod, lab.Textf("준비되지 않은 상태가 되었습니다 (%d/%d)", "no longer ready (%d/%d)", f.Ready, f.Total)), true
	case lab.FactPodDeleting:
		return of(f.Pod, lab.T("삭제 중입니다", "is being deleted")), true
	case lab.FactPodDeleted:
		return of(f.Pod, lab.T("삭제되었습니다", "deleted")), true
	case lab.FactProbeFailed:
		probe := lab.ProbeName(f.Probe)
		out := of(f.Pod, lab.Textf("%s 실패 %d번째", "%s failed (no. %d)", probe, f.InRow))
		if f.InRow <= f.Threshold {
			out = of(f.Pod, lab.Textf("%s 실패 %d/%d", "%s failed %d/%d", probe, f.InRow, f.Threshold))
		}
		out.Why = lab.Same(Gist(firstLine(f.Message)))
		return out, true
	case lab.FactProbeRecovered:
		probe := lab.ProbeName(f.Probe)
		return of(f.Pod, lab.Textf("%s가 다시 성공합니다", "the %s succeeds again", probe)), true
	case lab.FactKilling:
		probe := lab.ProbeName(f.Probe)
		return of(f.Pod, lab.Textf("%s 실패로 컨테이너를 종료합니다. 유예 기간은 %d초입니다",
			"killing the container because its %s failed; the grace period is %d s", probe, int(f.Grace.Seconds()))), true
	case lab.FactRestarted:
		return of(f.Pod, lab.Textf("컨테이너가 재시작되었습니다. RESTARTS %d, 이전 종료 코드 %d",
			"the container was restarted: RESTARTS %d, previous exit code %d", f.Restarts, f.ExitCode)), true
	case lab.FactWarning:
		return Telling{Subject: f.Object, Said: lab.Same(Gist(firstLine(f.Message)))}, true
	default:
		return Telling{}, false
	}
}

// tellLab tells how far the student has come.
func tellLab(labs []lab.Lab, f lab.Fact) Telling {
	l, step := Find(labs, f.Lab, f.Step)
	theLab, theStep, theGoal := lab.Same(f.Lab), lab.Same(f.Step), lab.Same(f.Goal)
	if l != nil {
		theLab = l.Title
	}
	if step != nil {
		theStep = step.Title
		for _, g := range step.Goals {
			if g.ID == f.Goal {
				theGoal = g.Title
			}
		}
	}
	switch f.Kind {
	case lab.FactStepEntered:
		return Telling{Said: lab.Textf("%s › %s", "%s › %s", theLab, theStep)}
	case lab.FactGoalMet:
		return Telling{Said: lab.Textf("목표 달성: %s", "goal met: %s", theGoal)}
	case lab.FactStepDone:
		return Telling{Said: lab.Textf("단계 완료: %s", "step done: %s", theStep)}
	case lab.FactLabDone:
		return Telling{Said: lab.Textf("실습 완료: %s", "lab done: %s", theLab)}
	default:
		return Telling{Said: lab.Same(string(f.Kind))}
	}
}

func said(text lab.Text) Telling { return Telling{Said: text} }

func of(subject string, text lab.Text) Telling { return Telling{Subject: subject, Said: text} }

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// Gist leaves of what the kubelet wrote about a probe that failed what matters: not which probe it was and the address that it
// asked, which are known anyway and would push the reason out of sight. Other messages stay as they are.
func Gist(message string) string {
	if said, ok := probes.ReadEvent(message); ok && said.Outcome == probes.Failure {
		message = said.Message
	}
	if rest, ok := strings.CutPrefix(message, `Get "`); ok {
		if _, rest, ok := strings.Cut(rest, `": `); ok {
			message = rest
		}
	}
	if rest, ok := strings.CutPrefix(message, "dial tcp "); ok {
		if _, rest, ok := strings.Cut(rest, ": "); ok {
			message = strings.TrimPrefix(rest, "connect: ")
		}
	}
	message, _, _ = strings.Cut(message, " (Client.Timeout")
	return strings.TrimPrefix(message, "HTTP probe failed with ")
}
