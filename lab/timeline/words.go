package timeline

import (
	"healthlab/lab"
	"healthlab/probes"
)

// Words is the point in words, short enough for a label: as a noun.
func (c PointCode) Words() lab.Text {
	switch c {
	case PointFault:
		return lab.T("장애", "fault")
	case PointFailure:
		return lab.T("첫 실패", "first failure")
	case PointVerdict:
		return lab.T("판정", "verdict")
	case PointStop:
		return lab.T("SIGTERM", "SIGTERM")
	case PointRestart:
		return lab.T("재시작", "restart")
	case PointStarted:
		return lab.T("시작 완료", "started")
	case PointLeft:
		return lab.T("엔드포인트에서 빠짐", "endpoint left")
	case PointRepair:
		return lab.T("복구", "repair")
	case PointSuccess:
		return lab.T("첫 성공", "first success")
	case PointReady:
		return lab.T("Ready", "Ready")
	case PointJoined:
		return lab.T("엔드포인트로 돌아옴", "endpoint joined")
	default:
		return lab.Same(lab.Printable(string(c)))
	}
}

// Words is the end in words: a sentence without a stop.
func (e End) Words() lab.Text {
	switch e {
	case EndReady:
		return lab.T("컨테이너가 다시 준비되었습니다", "the container is ready again")
	case EndRecovered:
		return lab.T("실패 횟수를 채우기 전에 프로브가 다시 성공했습니다", "the probe succeeded before it had failed often enough")
	case EndNothing:
		return lab.T("프로브가 아무것도 알아채지 못했습니다", "the probe noticed nothing")
	case EndStopped:
		return lab.T("컨테이너가 다른 이유로 끝났습니다", "the container ended for another reason")
	case EndAgain:
		return lab.T("재시작한 컨테이너에서 프로브가 다시 실패합니다", "the probe fails again in the restarted container")
	case EndLost:
		return lab.T("그 뒤로 알려진 것이 없습니다", "nothing more was heard of it")
	case EndGone:
		return lab.T("파드가 삭제되었습니다", "the pod was deleted")
	default:
		return lab.Same(lab.Printable(string(e)))
	}
}

// Words is the phase in words, short enough for a label.
func (p Phase) Words() lab.Text {
	switch p {
	case Creating:
		return lab.T("생성 중", "creating")
	case Running:
		return lab.T("실행 중", "running")
	case Stopping:
		return lab.T("종료 중", "stopping")
	case Ended:
		return lab.T("종료됨", "ended")
	case BackOff:
		return lab.T("재시도 대기", "back-off")
	default:
		return lab.Same(lab.Printable(string(p)))
	}
}

// Words is why less is known, in words.
func (k GapKind) Words() lab.Text {
	switch k {
	case GapLink:
		return lab.T("클러스터에 연결되어 있지 않았습니다", "there was no connection to the cluster")
	case GapDenied:
		return lab.T("볼 권한이 없습니다", "there is no permission to watch")
	case GapEntries:
		return lab.T("기록이 빠져 있습니다", "records are missing")
	case GapClock:
		return lab.T("시계가 다시 맞춰졌습니다", "the clock was set")
	default:
		return lab.Same(lab.Printable(string(k)))
	}
}

// TermWords is a term in words, short enough for a label: what is waited for.
func TermWords(code probes.TermCode) lab.Text {
	switch code {
	case probes.TermFault:
		return lab.T("장애가 끝날 때까지", "until the fault ends")
	case probes.TermDelay:
		return lab.T("남은 initialDelaySeconds", "what is left of initialDelaySeconds")
	case probes.TermTick:
		return lab.T("다음 시도까지", "until the next attempt")
	case probes.TermTimeout:
		return lab.T("timeoutSeconds까지 응답 없음", "no answer within timeoutSeconds")
	case probes.TermAnswer:
		return lab.T("응답에 걸린 시간", "time to answer")
	case probes.TermFailures:
		return lab.T("이어진 실패", "further failures")
	case probes.TermSuccesses:
		return lab.T("이어진 성공", "further successes")
	case probes.TermStartup:
		return lab.T("스타트업 프로브가 먼저 성공", "the startup probe comes first")
	case probes.TermPreStop:
		return lab.T("preStop 훅", "preStop hook")
	case probes.TermShutdown:
		return lab.T("SIGTERM 뒤 앱 종료", "the app ends after SIGTERM")
	case probes.TermGrace:
		return lab.T("유예 기간", "grace period")
	case probes.TermNotice:
		return lab.T("kubelet이 알아챌 때까지", "until the kubelet notices")
	case probes.TermBackOff:
		return lab.T("재시작 백오프", "restart back-off")
	case probes.TermJitter:
		return lab.T("우연한 지연", "random delay")
	case probes.TermCreation:
		return lab.T("컨테이너 생성", "container creation")
	default:
		return lab.Same(lab.Printable(string(code)))
	}
}

// ReasonWords is why something does not happen, in words: a sentence without a stop.
func ReasonWords(reason probes.Reason) lab.Text {
	switch reason {
	case probes.NeverSeen:
		return lab.T("TCP 프로브는 연결만 확인하고, 연결은 맺어집니다", "a TCP probe only asks for a connection, and gets one")
	case probes.NeverLate:
		return lab.T("timeoutSeconds 안에 제대로 응답합니다", "the answer is good and comes within timeoutSeconds")
	case probes.NeverEnough:
		return lab.T("failureThreshold를 채우기 전에 장애가 끝납니다", "the fault is over before failureThreshold is reached")
	case probes.NeverAsked:
		return lab.T("끝난 컨테이너에는 프로브를 실행하지 않습니다", "a container that has ended is not probed")
	case probes.NeverKills:
		return lab.T("준비성 프로브는 컨테이너를 종료하지 않습니다", "a readiness probe stops no container")
	case probes.NeverRestarts:
		return lab.T("restartPolicy에 따라 다시 시작하지 않습니다", "restartPolicy leaves the container ended")
	case probes.NeverStarts:
		return lab.T("앱이 다 뜨기 전에 매번 종료됩니다", "the app is killed each time before it is up")
	case probes.NeverRepaired:
		return lab.T("장애가 계속됩니다", "the fault goes on")
	case probes.NeverApplies:
		return lab.T("이 종류의 프로브와는 관계가 없습니다", "this kind of probe has nothing to do with it")
	default:
		return lab.Same(lab.Printable(string(reason)))
	}
}
