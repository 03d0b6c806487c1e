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
