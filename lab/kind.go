package lab

import "healthlab/probes"

// ProbeName is a kind of probe as the Kubernetes documentation calls it.
func ProbeName(kind probes.Kind) Text {
	switch kind {
	case probes.Startup:
		return T("스타트업 프로브", "startup probe")
	case probes.Readiness:
		return T("준비성 프로브", "readiness probe")
	default:
		return T("활성 프로브", "liveness probe")
	}
}

// OutcomeWords is what came of an attempt.
func OutcomeWords(o probes.Outcome) Text {
	switch o {
	case probes.Success:
		return T("성공", "success")
	case probes.Failure:
		return T("실패", "failure")
	case probes.Unknown:
	}
	return T("알 수 없음", "unknown")
}

// Words is how a task stands.
func (s TaskState) Words() Text {
	switch s {
	case TaskRunning:
		return T("실행 중", "running")
	case TaskDone:
		return T("완료", "done")
	case TaskFailed:
		return T("실패", "failed")
	case TaskCanceled:
		return T("취소됨", "canceled")
	}
	return Same(Printable(string(s)))
}
