package course

import (
	"strings"

	"healthlab/lab"
)

// Telling is a fact in words, in parts that a face puts together as it is seen or heard. None of them ends with a stop.
type Telling struct {
	// Subject is the name of whom it is about; empty if Said speaks of that, and then begins with a small letter.
	Subject string
	Said    lab.Text
	// Why is the reason; zero if there is none to tell.
	Why lab.Text
}

// Line is a telling in one line.
func (t Telling) Line() lab.Text {
	out := t.Said
	if t.Subject != "" {
		out = lab.Text{Ko: t.Subject + ": " + out.Ko, En: t.Subject + ": " + out.En}
	}
	if !t.Why.IsZero() {
		out = lab.Text{Ko: out.Ko + " — " + t.Why.Ko, En: out.En + " — " + t.Why.En}
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
		return said("클러스터 %s에 연결되었습니다", "connected to cluster %s", f.Cluster)
	case lab.FactClusterLost:
		return Telling{Said: lab.Text{
			Ko: "클러스터 연결이 끊겼습니다: " + f.Problem.Ko, En: "the connection to the cluster is lost: " + f.Problem.En,
		}}
	case lab.FactClusterEnded:
		return Telling{Said: lab.Text{
			Ko: "클러스터가 스스로 멈췄습니다: " + f.Problem.Ko, En: "the cluster has stopped by itself: " + f.Problem.En,
		}}
	case lab.FactClusterFailed:
		return Telling{Said: f.Problem}
	case lab.FactDenied:
		return said("%s 리소스를 볼 권한이 없습니다", "there is no permission to watch %s", f.Resource)
	case lab.FactFinding:
		if f.Finding == nil {
			return Telling{}
		}
		return Telling{Said: lab.Text{
			Ko: f.Finding.Subject.Ko + ": " + f.Finding.Found.Ko, En: f.Finding.Subject.En + ": " + f.Finding.Found.En,
		}, Why: f.Finding.Without}
	case lab.FactReplicas:
		d := f.Replicas
		const counts = "Replicas %d desired | %d updated | %d total | %d available | %d unavailable"
		return of(d.Name, counts, counts, d.Desired, d.Updated, d.Total, d.Available, d.Unavailable)
	case lab.FactEndpointJoined:
		return said("서비스 %s: %s(%s) 엔드포인트가 들어왔습니다", "service %s: endpoint %s (%s) joined",
			f.Endpoint.Service, f.Endpoint.Address, f.Endpoint.Pod)
	case lab.FactEndpointLeft:
		return said("서비스 %s: %s(%s) 엔드포인트가 빠졌습니다", "service %s: endpoint %s (%s) left",
			f.Endpoint.Service, f.Endpoint.Address, f.Endpoint.Pod)
	case lab.FactCommand, lab.FactCommandFailed:
		return Telling{Said: commandName(f.Command), Why: f.Problem}
	case lab.FactCommandCut:
		return Telling{Said: commandName(f.Command), Why: lab.Text{Ko: "취소했습니다", En: "canceled"}}
	default:
		return tellLab(labs, f)
	}
}

// commandName is a task's line or, without one, its title.
func commandName(t lab.FactTask) lab.Text {
	if t.Line != "" {
		return lab.Text{Ko: t.Line, En: t.Line}
	}
	return t.Title
}

// tellPod tells what happened to a pod.
func tellPod(f lab.Fact) (Telling, bool) {
	switch f.Kind {
	case lab.FactPodAdded:
		return of(f.Pod, "파드가 만들어졌습니다", "the pod was created"), true
	case lab.FactPodRunning:
		return of(f.Pod, "실행 중입니다 (%d/%d)", "running (%d/%d)", f.Ready, f.Total), true
	case lab.FactPodReady:
		return of(f.Pod, "준비되었습니다 (%d/%d)", "ready (%d/%d)", f.Ready, f.Total), true
	case lab.FactPodNotReady:
		return of(f.Pod, "준비되지 않은 상태가 되었습니다 (%d/%d)", "no longer ready (%d/%d)", f.Ready, f.Total), true
	case lab.FactPodDeleting:
		return of(f.Pod, "삭제 중입니다", "is being deleted"), true
	case lab.FactPodDeleted:
		return of(f.Pod, "삭제되었습니다", "deleted"), true
	case lab.FactProbeFailed:
		probe := lab.ProbeName(f.Probe)
		out := of(f.Pod, "%[1]s 실패 %[3]d번째", "%[2]s failed (no. %[3]d)", probe.Ko, probe.En, f.InRow)
		if f.InRow <= f.Threshold {
			out = of(f.Pod, "%[1]s 실패 %[3]d/%[4]d", "%[2]s failed %[3]d/%[4]d", probe.Ko, probe.En, f.InRow, f.Threshold)
		}
		out.Why = same(Gist(firstLine(f.Message)))
		return out, true
	case lab.FactProbeRecovered:
		probe := lab.ProbeName(f.Probe)
		return of(f.Pod, "%[1]s가 다시 성공합니다", "the %[2]s succeeds again", probe.Ko, probe.En), true
	case lab.FactKilling:
		probe := lab.ProbeName(f.Probe)
		return of(f.Pod, "%[1]s 실패로 컨테이너를 종료합니다. 유예 기간은 %[3]d초입니다",
			"killing the container because its %[2]s failed; the grace period is %[3]d s", probe.Ko, probe.En, int(f.Grace.Seconds())), true
	case lab.FactRestarted:
		return of(f.Pod, "컨테이너가 재시작되었습니다. RESTARTS %d, 이전 종료 코드 %d",
			"the container was restarted: RESTARTS %d, previous exit code %d", f.Restarts, f.ExitCode), true
	case lab.FactWarning:
		return Telling{Subject: f.Object, Said: same(Gist(firstLine(f.Message)))}, true
	default:
		return Telling{}, false
	}
}

// tellLab tells how far the student has come.
func tellLab(labs []lab.Lab, f lab.Fact) Telling {
	l, step := Find(labs, f.Lab, f.Step)
	theLab, theStep, theGoal := same(f.Lab), same(f.Step), same(f.Goal)
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
		return Telling{Said: lab.Text{Ko: theLab.Ko + " › " + theStep.Ko, En: theLab.En + " › " + theStep.En}}
	case lab.FactGoalMet:
		return Telling{Said: lab.Text{Ko: "목표 달성: " + theGoal.Ko, En: "goal met: " + theGoal.En}}
	case lab.FactStepDone:
		return Telling{Said: lab.Text{Ko: "단계 완료: " + theStep.Ko, En: "step done: " + theStep.En}}
	case lab.FactLabDone:
		return Telling{Said: lab.Text{Ko: "실습 완료: " + theLab.Ko, En: "lab done: " + theLab.En}}
	default:
		return Telling{Said: same(string(f.Kind))}
	}
}

func said(ko, en string, args ...any) Telling { return Telling{Said: lab.Textf(ko, en, args...)} }

func of(subject, ko, en string, args ...any) Telling {
	return Telling{Subject: subject, Said: lab.Textf(ko, en, args...)}
}

func same(s string) lab.Text { return lab.Text{Ko: s, En: s} }

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// Gist leaves of what the kubelet wrote about a probe that failed what matters: not which probe it was and the address that it
// asked, which are known anyway and would push the reason out of sight. Other messages stay as they are.
func Gist(message string) string {
	if _, rest, ok := strings.Cut(message, " probe failed: "); ok {
		message = rest
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
