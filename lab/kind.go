package lab

import "healthlab/probes"

// ProbeName is a kind of probe as the Kubernetes documentation calls it.
func ProbeName(kind probes.Kind) Text {
	switch kind {
	case probes.Startup:
		return Text{Ko: "스타트업 프로브", En: "startup probe"}
	case probes.Readiness:
		return Text{Ko: "준비성 프로브", En: "readiness probe"}
	default:
		return Text{Ko: "활성 프로브", En: "liveness probe"}
	}
}
